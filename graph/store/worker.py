"""A query worker: `python -m graph.store.worker FD` answers queries on one snapshot over the socket FD.

The first message it gets is its configuration; it opens the snapshot read-only, takes away from itself what
no query needs (`graph.store.isolation`), says it is ready, and answers one query after the other until the
socket closes. It can be killed at any moment. It imports only what it needs: a killed worker is replaced
while users wait.
"""

from __future__ import annotations

import os
import re
import select
import socket
import sys
import threading
from typing import Any, Final

import pyoxigraph as ox

from graph.store import isolation
from graph.store.frames import receive, send

POSITION: Final = re.compile(r"error at (?P<line>\d+):(?P<column>\d+)(?:: )?")
UNPROJECTED: Final = "in its SELECT projection"
FORMS: Final = {ox.QuerySolutions: "select", ox.QueryBoolean: "ask", ox.QueryTriples: "graph"}


class TooLargeError(Exception):
    """A result has grown over the limit."""


class Refused(Exception):
    """The answer cannot be given; `reply` is what the server is told."""

    def __init__(self, error: str, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.reply = {"error": error, "message": message, **facts}


class Buffer:
    """Where a result is written to, as long as it fits."""

    def __init__(self, limit: int) -> None:
        self.content = bytearray()
        self._limit = limit

    def write(self, chunk: bytes) -> int:
        """Take a chunk; past the limit, `TooLargeError`."""
        if len(self.content) + len(chunk) > self._limit:
            raise TooLargeError
        self.content += chunk
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back."""


def term(text: str) -> Any:
    """A term from its N-Triples form."""
    return next(iter(ox.parse(f"<x:s> <x:p> {text} .", ox.RdfFormat.N_TRIPLES))).object


def dataset(store: ox.Store, request: dict[str, Any]) -> tuple[ox.Store, dict[str, Any]]:
    """The store and the arguments that restrict a query to the request's graphs.

    The engine reads several default graphs one after the other, so that a triple in two of them is found
    twice; RDF wants their merge. They are merged in memory then, with the named graphs beside.
    """
    if request.get("default_graphs") is None:
        return store, {}
    default = [ox.NamedNode(iri) for iri in request["default_graphs"]]
    named = [ox.NamedNode(iri) for iri in request["named_graphs"]]
    if len(default) < 2:
        return store, {"default_graph": default, "named_graphs": named}
    merged = ox.Store()
    for origin in default:
        merged.extend(
            ox.Quad(q.subject, q.predicate, q.object)
            for q in store.quads_for_pattern(None, None, None, origin)
        )
    for origin in named:
        merged.extend(store.quads_for_pattern(None, None, None, origin))
    return merged, {"default_graph": ox.DefaultGraph(), "named_graphs": named}


def namespaces(triples: list[ox.Triple]) -> set[str]:
    """The IRIs of the triples, each up to its last slash or hash."""
    terms = {part for triple in triples for part in triple}
    terms |= {term.datatype for term in terms if isinstance(term, ox.Literal)}
    iris = (term.value for term in terms if isinstance(term, ox.NamedNode))
    return {iri[: max(iri.rfind("/"), iri.rfind("#")) + 1] for iri in iris}


def answer(
    store: ox.Store, request: dict[str, Any], config: dict[str, Any]
) -> tuple[dict[str, Any], bytearray]:
    """One query's result as the header and body of a reply, or `Refused`."""
    store, graphs = dataset(store, request)
    prefixes = config["prefixes"]
    result = store.query(
        request["query"],
        base_iri=config["base"],
        prefixes=prefixes,
        substitutions={ox.Variable(name): term(text) for name, text in request["bindings"].items()},
        **graphs,
    )
    form = FORMS[type(result)]
    media_type = request["triples" if form == "graph" else "solutions"]
    if media_type is None:
        raise Refused("format", form=form)
    buffer = Buffer(config["result_bytes"])
    if isinstance(result, ox.QueryTriples):
        # sorted, so that Turtle groups by subject, a triple stands once, and the same data gives the same
        # bytes
        triples = sorted(set(result), key=str)
        used = namespaces(triples)
        prefixes = {prefix: iri for prefix, iri in prefixes.items() if iri in used}
        ox.serialize(triples, buffer, ox.RdfFormat.from_media_type(media_type), prefixes=prefixes)  # type: ignore[arg-type]
    else:
        result.serialize(buffer, ox.QueryResultsFormat.from_media_type(media_type))  # type: ignore[arg-type]
    return {"form": form, "media_type": media_type}, buffer.content


def reply(
    store: ox.Store, request: dict[str, Any], config: dict[str, Any]
) -> tuple[dict[str, Any], bytearray]:
    """One query's result, or what went wrong, as the header and body of a reply."""
    try:
        return answer(store, request, config)
    except Refused as refused:
        return refused.reply, bytearray()
    except TooLargeError:
        return {"error": "too large"}, bytearray()
    except MemoryError:
        return {"error": "memory"}, bytearray()
    except SyntaxError as error:
        message = str(error)
        place = POSITION.search(message)
        facts = {key: int(value) for key, value in place.groupdict().items()} if place else {}
        return {"error": "syntax", "message": POSITION.sub("", message), **facts}, bytearray()
    except RuntimeError as error:
        kind = "projection" if UNPROJECTED in str(error) else "engine"
        return {"error": kind, "message": str(error)}, bytearray()
    except OSError as error:
        return {"error": "storage", "message": str(error)}, bytearray()
    except BaseException as error:  # the engine's panics are BaseExceptions
        return {"error": "engine", "message": f"{type(error).__name__}: {error}"}, bytearray()


def leave_with(sock: socket.socket) -> None:
    """End this process as soon as the server is gone, even in the middle of a query."""
    poll = select.poll()
    poll.register(sock, getattr(select, "POLLRDHUP", select.POLLHUP))
    poll.poll()
    os._exit(0)


def main(descriptor: int) -> None:
    """Serve the socket `descriptor` until it closes."""
    isolation.no_core_dumps()
    isolation.die_with_parent()
    isolation.grow_stack()
    sock = socket.socket(fileno=descriptor)
    first = receive(sock)
    if first is None:
        return
    config = first[0]
    try:
        store = ox.Store.read_only(config["store"])
    except (OSError, RuntimeError) as error:
        send(sock, {"error": "storage", "message": str(error)})
        return
    threading.Thread(target=leave_with, args=(sock,), daemon=True).start()
    network = isolation.deny_network()
    memory = isolation.limit_memory(config["memory"])
    send(sock, {"ready": True, "network": network, "memory": memory})
    while (request := receive(sock)) is not None:
        header, body = reply(store, request[0], config)
        send(sock, header, memoryview(body))


if __name__ == "__main__":
    main(int(sys.argv[1]))
