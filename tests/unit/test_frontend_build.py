"""The build of the pages' scripts: done once, needed or not, and what is left where it cannot be done."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest

OUTPUT = Path("server/static/dist")


@pytest.fixture(scope="module")
def build(checkout: Path) -> Any:
    """The module of the build hook."""
    spec = importlib.util.spec_from_file_location("hatch_build", checkout / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with nothing but the sources of the scripts, and no way to npm's packages."""
    ignore = shutil.ignore_patterns("node_modules")
    shutil.copytree(checkout / "server" / "frontend", tmp_path / "server" / "frontend", ignore=ignore)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{probe.getsockname()[1]}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.delenv("HER2KG_FRONTEND", raising=False)
    return tmp_path


def hook(build: Any, root: Path) -> Any:
    """The hook as hatchling makes it."""
    return build.FrontendHook(str(root), {}, None, None, str(root), "wheel")


def test_without_a_way_to_npm_the_installation_goes_on_and_says_why(
    build: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old bundle is gone then, rather than served with new pages; where it is required, it fails."""
    (root / OUTPUT).mkdir(parents=True)
    (root / OUTPUT / "editor.js").write_text("old")
    hook(build, root).initialize("standard", {})
    left = [file.name for file in (root / OUTPUT).iterdir()]
    assert left == ["error.txt"]
    assert "npm could not fetch the packages" in (root / OUTPUT / "error.txt").read_text("utf-8")
    monkeypatch.setenv("HER2KG_FRONTEND", "require")
    with pytest.raises(build.NotBundled, match="npm could not fetch"):
        hook(build, root).initialize("standard", {})


def test_without_node_it_is_said_what_to_install(
    build: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the package nor the PATH has it."""
    monkeypatch.setattr(build.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(root))
    hook(build, root).initialize("standard", {})
    assert "There is no Node.js: install" in (root / OUTPUT / "error.txt").read_text("utf-8")


def test_nothing_is_fetched_when_it_is_to_be_skipped(
    build: Any, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even Node.js is asked for."""
    assert hook(build, root).dependencies() == [build.NODE]
    monkeypatch.setenv("HER2KG_FRONTEND", "skip")
    assert hook(build, root).dependencies() == []
    hook(build, root).initialize("standard", {})
    assert "HER2KG_FRONTEND=skip" in (root / OUTPUT / "error.txt").read_text("utf-8")


def test_a_bundle_is_made_once_until_its_sources_change(build: Any, root: Path) -> None:
    """The stamp is of the sources; what npm has put beside them does not count."""
    made = hook(build, root)
    (root / OUTPUT).mkdir(parents=True)
    for name in build.MADE:
        (root / OUTPUT / name).write_text(name)
    (root / OUTPUT / "stamp").write_text(made._digest())
    made.initialize("standard", {})
    assert made.dependencies() == []
    assert (root / OUTPUT / "editor.js").read_text() == "editor.js"
    (root / "server/frontend/node_modules").mkdir()
    (root / "server/frontend/node_modules/x.js").write_text("x")
    assert made._fresh()
    (root / "server/frontend/src/main.ts").write_text("changed")
    assert made.dependencies() == [build.NODE]


def test_the_bundle_names_the_licences_of_what_is_in_it(checkout: Path) -> None:
    """Each package that the lock says is needed at run time, with its text."""
    output = checkout / OUTPUT
    assert (output / "stamp").is_file(), (output / "error.txt").read_text("utf-8")
    licenses = (output / "licenses.txt").read_text("utf-8")
    package = json.loads((checkout / "server/frontend/package.json").read_text("utf-8"))
    for name in set(package["dependencies"]) - {"esbuild"}:
        assert re.search(rf"^{re.escape(name)} \d+\.\d+\.\d+ \(\w+\)$", licenses, re.MULTILINE), name
    assert licenses.count("WITHOUT WARRANTY") + licenses.count('"AS IS"') >= len(package["dependencies"]) - 1


def test_the_lock_of_the_scripts_names_no_address(checkout: Path) -> None:
    """Anyone's registry or mirror can serve it, and it serves the same bytes."""
    text = (checkout / "server/frontend/package-lock.json").read_text("utf-8")
    assert "://" not in re.sub(r'"url": "[^"]*"', "", text)
    packages = json.loads(text)["packages"]
    assert all("integrity" in entry for name, entry in packages.items() if name)
