"""A query worker: `python -m graph.store.worker FD` answers queries on one snapshot over the socket FD.

The first message it gets is its configuration; it opens the snapshot read-only, takes away from itself what
no query needs (`graph.store.isolation`), says it is ready, and answers one query after the other until the
socket closes. It can be killed at any moment. It imports only what it needs: a killed worker is replaced
while users wait.
"""

from __future__ import annotations

import mmap
import os
import re
import select
import socket
import sys
import threading
import time
from typing import Any, Final

import pyoxigraph as ox

from graph.store import isolation
from graph.store.frames import CHUNK, Incoming, frame, receive, send

POSITION: Final = re.compile(r"error at (?P<line>\d+):(?P<column>\d+)(?:: )?")
UNPROJECTED: Final = "in its SELECT projection"
SPOOLED: Final = 1 << 20
"""Bytes from which on a result goes to a file in memory, which is handed over instead of sent."""

LINES: Final = 4096
"""Triples that are written at a time."""

LONG: Final = 5_000_000
"""Nanoseconds of processor time from which on a query may have left much behind."""

OPENED: Final = 4
"""Stores that a worker keeps open; the one it was started with is always among them."""

FORMS: Final = {ox.QuerySolutions: "select", ox.QueryBoolean: "ask", ox.QueryTriples: "graph"}


class TooLargeError(Exception):
    """A result has grown over the limit."""


class Refused(Exception):
    """The answer cannot be given; `reply` is what the server is told."""

    def __init__(self, error: str, message: str = "", **facts: Any) -> None:
        super().__init__(message)
        self.reply = {"error": error, "message": message, **facts}


class Buffer:
    """Where a result is written to, as long as it fits: at first here, then in a file in memory."""

    def __init__(self, limit: int) -> None:
        self.content = bytearray()
        self.spool: int | None = None
        self.length = 0
        self._limit = limit

    def write(self, chunk: bytes) -> int:
        """Take a chunk; past the limit, `TooLargeError`."""
        self.length += len(chunk)
        if self.length > self._limit:
            raise TooLargeError
        self.content += chunk
        if len(self.content) > SPOOLED:
            self._spill()
        return len(chunk)

    def close(self) -> None:
        """The result is whole, or will never be."""
        if self.spool is not None:
            os.close(self.spool)

    def flush(self) -> None:
        """Nothing is held back from the reader that it needs before `whole`."""

    def whole(self) -> bytearray:
        """What is to be sent with the reply: the content, or nothing where it is spooled."""
        if self.spool is not None:
            self._spill()
        return self.content

    def rows(self, media_type: str) -> int | None:
        """How many rows the result has; None where that cannot be told."""
        from graph.store import rows  # most workers are not asked for it

        if self.spool is None:
            return rows.count(self.content, media_type)
        self._spill()
        try:
            with mmap.mmap(self.spool, self.length, access=mmap.ACCESS_READ) as content:
                return rows.count(content, media_type)
        except (OSError, MemoryError):  # no room to look at it
            return None

    def _spill(self) -> None:
        if self.spool is None:
            self.spool = memory_file()
        rest = memoryview(self.content)
        while rest:
            rest = rest[os.write(self.spool, rest) :]
        self.content = bytearray()


class Lines:
    """Where triples are written to as N-Triples: each is kept once, and all are given back in order."""

    def __init__(self) -> None:
        self._whole: set[bytes] = set()
        self._begun: list[
            bytes
        ] = []  # the pieces of a line that is not whole yet: it may have millions of bytes

    def __len__(self) -> int:
        return len(self._whole)

    def write(self, chunk: bytes) -> int:
        """Take a chunk, which may end within a line."""
        first, *others = chunk.split(b"\n")
        self._begun.append(first)
        if others:
            self._whole.add(b"".join(self._begun))
            *whole, rest = others
            self._whole.update(whole)
            self._begun = [rest]
        return len(chunk)

    def flush(self) -> None:
        """Nothing is held back."""

    def give(self, buffer: Buffer) -> None:
        """Write all to the result."""
        lines = sorted(self._whole)
        for at in range(0, len(lines), LINES):
            buffer.write(b"\n".join(lines[at : at + LINES]) + b"\n")


def memory_file() -> int:
    """The descriptor of a file that is nowhere but in memory (or unlinked already)."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("her2kg-result")
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


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


def answer(store: ox.Store, request: dict[str, Any], config: dict[str, Any]) -> tuple[dict[str, Any], Buffer]:
    """One query's result as the header and body of a reply, or `Refused`."""
    store, graphs = dataset(store, request)
    query, prefixes = request["query"], config["prefixes"]
    if bindings := request["bindings"]:
        graphs["substitutions"] = {ox.Variable(name): term(text) for name, text in bindings.items()}
    # the engine reads each prefix anew for each query: most queries use few
    used = {name[:-1]: iri for name, iri in config["names"] if name in query}
    result = store.query(query, base_iri=config["base"], prefixes=used, **graphs)
    form = FORMS[type(result)]
    media_type = request["triples" if form == "graph" else "solutions"]
    if media_type is None:
        raise Refused("format", form=form)
    buffer = Buffer(config["result_bytes"])
    rows = None
    try:
        # triples are sorted, so that Turtle groups by subject, each stands once, and the same data gives the
        # same bytes
        if not isinstance(result, ox.QueryTriples):
            result.serialize(buffer, ox.QueryResultsFormat.from_media_type(media_type))  # type: ignore[arg-type]
        elif media_type == ox.RdfFormat.N_TRIPLES.media_type:
            lines = Lines()
            result.serialize(lines, ox.RdfFormat.N_TRIPLES)  # type: ignore[arg-type]
            lines.give(buffer)
            rows = len(lines)
        else:
            triples = sorted(set(result), key=str)
            spaces = namespaces(triples)
            named = {prefix: iri for prefix, iri in prefixes.items() if iri in spaces}
            ox.serialize(triples, buffer, ox.RdfFormat.from_media_type(media_type), prefixes=named)  # type: ignore[arg-type]
            rows = len(triples)
    except BaseException:
        buffer.close()
        raise
    header = {"form": form, "media_type": media_type}
    if request.get("rows") and form != "ask":
        header["rows"] = buffer.rows(media_type) if rows is None else rows
    return header, buffer


def reply(stores: Stores, request: dict[str, Any], config: dict[str, Any]) -> tuple[dict[str, Any], Buffer]:
    """One query's result, or what went wrong, as the header and body of a reply."""
    try:
        return answer(stores.get(request.get("store", config["store"])), request, config)
    except Refused as refused:
        header = refused.reply
    except TooLargeError:
        header = {"error": "too large"}
    except MemoryError:
        header = {"error": "memory"}
    except SyntaxError as error:
        message = str(error)
        place = POSITION.search(message)
        facts = {key: int(value) for key, value in place.groupdict().items()} if place else {}
        header = {"error": "syntax", "message": POSITION.sub("", message), **facts}
    except RuntimeError as error:
        kind = "projection" if UNPROJECTED in str(error) else "engine"
        header = {"error": kind, "message": str(error)}
    except OSError as error:
        header = {"error": "storage", "message": str(error)}
    except BaseException as error:  # the engine's panics are BaseExceptions
        header = {"error": "engine", "message": f"{type(error).__name__}: {error}"}
    return header, Buffer(0)


class Stores:
    """The stores a worker has open: its own, and those of other snapshots that it was asked about last."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._open = {own: ox.Store.read_only(own)}

    def get(self, path: str) -> ox.Store:
        """The store in a folder."""
        if path == self._own:
            return self._open[path]
        store = self._open.pop(path, None) or ox.Store.read_only(path)
        self._open[path] = store  # the last one asked for comes last
        if len(self._open) > OPENED:
            del self._open[next(known for known in self._open if known != self._own)]
        return store


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
    config["names"] = [(f"{name}:", iri) for name, iri in config["prefixes"].items()]
    try:
        stores = Stores(config["store"])
    except (OSError, RuntimeError) as error:
        send(sock, {"error": "storage", "message": str(error)})
        return
    threading.Thread(target=leave_with, args=(sock,), daemon=True).start()
    network = isolation.deny_network()
    memory = isolation.limit_memory(config["memory"])
    ready = {"ready": True, "network": network, "memory": memory, "processor_time": time.thread_time_ns()}
    send(sock, ready)
    roomy = isolation.address_space() + (config["memory"] << 20) // 4
    used = 0
    incoming = Incoming()
    while chunk := sock.recv(CHUNK):
        if (request := incoming.take(chunk)) is None:
            continue
        header, result = reply(stores, request[0], config)
        body = result.whole()
        before, used = used, time.thread_time_ns()
        header["processor_time"] = used
        if result.spool is None:
            send(sock, header, memoryview(body))
        else:
            socket.send_fds(sock, [frame(header | {"spooled": result.length})], [result.spool])
            result.close()
        if used - before > LONG and isolation.address_space() > roomy:
            return  # what a large query leaves behind would be missing to the next: a fresh worker takes over


if __name__ == "__main__":
    main(int(sys.argv[1]))
