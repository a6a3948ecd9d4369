"""What a query worker answers instead of a result, and the error each becomes."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any, Final

from graph.errors import (
    Her2kgError,
    NotAcceptable,
    QueryError,
    QueryOutOfMemory,
    QueryTimeout,
    QueryTooLarge,
    SnapshotError,
)
from graph.store import SOLUTIONS, TRIPLES

if TYPE_CHECKING:
    from collections.abc import Callable

    from graph.store import Limits

FORMS: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "select": ("a table of solutions", SOLUTIONS),
    "ask": ("yes or no", SOLUTIONS),
    "graph": ("triples", TRIPLES),
}


class LostError(Exception):
    """The worker was dead before the query reached it, or was ended from outside; another may be asked."""


def failure(header: dict[str, Any], query: str, limits: Limits) -> Her2kgError:
    """The error that a worker's reply to a query stands for; `header` has at least `error`."""
    return ERRORS.get(header["error"], _engine)(header | {"query": query}, limits)


def death(code: int, limits: Limits) -> Her2kgError | LostError:
    """The error for a worker that died over a query; `code` is negative for a signal, as Popen has it."""
    if code == -signal.SIGABRT:  # how the engine ends when it gets no more memory
        return _memory({}, limits)
    if code in {-signal.SIGSEGV, -signal.SIGBUS}:
        return QueryError(
            "The query is nested too deeply, or has too many parts.", mend="Split it, or use VALUES."
        )
    return LostError(f"ended with {code}")


def overrun(limits: Limits) -> QueryTimeout:
    """The error for a query that ran into its deadline."""
    return QueryTimeout(
        f"The query was stopped after {limits.timeout:g} seconds; there is no partial result.",
        mend="Ask for less: add a LIMIT, bind more terms, or avoid joins without a common variable.",
    )


def _syntax(header: dict[str, Any], _: Limits) -> QueryError:
    line, column = header.get("line"), header.get("column")
    expected = header["message"].removeprefix("expected ").removeprefix("one of ").split(", ")
    # among the words and characters the engine would have taken there may be a sentence: the reason
    reason = next((part for part in expected if " " in part and "[" not in part), "It is not SPARQL 1.1")
    if line is None or column is None:
        return QueryError(f"The query cannot be understood. {reason}.")
    rest = "\n".join(header["query"].split("\n")[line - 1 :])[column - 1 :].split()
    stop = f"before “{rest[0][:40]}”" if rest else "at its end"
    return QueryError(
        f"The query cannot be understood; reading it stopped {stop}. {reason}.",
        line=line,
        column=column,
        mend="The fault is there or shortly before.",
    )


def _memory(_: dict[str, Any], limits: Limits) -> QueryOutOfMemory:
    return QueryOutOfMemory(
        f"The query needed more than {limits.memory} MiB of memory; there is no partial result.",
        mend="Ask for less: add a LIMIT, or avoid sorting, grouping and joining large sets.",
    )


def _too_large(_: dict[str, Any], limits: Limits) -> QueryTooLarge:
    return QueryTooLarge(
        f"The result is larger than {limits.result_bytes:,} bytes; there is no partial result.",
        mend="Ask for it in pieces by ORDER BY, LIMIT and OFFSET.",
    )


def _not_acceptable(header: dict[str, Any], _: Limits) -> NotAcceptable:
    what, formats = FORMS[header["form"]]
    return NotAcceptable(
        f"The query's answer is {what}, and no format asked for can carry that.",
        mend=f"Accept one of {', '.join(formats.values())}.",
    )


def _projection(header: dict[str, Any], _: Limits) -> QueryError:
    return QueryError(f"A bound variable must be projected: {header['message']}.")


def _storage(header: dict[str, Any], _: Limits) -> SnapshotError:
    return SnapshotError(
        f"The published data cannot be read: {header['message']}.", mend="Run `her2kg build`."
    )


def _engine(header: dict[str, Any], _: Limits) -> QueryError:
    return QueryError(f"The query cannot be evaluated: {header['message']}.")


ERRORS: Final[dict[str, Callable[[dict[str, Any], Limits], Her2kgError]]] = {
    "syntax": _syntax,
    "memory": _memory,
    "too large": _too_large,
    "format": _not_acceptable,
    "projection": _projection,
    "storage": _storage,
    "engine": _engine,
}
