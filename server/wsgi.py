"""The application for a WSGI server: `gunicorn --threads 16 'server.wsgi:create()'`."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from server import create_app
from server.settings import Settings
from server.stores import open_store

if TYPE_CHECKING:
    from flask import Flask


def create(settings: Settings | None = None) -> Flask:
    """The application over the store that the settings name; they come from the environment where none are
    given.

    Its query workers end with the process, however that ends. Raises UsageError, SnapshotError or
    StoreUnavailable.
    """
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    settings = settings or Settings.load()
    return create_app(settings, open_store(settings))
