"""`her2kg serve`: the application on a port of this machine, until it is told to end."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, cast

import click

from graph.errors import Her2kgError, SnapshotError, UsageError
from graph.store.snapshots import open_current
from server import create_app
from server.application import Application
from server.connection import Connection, Connections
from server.editor import notice
from server.journal import Journal
from server.settings import ENVIRONMENT_ONLY, SETTINGS, Settings
from server.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.store import Store

GRACE_SECONDS: Final = 3
"""How long requests may take to end when the server is told to end."""

CONNECTIONS: Final = 4096
"""Connections that are served at a time, as far as the system allows; more are told to come back later."""

UNSENT: Final = 1 << 17
"""Bytes of an answer that the system keeps for a client beyond those that are on their way."""

OTHER_FILES: Final = 512
"""Open files that are no connections of clients: workers, snapshots, results."""

FLAGS: Final = tuple(row for row in SETTINGS if row.name not in ENVIRONMENT_ONLY)


def _flags(command: Callable[..., None]) -> Callable[..., None]:
    for row in reversed(FLAGS):
        shown = "" if row.default is None else f" [default: {row.default}]"
        name = row.name.replace("_", "-")
        option = click.option(
            f"--{name}", row.name, metavar="VALUE", help=f"{row.help} (HER2KG_{row.name.upper()}){shown}"
        )
        command = option(command)
    return command


@click.command("serve")
@click.option(
    "--build", is_flag=True, help="Build from the released data and samples first if nothing is published."
)
@_flags
def command(*, build: bool, **flags: str | None) -> None:
    """Serve the published graph: pages, linked data and SPARQL.

    The address is printed once the server answers; Ctrl-C or SIGTERM ends it. A graph that is built meanwhile
    is taken up within a second.
    """
    settings = Settings.load(flags)
    with listening(settings.host, settings.port) as at:
        ready(settings, build=build)
        run(settings, at)


def ready(settings: Settings, *, build: bool) -> None:
    """Make sure that there is something to serve."""
    if settings.store_url is None:
        require_published(settings.home, build=build)
    elif build:
        raise UsageError(
            "A remote store is not built from here.",
            where="--build",
            mend="Build with `her2kg build`, then put it there with `her2kg publish`.",
        )


def require_published(home: Path, *, build: bool) -> None:
    """Make sure that there is a snapshot, by building one if that is wanted."""
    try:
        open_current(home)
    except SnapshotError:
        if not build:
            raise
        from graph.build.pipeline import build as build_graph

        click.echo("Nothing is published yet: building from the released data and the samples …", err=True)
        build_graph(None, home)


def listening(host: str, port: int) -> socket.socket:
    """A socket at an address, which does not listen yet; raises what is wrong with the address: in use, not
    allowed, not of this machine.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        found = socket.socket(family, kind)
        try:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(address)
        except OSError:
            found.close()
            raise
    except OSError as error:
        raise unusable(host, port, error) from None
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # what clients do not take is kept here, where it is counted
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT)
    return found


def unusable(host: str, port: int, error: OSError) -> Her2kgError:
    """What is wrong with an address."""
    if error.errno == errno.EADDRINUSE:
        return Her2kgError(
            f"Port {port} of {host} is in use.",
            mend="End the program that uses it, or choose another with --port.",
        )
    if error.errno == errno.EACCES:
        return Her2kgError(f"Port {port} may not be used by this user.", mend="Choose one above 1023.")
    return UsageError(f"{host}:{port} is no address of this machine: {error.strerror}.", where="--host")


def run(settings: Settings, at: socket.socket) -> None:
    """Serve at a socket until a signal ends it."""
    application = Application(
        lambda loop: open_store(settings, loop=loop),
        lambda store: create_app(settings, store),
        proxies=settings.proxies,
        journal=Journal(settings.log, settings.log_format),
        room=settings.result_memory << 20,
    )
    if lacking := notice():
        click.echo(f"note: {lacking}", err=True)
    with asyncio.Runner(loop_factory=new_loop()) as runner:
        store = application.open(runner.get_loop())
        try:
            runner.run(serve(settings, store, application, at))
        finally:
            application.close()


def new_loop() -> Callable[[], asyncio.AbstractEventLoop]:
    """What makes the event loop: libuv's where it is to be had."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop
    import uvloop

    return cast("Callable[[], asyncio.AbstractEventLoop]", uvloop.new_event_loop)


async def serve(settings: Settings, store: Store, application: Application, at: socket.socket) -> None:
    """Answer until SIGINT or SIGTERM comes, and then what has been asked already, for `GRACE_SECONDS`."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, told.set)
        except NotImplementedError:  # not every system's loop hears signals itself
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(told.set))
    most, connections = room_for_connections(), Connections()
    make = partial(Connection, application, loop, settings.query_timeout, connections, most)
    try:
        server = await loop.create_server(make, sock=at, backlog=most)
    except OSError as error:  # another program has begun to listen there meanwhile
        raise unusable(settings.host, settings.port, error) from None
    gc.collect()
    gc.freeze()  # what is here now stays, and need not be looked through again and again
    announce(at, store.manifest().version)
    await told.wait()
    server.close()
    for connection in [*connections]:
        connection.close()
    with suppress(TimeoutError):
        async with asyncio.timeout(GRACE_SECONDS):
            await connections.none.wait()
    for connection in [*connections]:
        connection.abort()


def room_for_connections() -> int:
    """How many connections there may be, after asking the system for as many open files as are allowed."""
    try:
        import resource
    except ImportError:  # no such limit
        return CONNECTIONS
    wanted = CONNECTIONS + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return CONNECTIONS
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return max(128, allowed - OTHER_FILES)


def announce(at: socket.socket, version: str) -> None:
    """Print the address at which the server answers now."""
    host, port = at.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - where to ask it
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"her2kg serves version {version} at http://{shown}:{port}/ (Ctrl-C ends it)")
