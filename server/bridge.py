"""A request as a WSGI application sees it (PEP 3333)."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any

from server.visits import ENVIRON

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

    from server.visits import Visit


def call(app: WSGIApplication, visit: Visit) -> tuple[int, tuple[tuple[str, str], ...], bytes, int | None]:
    """The status, headers and body of the application's answer, and the length that it says the body has."""
    request = visit.request
    host, port = visit.connection.local
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": request.query_string.decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port),
        "SERVER_PROTOCOL": f"HTTP/{request.version}",
        "REMOTE_ADDR": visit.client,
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": visit.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        ENVIRON: visit,
    }
    for name, value in request.headers.items():
        if name == "content-type":
            environ["CONTENT_TYPE"] = value
        elif name != "content-length" and "_" not in name:  # `x_a` would pass for `x-a`
            environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    environ["HTTP_HOST"] = visit.host or f"{host}:{port}"
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
    kept, length = [], None
    for name, value in headers:
        if name.lower() == "content-length":
            length = int(value)
        else:
            kept.append((name, value))
    return status, (*kept,), content, length
