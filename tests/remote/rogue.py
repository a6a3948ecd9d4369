"""A service of ours that answers wrongly, byte by byte as it is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from graph.store import Form
from graph.store.remote.service import Body, Question, Service, client

SECONDS = 0.5
MAX_BYTES = 100_000


class Rogue:
    """What it was asked, and when somebody went away: each request is answered by the next script, the last one for ever.

    A script is bytes; `STALL` says nothing more and waits, `FLOOD` sends without end. The connection closes after it.
    """

    STALL = b"\0stall"
    FLOOD = b"\0flood"

    def __init__(self, scripts: Sequence[tuple[bytes, ...]]) -> None:
        self.scripts = list(scripts)
        self.requests: list[bytes] = []
        self.left = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line.partition(b":")[2])
            for line in head.lower().splitlines()
            if line.startswith(b"content-length")
        )
        self.requests.append(head + await reader.readexactly(length))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            for part in script:
                if part == self.STALL:
                    await reader.read()
                while part == self.FLOOD:
                    writer.write(b" " * 4096)
                    await writer.drain()
                if part not in {self.STALL, self.FLOOD}:
                    writer.write(part)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.left.set()
            writer.close()


@asynccontextmanager
async def rogue(*scripts: tuple[bytes, ...]) -> AsyncIterator[tuple[Rogue, Service]]:
    """A rogue that runs, and a service that asks it."""
    one = Rogue(scripts)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with client(None, 2) as http:
        yield one, Service(f"http://127.0.0.1:{port}/sparql", http)
    server.close()


def asked(form: Form = "select") -> Question:
    """A question with half a second's patience."""
    deadline = asyncio.get_running_loop().time() + SECONDS
    return Question("SELECT * {}", form, (), (), deadline, MAX_BYTES)


def answer(form: Form, *scripts: tuple[bytes, ...]) -> tuple[Rogue, Body]:
    """What a rogue with these scripts gives to a question."""

    async def ask() -> tuple[Rogue, Body]:
        async with rogue(*scripts) as (one, service):
            started = time.monotonic()
            try:
                return one, await service.ask(asked(form))
            finally:
                assert time.monotonic() - started < 10 * SECONDS

    return asyncio.run(ask())
