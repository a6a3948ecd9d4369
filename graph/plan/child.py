"""A process that reads queries for `graph.plan.reader`: `python -m graph.plan.child FD`.

It has no data and no network, and its memory is bounded; it ends when its socket closes, and can be killed at
any moment. Reading a query is slow to start with (rdflib takes some 0.2 s to import): one process reads them
all, one after the other.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from typing import Any, Final

from pyparsing import ParseBaseException

from graph.plan.algebra import understood
from graph.store import isolation
from graph.store.frames import receive, send
from graph.store.worker import leave_with

RECURSION: Final = 12_000
"""Calls within calls that rdflib's parser may make; the stack has room for them (`isolation.grow_stack`)."""


def reply(request: dict[str, Any]) -> dict[str, Any]:
    """What a query was understood to be, or in `problem` why it was not."""
    try:
        found = understood(request["query"], request["prefixes"], request["base"])
        json.dumps(found)
    except (RecursionError, MemoryError):
        return {"problem": "deep"}
    except ParseBaseException:
        return {"problem": "syntax"}
    except Exception as error:  # whatever rdflib trips over, the engine has understood
        return {"problem": "unknown", "message": f"{type(error).__name__}: {error}"[:300]}
    return found


def main(descriptor: int) -> None:
    """Serve the socket `descriptor` until it closes."""
    isolation.no_core_dumps()
    isolation.grow_stack()
    sock = socket.socket(fileno=descriptor)
    first = receive(sock)
    if first is None:
        return
    threading.Thread(target=leave_with, args=(sock,), daemon=True).start()
    isolation.deny_network()
    isolation.limit_memory(first[0]["memory"])
    sys.setrecursionlimit(RECURSION)
    send(sock, {"ready": True})
    while (request := receive(sock)) is not None:
        send(sock, reply(request[0]))


if __name__ == "__main__":
    main(int(sys.argv[1]))
