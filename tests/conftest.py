"""What every test may use, and the rule that in continuous integration (`HER2KG_CI`) nothing is skipped."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
BUILD_SECONDS = 300
IN_CI = bool(os.environ.get("HER2KG_CI"))


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the checkout."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the checkout: the source documents and the reference files (not published)."""
    folder = CHECKOUT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("skipped: ../shared is not here")
    return folder


@pytest.fixture(scope="session")
def shared_documents(shared: Path) -> list[Path]:
    """The source documents, by name."""
    return sorted((shared / "documents").glob("*.txt"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--golden-update` writes what is found into the golden files, to be read over before it is kept."""
    parser.addoption("--golden-update", action="store_true", help="rewrite tests/golden from what is found")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with what a fresh clone builds, by the command; to be read only."""
    home = tmp_path_factory.mktemp("built")
    command = [Path(sys.executable).with_name("her2kg"), "build", "--home", home, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_SECONDS)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home


class Tally:
    """Counts the browser tests that ran and notes what was skipped, at collection or later."""

    def __init__(self) -> None:
        self.browser = 0
        self.skipped: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that was skipped whole."""
        self._note(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; count a browser test."""
        self._note(report)
        if report.when == "call" and "browser" in report.keywords and not report.skipped:
            self.browser += 1

    def _note(self, report: pytest.CollectReport | pytest.TestReport) -> None:
        if report.skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else "expected to fail"
            self.skipped.append(f"{report.nodeid}: {reason}")

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In continuous integration a skipped test counts as failed."""
        if IN_CI and self.skipped and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how many browser tests ran and, in continuous integration, what was skipped."""
        terminalreporter.write_line(f"browser tests: {self.browser} ran")
        if IN_CI and self.skipped:
            terminalreporter.section("skipped, which is a failure here", red=True)
            terminalreporter.write_line("\n".join(self.skipped))


def pytest_configure(config: pytest.Config) -> None:
    """Count from the start."""
    config.pluginmanager.register(Tally(), "her2kg-tally")
