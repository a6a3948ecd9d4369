"""`her2kg serve`: the application on a port of this machine, until it is told to end."""

from __future__ import annotations

import errno
import http.client
import socket
import threading
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import click

from graph.errors import Her2kgError, SnapshotError, UsageError
from graph.store.snapshots import open_current
from server import create_app
from server.editor import notice
from server.journal import Journal
from server.rsgi import Application
from server.settings import ENVIRONMENT_ONLY, SETTINGS, Settings
from server.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graph.store import Store

GRACE_SECONDS: Final = 3
"""How long requests may take to end when the server is told to end."""

HEADER_SECONDS: Final = 30
"""How long a request's header may take to arrive, and how long a connection may be idle."""

CONNECTIONS: Final = 4096
"""Connections that are served at a time, as far as the system allows; more wait for them to end."""

OTHER_FILES: Final = 512
"""Open files that are no connections of clients: workers, snapshots, results."""

ASK_SECONDS: Final = 0.05
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
    require_free(settings.host, settings.port)
    if settings.store_url is None:
        require_published(settings.home, build=build)
    elif build:
        raise UsageError(
            "A remote store is not built from here.",
            where="--build",
            mend="Build with `her2kg build`, then put it there with `her2kg publish`.",
        )
    if status := run(settings):
        click.get_current_context().exit(status)


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


def require_free(host: str, port: int) -> None:
    """Raise what is wrong with an address to listen at: in use, not allowed, not of this machine."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise Her2kgError(
                f"Port {port} of {host} is in use.",
                mend="End the program that uses it, or choose another with --port.",
            ) from None
        if error.errno == errno.EACCES:
            raise Her2kgError(
                f"Port {port} may not be used by this user.", mend="Choose one above 1023."
            ) from None
        raise UsageError(
            f"{host}:{port} is no address of this machine: {error.strerror}.", where="--host"
        ) from None


def run(settings: Settings) -> int:
    """Serve until a signal ends it; the exit code."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    connections = room_for_connections()
    server = Granian(
        "server.rsgi:Application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.RSGI,
        loop=Loops.uvloop if find_spec("uvloop") else Loops.asyncio,
        workers=1,
        # looking for HTTP/2 first would have no end in time where a connection says nothing
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000),
        websockets=False,
        backlog=connections,
        backpressure=connections,
        log_level=LogLevels.error,
        workers_kill_timeout=GRACE_SECONDS,
    )
    try:
        server.serve(target_loader=partial(load, settings), wrap_loader=False)  # type: ignore[arg-type]
    except SystemExit as ended:  # granian's way of saying that its worker has failed
        return int(ended.code or 0)
    return 0


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


def load(settings: Settings, *_: Any) -> Application:
    """The application, in the process that serves it."""
    if lacking := notice():
        click.echo(f"note: {lacking}", err=True)

    def announced(store: Store) -> None:
        threading.Thread(target=announce, args=(settings, store), name="her2kg-announce", daemon=True).start()

    return Application(
        lambda loop: open_store(settings, loop=loop),
        lambda store: create_app(settings, store),
        announced,
        proxies=settings.proxies,
        journal=Journal(settings.log, settings.log_format),
        patience=settings.query_timeout,
        room=settings.result_memory << 20,
    )


def announce(settings: Settings, store: Store) -> None:
    """Print the address as soon as the server answers at it."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - where to ask it
    patience = threading.Event()
    while True:
        connection = http.client.HTTPConnection(host, settings.port, timeout=5)
        try:
            connection.request("GET", "/health")
            if connection.getresponse().status < 500:
                break
        except OSError:
            pass
        finally:
            connection.close()
        patience.wait(ASK_SECONDS)
    shown = f"[{host}]" if ":" in host else host
    version = store.manifest().version
    click.echo(f"her2kg serves version {version} at http://{shown}:{settings.port}/ (Ctrl-C ends it)")
