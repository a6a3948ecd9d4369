"""Who writes to a remote store, or reads where reading wants that: by basic or digest authentication, as it
asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator


class Credentials(httpx.Auth):
    """A user's name and password; sent only after the service has asked for them, and never shown."""

    def __init__(self, user: str, password: str) -> None:
        self._ways = {"digest": httpx.DigestAuth(user, password), "basic": httpx.BasicAuth(user, password)}
        self._way: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Ask as anybody first; what the service wants then is remembered."""
        if self._way is None:
            response = yield request
            if response.status_code != 401:
                return
            offered = response.headers.get("www-authenticate", "").lower()
            self._way = next((way for scheme, way in self._ways.items() if scheme in offered), None)
            if self._way is None:
                return
        yield from self._way.auth_flow(request)


def credentials(user: str, password: str) -> Credentials | None:
    """Credentials, where there are any."""
    return Credentials(user, password) if user or password else None
