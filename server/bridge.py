"""A request of granian's RSGI as a WSGI application sees it."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from server.visits import ENVIRON

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from granian.rsgi import Scope

    from server.visits import Visit


def call(
    app: WSGIApplication, scope: Scope, body: bytes, visit: Visit
) -> tuple[int, list[tuple[str, str]], bytes]:
    """The status, headers and body of a WSGI application's answer, as PEP 3333 has it."""
    host, _, port = (scope.server or "").rpartition(":")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode("utf-8", "surrogateescape").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": visit.client,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": visit.scheme or scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ENVIRON: visit,
    }
    for name, value in scope.headers.items():
        variable = name.upper().replace("-", "_")
        if variable == "CONTENT_TYPE":
            environ[variable] = value
        elif variable != "CONTENT_LENGTH":
            name = f"HTTP_{variable}"
            environ[name] = f"{environ[name]},{value}" if name in environ else value
    environ["HTTP_HOST"] = visit.host or scope.authority or environ.get("HTTP_HOST") or scope.server
    sent: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
        sent[:] = [int(status.split(" ", 1)[0]), headers]
        return lambda _: None

    chunks = app(environ, start_response)
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    status, headers = sent
    return status, [(name, value) for name, value in headers if name.lower() != "content-length"], content
