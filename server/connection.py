"""A client's connection: its requests are answered one after the other, as fast as it takes the answers.

What is read has bounds in time, as it has in size (`server.reading`), and so has what a client leaves unread.
All happens in the thread of the event loop: where another one reads what comes, each answer waits for two
more to wake up (`docs/decisions/0011`).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol, cast

from graph.errors import Her2kgError, RequestTimeout, StoreUnavailable
from server.reading import Reader
from server.writing import head

if TYPE_CHECKING:
    from collections.abc import Callable

    from server.reading import Incoming
    from server.writing import Fields

IDLE: Final = 30.0
"""Seconds that a request's header may take to arrive, and that a connection may be idle."""

LINGER: Final = 2.0
"""Seconds that a client has to close a connection on which nothing more is sent or read."""

SMALL: Final = 1 << 16
"""Bytes of a body that are copied to go out with their header."""

CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
NEVER: Final = float("inf")


class CutError(Exception):
    """An answer will not arrive whole; the word is how that is counted: `slow`, or `gone`."""


class Handler(Protocol):
    """Who answers requests: each by one call of `respond`, or of `begin`, `send` and `end`."""

    def serve(self, request: Incoming, connection: Connection) -> None:
        """Answer a request, now or later."""
        ...

    def refuse(self, request: Incoming, connection: Connection, error: Her2kgError) -> None:
        """Answer what is no request, or one that is not read to its end."""
        ...


class Connections(set["Connection"]):
    """Those that are open; `none` is set while there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.none = asyncio.Event()
        self.none.set()

    def add(self, connection: Connection, /) -> None:
        """One is open now."""
        super().add(connection)
        self.none.clear()

    def discard(self, connection: object, /) -> None:
        """One is not open any more."""
        super().discard(connection)
        if not self:
            self.none.set()


class Connection(asyncio.Protocol):
    """One connection; `patience` is how many seconds a body may take to arrive, and an answer to be taken.

    `others` are all that are open: this one is among them as long as it is, and beyond `most` of them it is
    told to come back later. `gone` is called if the client goes away before it has its answer. `address`
    is the client's, `local` the address and the port it came to.
    """

    def __init__(
        self,
        handler: Handler,
        loop: asyncio.AbstractEventLoop,
        patience: float,
        others: Connections,
        most: int,
    ) -> None:
        self._handler, self._loop, self._patience = handler, loop, patience
        self._others, self._most = others, most
        self._reader = Reader()
        self._current: Incoming | None = None  # what is being answered
        self._paused = self._lost = False
        self._drained: asyncio.Future[None] | None = None
        self._deadline, self._ticks_at = NEVER, NEVER
        self._timer: asyncio.TimerHandle | None = None
        self.gone: Callable[[], object] | None = None
        self.address, self.local = "", ("", 0)

    # The connection.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client is there."""
        self._transport = cast("asyncio.Transport", transport)
        self.address = (transport.get_extra_info("peername") or ("",))[0]
        self.local = (transport.get_extra_info("sockname") or self.local)[:2]
        self._within(IDLE)
        self._others.add(self)
        if len(self._others) > self._most:
            self._reader.refuse(
                StoreUnavailable(
                    f"This server has {self._most:,} connections, and takes no more.", mend="Try again later."
                )
            )
            self._next()

    def connection_lost(self, _: Exception | None) -> None:
        """The client has gone away, or the connection was ended here."""
        self._lost = True
        self._others.discard(self)
        self._reader.close()
        if self._timer is not None:
            self._timer.cancel()
        if (gone := self.gone) is not None:
            self.gone = None
            gone()

    def close(self) -> None:
        """End the connection as soon as what is being answered has gone out."""
        self._reader.stop()
        if self._current is None:
            self._transport.close()
        else:
            self._current.last = True

    def abort(self) -> None:
        """End the connection at once: what has not been sent never will be."""
        self._transport.abort()

    # Time.

    def _within(self, seconds: float) -> None:
        """Something has to happen in time, instead of what had to happen before."""
        now = self._loop.time()
        self._deadline = now + seconds
        if self._deadline < self._ticks_at:
            if self._timer is not None:
                self._timer.cancel()
            self._tick_in(seconds, now)

    def _mind(self) -> None:
        """Say what has to happen in time, as things are now."""
        reader = self._reader
        if self._current is None and self._paused:
            self._within(self._patience)
        elif reader.coming is not None:
            self._within(IDLE if reader.body is None else self._patience)
        elif self._current is None and not reader:
            self._within(IDLE)
        else:
            self._deadline = NEVER

    def _tick_in(self, seconds: float, now: float) -> None:
        self._ticks_at = now + seconds
        self._timer = self._loop.call_later(seconds, self._tick)

    def _tick(self) -> None:
        now = self._loop.time()
        left = self._deadline - now
        if left <= 0.001:
            self._deadline = NEVER
            self._expire()
            left = self._deadline - now
        if not self._lost:
            self._tick_in(max(0.001, min(left, IDLE)), now)

    def _expire(self) -> None:
        reader = self._reader
        if self._current is None and (reader.deaf or self._paused):
            self._transport.abort()
        elif reader.coming is None:
            reader.stop()
            self._transport.close()
            self._within(LINGER)
        else:
            what = "header" if reader.body is None else "body"
            seconds = IDLE if reader.body is None else self._patience
            reader.refuse(
                RequestTimeout(
                    f"The request's {what} had not arrived after {seconds:g} seconds.",
                    mend="Send it in one go.",
                )
            )
            self._next()

    # What comes.

    def data_received(self, data: bytes) -> None:
        """Read on."""
        reader = self._reader
        stage = reader.stage
        reader.feed(data)
        if reader.stage != stage:
            if self._current is not None or not self._paused:  # else it has to take its last answer first
                self._mind()
            self._go_on()
            self._next()

    def _go_on(self) -> None:
        """Tell a client that waits for it to send its body, unless an earlier answer is due."""
        reader = self._reader
        if reader.expects and not reader.deaf and self._current is None and not reader:
            reader.expects = False
            self._transport.write(CONTINUE)

    # What goes.

    def _next(self) -> None:
        """Have the next request answered, if that may be."""
        if self._current is not None or self._paused or self._lost or not self._reader:
            return
        request, error = self._reader.take()
        self._current = request
        if self._reader.coming is None:
            self._deadline = NEVER
        if error is None:
            self._handler.serve(request, self)
        else:
            self._handler.refuse(request, self, error)

    def respond(
        self, status: int, headers: Fields, body: bytes, length: int | None = None, own: Fields = ()
    ) -> bool:
        """Answer the request whole; False where nobody is there any more.

        Where a request wants the header alone, `length` is that of the body it would have; None where that
        is not known.
        """
        if self._lost or self._current is None:
            return False
        if status in {204, 304}:
            body, length = b"", None
        elif self._current.method == "HEAD":
            body = b""
        else:
            length = len(body)
        beginning = head(self._current, status, headers, own, length)
        if len(body) < SMALL:
            self._transport.write(beginning + body)
        else:
            self._transport.write(beginning)
            self._transport.write(body)
        self.end()
        return True

    def begin(self, status: int, own: Fields, length: int) -> bool:
        """Begin an answer whose body of `length` bytes follows; False where nobody is there any more."""
        if self._lost or self._current is None:
            return False
        self._transport.write(head(self._current, status, (), own, length))
        return True

    async def send(self, piece: bytes) -> None:
        """Send a piece of the body, and wait until the client has taken nearly all of it.

        CutError where it has gone away, or does not take it in `patience` seconds.
        """
        if self._lost:
            raise CutError("gone")
        self._transport.write(piece)
        if not self._paused:
            return
        self._drained = self._loop.create_future()
        try:
            async with asyncio.timeout(self._patience):
                await self._drained
        except TimeoutError:
            self._transport.abort()
            raise CutError("slow") from None
        finally:
            self._drained = None

    def end(self) -> None:
        """The answer has been given."""
        ended, self._current, self.gone = self._current, None, None
        if self._lost or ended is None:
            return
        if ended.last:
            self._finish()
        elif self._reader and not self._paused:
            self._loop.call_soon(self._next)
        else:
            if self._paused or self._reader.coming is None:
                self._mind()
            self._go_on()

    def _finish(self) -> None:
        """Close the connection, when the client has had time to read what was sent.

        Were it closed while something comes, what the system has not delivered yet would be lost (RFC 9112,
        9.6).
        """
        self._reader.stop()
        self._within(self._patience if self._transport.get_write_buffer_size() else LINGER)
        with suppress(OSError):  # it has gone away this moment
            self._transport.write_eof()

    def pause_writing(self) -> None:
        """The client is behind."""
        self._paused = True
        if self._current is None:
            self._mind()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._paused = False
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if self._current is None and not self._reader.deaf:
            self._mind()
        self._next()
        self._go_on()
