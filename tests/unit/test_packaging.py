"""What the repository promises about itself: locks, names at the root, and what never goes in."""

from __future__ import annotations

import re
import subprocess
import tomllib
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = {"requirements.lock": ("build",), "tests/requirements.lock": ("dev",)}
"""Each lock and the dependency groups of pyproject.toml it pins (the first pins the project's own, too)."""

AT_THE_ROOT = {
    *("ontology", "graph", "server", "shapes", "tests", "docs", ".ci", ".github"),
    *(
        "pyproject.toml",
        "requirements.lock",
        "hatch_build.py",
        "Makefile",
        "justfile",
        "Dockerfile",
        "compose.yaml",
    ),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "CITATION.cff", "SECURITY.md"),
    *(
        ".gitignore",
        ".gitattributes",
        ".python-version",
        ".dockerignore",
        ".pre-commit-config.yaml",
        ".editorconfig",
    ),
}
MACHINE_PATH = re.compile("/" + r"(?:work|farm|root|home/\w+|tmp/[a-z]\w*)/")
SENTENCE = 60
"""Characters: a line of a source document at least this long is a sentence, not a name or a heading."""


def git(checkout: Path, *arguments: str) -> list[str]:
    """The paths a git command lists; skips where the tests run outside a git checkout."""
    if not (checkout / ".git").exists():
        pytest.skip("skipped: this is not a git checkout")
    listed = subprocess.run(
        ["git", *arguments, "-z"], cwd=checkout, capture_output=True, text=True, check=True
    )
    return [path for path in listed.stdout.split("\0") if path]


@pytest.fixture(scope="module")
def tracked(checkout: Path) -> list[str]:
    """The files git knows, as they are in the working tree."""
    return [path for path in git(checkout, "ls-files") if (checkout / path).is_file()]


def requirement_name(requirement: str) -> str:
    """`Flask>=3.1` → `flask`, normalised as package indexes do."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def pins(lock: Path) -> dict[str, list[str]]:
    """Requirement line → its hashes."""
    entries: dict[str, list[str]] = {}
    for line in lock.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", " ")):
            current = entries.setdefault(line.rstrip(" \\"), [])
        elif line.strip().startswith("--hash="):
            current.append(line.strip(" \\"))
    return entries


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_is_exact_and_has_hashes(checkout: Path, lock: str) -> None:
    """A lock installs the same bytes everywhere."""
    entries = pins(checkout / lock)
    assert len(entries) > 20
    for requirement, hashes in entries.items():
        assert re.match(r"[a-z0-9-]+==[^ ]+( ;|$)", requirement), requirement
        assert hashes, f"{requirement} has no hash"
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", digest) for digest in hashes), requirement


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(checkout: Path, lock: str) -> None:
    """Anyone's index or mirror can serve it."""
    text = (checkout / lock).read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_dependency_of_the_project_is_pinned(checkout: Path, lock: str) -> None:
    """A dependency added to pyproject.toml without `make lock` is noticed."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text("utf-8"))
    wanted = [entry for group in LOCKS[lock] for entry in project["dependency-groups"][group]]
    if lock == "requirements.lock":
        wanted += project["project"]["dependencies"] + project["build-system"]["requires"]
    pinned = {requirement_name(requirement) for requirement in pins(checkout / lock)}
    assert {requirement_name(requirement) for requirement in wanted} <= pinned


def test_the_locks_agree(checkout: Path) -> None:
    """What both locks pin, they pin to the same version, or the second install would undo the first."""
    runtime, tests = (
        {requirement_name(pin): pin.split(" ;")[0] for pin in pins(checkout / lock)} for lock in LOCKS
    )
    both = runtime.keys() & tests.keys()
    assert both
    assert {name: runtime[name] for name in both} == {name: tests[name] for name in both}


def test_only_agreed_names_stand_at_the_root(tracked: list[str]) -> None:
    """A newcomer finds the rooms the documentation names and nothing else."""
    assert {path.split("/")[0] for path in tracked} <= AT_THE_ROOT


def test_git_ignores_nothing_of_ours(checkout: Path) -> None:
    """A pattern for build output must not hide a folder of the source, nor keep it from the wheel."""
    rooms = ("graph", "server", "ontology", "shapes", "tests")
    ignored = git(checkout, "ls-files", "--others", "--ignored", "--exclude-standard", *rooms)
    made = re.compile(r"(?:.*/)?(?:__pycache__|node_modules)/.*|server/static/dist/.*")
    assert [path for path in ignored if not made.fullmatch(path)] == []


def test_no_tracked_file_names_a_path_of_a_machine(checkout: Path, tracked: list[str]) -> None:
    """What works must work wherever the checkout stands."""
    found = []
    for path in tracked:
        text = (checkout / path).read_bytes().decode("utf-8", "replace")
        found += [f"{path}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


def test_no_tracked_file_has_a_sentence_of_the_source_documents(
    checkout: Path, tracked: list[str], shared_documents: list[Path]
) -> None:
    """Facts, labels and offsets of the source documents are published; their sentences are not ours."""
    lines = [
        line.strip() for document in shared_documents for line in document.read_text("utf-8").splitlines()
    ]
    sentences = {
        sentence[:SENTENCE]
        for line in lines
        for sentence in re.split(r"(?<=[.?!])\s+", line)
        if len(sentence) >= SENTENCE
    }
    assert len(sentences) > 50
    found = []
    for path in tracked:
        text = " ".join((checkout / path).read_bytes().decode("utf-8", "replace").split())
        found += [f"{path}: {sentence}" for sentence in sentences if sentence in text]
    assert found == []


def test_every_sample_document_says_what_it_is(checkout: Path) -> None:
    """Nobody may take a sample for medical advice, whatever its line ends and characters."""
    samples = sorted((checkout / "graph" / "data" / "documents").glob("*.txt"))
    assert len(samples) >= 4
    for sample in samples:
        first = sample.read_bytes().decode("utf-8").splitlines()[0]
        assert first == "Sample document — written for the her2kg project; not medical advice.", sample.name


def test_a_checkout_keeps_the_bytes_of_the_samples(checkout: Path) -> None:
    """A sample's digest is its identity: git must not change its line ends (one has CRLF, on purpose)."""
    attributes = (checkout / ".gitattributes").read_text("utf-8")
    assert "graph/data/documents/*.txt -text" in attributes.splitlines()
    samples = (checkout / "graph" / "data" / "documents").glob("*.txt")
    assert sum(b"\r\n" in sample.read_bytes() for sample in samples) == 1
