"""Which store the settings name: the embedded one over the state folder, or a remote service."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

    from graph.store import Limits
    from graph.store.embedded import EmbeddedStore
    from graph.store.remote.store import RemoteStore
    from server.settings import Settings


def open_store(
    settings: Settings, limits: Limits | None = None, *, loop: asyncio.AbstractEventLoop | None = None
) -> EmbeddedStore | RemoteStore:
    """The store, for an event loop that runs already or for one of its own.

    Raises SnapshotError when nothing is published in the state folder, StoreUnavailable when the remote
    service is away or has nothing that is whole.
    """
    limits = limits or settings.limits
    if settings.store_url is None:
        from graph.store.embedded import EmbeddedStore

        return EmbeddedStore(settings.home, limits, loop=loop, rows=settings.log == "requests")
    from graph.store.remote.store import (
        RemoteStore,  # here: who has no remote store need not wait for its client
    )

    return RemoteStore(
        settings.store_url,
        settings.home,
        limits,
        user=settings.store_user or "",
        password=settings.store_password or "",
        loop=loop,
    )
