"""The beginnings of answers in HTTP/1.1: the first line and the header fields, as bytes."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from server.reading import Incoming

Fields = tuple[tuple[str, str], ...]
"""Header fields of an answer, in their order. Where an answer has two tuples of them, the first is one that
many others have: it is written once.
"""

PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}


def head(request: Incoming, status: int, headers: Fields, own: Fields, length: int | None) -> bytes:
    """The beginning of the answer to a request; ValueError for fields that are none.

    `length` is that of the body, in bytes; None where it is not said.
    """
    begin, date = _begin(status, headers), _date(int(time.time()))
    size = "" if length is None else f"Content-Length: {length}\r\n"
    stays = ""
    if request.last:
        stays = "Connection: close\r\n"
    elif request.version == "1.0":
        stays = "Connection: keep-alive\r\n"
    return f"{begin}{date}{_lines(own)}{size}{stays}\r\n".encode("latin-1")


@lru_cache(maxsize=256)
def _begin(status: int, headers: Fields) -> str:
    """The first line of an answer, and what many have alike."""
    return f"HTTP/1.1 {status} {PHRASES.get(status, '')}\r\n{_lines(headers)}"


def _lines(fields: Fields) -> str:
    """Header fields as they are sent; ValueError for what would be more of them."""
    text = "".join([f"{name}: {value}\r\n" for name, value in fields])
    if text.count("\n") != len(fields) or text.count("\r") != len(fields):
        raise ValueError("a header field of several lines")
    return text


@lru_cache(maxsize=1)
def _date(now: int) -> str:
    """The Date field of a second."""
    return f"Date: {formatdate(now, usegmt=True)}\r\n"
