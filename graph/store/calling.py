"""Asking another SPARQL endpoint: one that is on the operator's list, at an address that was checked.

A name is resolved once, each of its addresses must be a public one, and the connection is made to the very
address that was checked, with TLS verified against the name. An address, or `localhost`, that the operator
wrote out is taken as it stands. No redirect is followed, no proxy used, and an answer is whole or an error.
"""

from __future__ import annotations

import asyncio
import importlib
import ipaddress
import socket
import ssl
from collections import Counter
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from graph.errors import QueryTooLarge, ServiceFailed, ServiceTimeout, TooManyQueries
from graph.store import JSON
from graph.store.federation import LESS, NOTHING, values

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from graph.store.federation import Call, Federated

MOST_BYTES: Final = 4 << 20
"""Bytes of one answer; 10,000 solutions are seldom more."""

SHARE: Final = 0.75
"""The part of the time that a query has left which one endpoint may take."""

AT_ONCE: Final = 8
CLIENT_AT_ONCE: Final = 4
"""Queries that wait for other endpoints at a time; of one client."""

CONTENT_TYPES: Final = (JSON, "application/json")
PORTS: Final = {"http": 80, "https": 443}
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
"""Addresses of IPv4 within IPv6: a gateway would call whatever is in them."""


class Caller:
    """Asks other endpoints for the parts of queries that are theirs; for one event loop."""

    def __init__(self) -> None:
        importlib.import_module("httpx")  # now, and not in the loop, which it would hold up
        _trust()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._clients: Counter[str] = Counter()

    async def solutions(self, asked: Federated, client: str, deadline: float) -> dict[str, str]:
        """The VALUES for each mark; `deadline` is on the loop's clock.

        Raises ServiceFailed, ServiceTimeout, QueryTooLarge, QueryRefused for blank nodes, TooManyQueries.
        """
        with self._one_more(client):
            return {call.mark: await self._values(call, deadline) for call in asked.calls}

    async def _values(self, call: Call, deadline: float) -> str:
        loop = asyncio.get_running_loop()
        until = loop.time() + SHARE * max(0.0, deadline - loop.time())
        try:
            try:
                async with asyncio.timeout_at(until), self._room:
                    answer = await _answer(call)
            except TimeoutError:
                raise ServiceTimeout(
                    f"<{call.endpoint}> did not answer its part of the query in time.",
                    mend=LESS,
                ) from None
            return await loop.run_in_executor(None, values, call, answer)
        except (ServiceFailed, ServiceTimeout):
            if call.silent:
                return NOTHING
            raise

    @contextmanager
    def _one_more(self, client: str) -> Iterator[None]:
        if self._clients[client] >= CLIENT_AT_ONCE:
            raise TooManyQueries(
                f"{CLIENT_AT_ONCE} queries of yours wait for other endpoints.", mend="Wait for one to end."
            )
        self._clients[client] += 1
        try:
            yield
        finally:
            self._clients[client] -= 1
            if not self._clients[client]:
                del self._clients[client]


async def _answer(call: Call) -> bytes:
    """The whole answer to a call; ServiceFailed for anything else."""
    import httpx  # here: only who calls others needs it

    url = httpx.URL(call.endpoint)
    addresses = await addresses_of(url.host, url.port or PORTS[url.scheme], call.endpoint)
    for place, address in enumerate(addresses):
        try:
            return await _asked(url.copy_with(host=str(address)), url, call)
        except httpx.ConnectError as error:
            if place + 1 == len(addresses):
                raise ServiceFailed(f"<{call.endpoint}> cannot be reached: {error}.") from None
        except httpx.HTTPError as error:
            what = str(error) or type(error).__name__
            raise ServiceFailed(f"<{call.endpoint}> did not answer properly: {what}.") from None
    raise ServiceFailed(f"<{call.endpoint}> has no address.")


async def _asked(there: httpx.URL, url: httpx.URL, call: Call) -> bytes:
    import httpx

    headers = {
        "Host": url.netloc.decode("ascii"),
        "Accept": JSON,
        "Accept-Encoding": "identity",  # what is compressed has no size before it is unpacked
        "User-Agent": "her2kg",
    }
    client = httpx.AsyncClient(verify=_trust(), trust_env=False, follow_redirects=False, timeout=None)  # noqa: S113 - the call has a deadline
    async with client:
        request = client.build_request("POST", there, data={"query": call.query}, headers=headers)
        request.extensions["sni_hostname"] = url.host
        response = await client.send(request, stream=True)
        try:
            _require_results(response, call)
            pieces, size = [], 0
            async for piece in response.aiter_raw():
                size += len(piece)
                if size > MOST_BYTES:
                    raise QueryTooLarge(
                        f"<{call.endpoint}> answered with more than {MOST_BYTES:,} bytes.", mend=LESS
                    )
                pieces.append(piece)
        finally:
            await response.aclose()
    return b"".join(pieces)


def _require_results(response: httpx.Response, call: Call) -> None:
    """Raise what is wrong with the head of an answer."""
    if response.is_redirect:
        raise ServiceFailed(
            f"<{call.endpoint}> redirects elsewhere, and redirects are not followed.",
            mend="The operator of this server can allow the address it redirects to.",
        )
    if response.status_code != 200:
        raise ServiceFailed(f"<{call.endpoint}> answered with the status {response.status_code}.")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media_type not in CONTENT_TYPES:
        raise ServiceFailed(
            f"<{call.endpoint}> answered with {media_type[:60] or 'no type'} instead of {JSON}."
        )
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise ServiceFailed(
            f"<{call.endpoint}> answered with compressed content, which it was not asked for."
        )


async def addresses_of(host: str, port: int, endpoint: str) -> list[Address]:
    """The addresses to connect to, all of them checked; ServiceFailed for a name without any, or with one
    that is not public.
    """
    if (written := _literal(host)) is not None:
        return [written]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ServiceFailed(f"The name of <{endpoint}> is not known.") from None
    addresses = list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in found))
    for address in addresses:
        if not (address.is_loopback if host.lower() == "localhost" else public(address)):
            raise ServiceFailed(
                f"The name of <{endpoint}> stands for an address that is not public, so it is not called.",
                mend="The operator of this server can allow the address itself.",
            )
    return addresses


def public(address: Address) -> bool:
    """Whether an address is one of the public internet, also when it is another one in disguise."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None or address in TRANSLATED or address.scope_id is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def endpoint(text: str) -> str:
    """The address of an endpoint as an operator may write it; ValueError for anything else."""
    parts = urlsplit(text)
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.fragment:
        raise ValueError("addresses of SPARQL endpoints, http or https, separated by spaces or commas")
    if parts.port == 0 or any(character in text for character in '<>"{}|\\^`') or not text.isascii():
        raise ValueError("addresses of SPARQL endpoints, http or https, separated by spaces or commas")
    return text


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that this system trusts."""
    return ssl.create_default_context()
