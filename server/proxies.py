"""Who asks, where a proxy stands between: what it says of the client is believed, what a stranger says is
not.

The header fields are `Forwarded` (RFC 7239), or else `X-Forwarded-For`, `-Proto` and `-Host`.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MAX_HOPS: Final = 32
"""Entries of a chain of addresses that are read, from the server's end; no honest chain is longer."""

SITE_BITS: Final = 64
"""The part of an IPv6 address that is its network's: whoever has one address has all that share it."""

PORT: Final = re.compile(r"\[(?P<six>[^\]]*)\](?::\d+)?|(?P<four>[0-9.]+)(?::\d+)?")
PAIR: Final = re.compile(r'(?P<name>[A-Za-z-]+)\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^;,"\s]*))')
ELEMENT: Final = re.compile(r'(?:[^,"]|"[^"]*"?)+')
HOST: Final = re.compile(r"[A-Za-z0-9._~-]{1,255}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
SCHEMES: Final = frozenset({"http", "https"})
FIELDS: Final = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"})


@dataclass(frozen=True, slots=True)
class Origin:
    """What a request is, seen from the outside: `client` is an address (of IPv6, the network), `scheme` and
    `host` those that the client asked for; None where nobody trusted says.
    """

    client: str
    scheme: str | None = None
    host: str | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """What one proxy says of whoever it had the request from."""

    client: str = ""
    scheme: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Proxies:
    """The proxies that are believed: those of some `networks`, or whoever the last `count` of a chain are.

    The count is for a port that is reached through them only.
    """

    count: int = 0
    networks: tuple[Network, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.count or self.networks)

    def __str__(self) -> str:
        return ",".join(map(str, self.networks)) or str(self.count)

    def origin(self, peer: str, fields: Iterable[tuple[str, str]]) -> Origin:
        """Who asks by a connection from `peer`; `fields` by their names in lower case, some twice."""
        hops = _hops(fields)
        near, said = peer, Hop()
        for distance, hop in enumerate([*reversed(hops)][:MAX_HOPS]):
            if not self._trusted(near, distance):
                break
            if address(hop.client) is None:  # it hides, or lies: whoever reported it is the last one known
                said = hop
                break
            near, said = hop.client, hop
        return Origin(
            site(near),
            said.scheme if said.scheme in SCHEMES else None,
            said.host if HOST.fullmatch(said.host) else None,
        )

    def _trusted(self, text: str, distance: int) -> bool:
        if distance < self.count:
            return True
        found = address(text)
        return found is not None and any(found in network for network in self.networks)


class Reader:
    """Reads the origin of requests, many of which have the same."""

    def __init__(self, proxies: Proxies) -> None:
        self._origin = lru_cache(maxsize=4096)(proxies.origin)

    def __call__(self, peer: str, fields: Iterable[tuple[str, str]]) -> Origin:
        """What `Proxies.origin` says."""
        return self._origin(peer, tuple(field for field in fields if field[0] in FIELDS))


def parsed(text: str) -> Proxies:
    """The proxies of a setting: a number, or addresses and networks with commas between; ValueError."""
    if re.fullmatch(r"[0-9]{1,2}", text) and int(text) <= MAX_HOPS:
        return Proxies(count=int(text))
    try:
        networks = [ipaddress.ip_network(part.strip()) for part in text.split(",")]
    except ValueError:
        networks = []
    if not networks:
        raise ValueError(
            f"how many proxies there are (0 to {MAX_HOPS}), or their addresses and networks, with commas"
        )
    return Proxies(networks=tuple(networks))


@lru_cache(maxsize=4096)
def site(text: str) -> str:
    """An address as the one who asks is counted by: of IPv6, the network; what is none stays as it is."""
    found = address(text)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, SITE_BITS), strict=False))
    return text if found is None else str(found)


def address(text: str) -> Address | None:
    """An address, with or without a port; None for what is none. One of IPv4 within IPv6 is that of IPv4."""
    match = PORT.fullmatch(text)
    bare = (match["six"] or match["four"] or "") if match else text
    try:
        found = ipaddress.ip_address(bare)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, ipaddress.IPv6Address) else found


def _hops(fields: Iterable[tuple[str, str]]) -> list[Hop]:
    """The chain, the client's end first."""
    found: dict[str, list[str]] = {}
    for name, value in fields:
        if name in FIELDS:
            found.setdefault(name, []).append(value)
    if "forwarded" in found:
        return [_element(text) for text in ELEMENT.findall(",".join(found["forwarded"]))]
    schemes = _list(found.get("x-forwarded-proto", ()))
    hosts = _list(found.get("x-forwarded-host", ()))
    clients = _list(found.get("x-forwarded-for", [""] if schemes or hosts else ()))
    # a proxy that adds to one field and replaces another makes lists of different lengths: the ends match
    return [
        Hop(client, _at(schemes, place - len(clients)).lower(), _at(hosts, place - len(clients)))
        for place, client in enumerate(clients)
    ]


def _list(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",")]


def _at(values: list[str], place: int) -> str:
    """The entry at a place from the end, the first where there are fewer."""
    return values[max(place, -len(values))] if values else ""


def _element(text: str) -> Hop:
    pairs = {
        match["name"].lower(): match["plain"] if match["quoted"] is None else match["quoted"]
        for match in PAIR.finditer(text)
    }
    return Hop(pairs.get("for", ""), pairs.get("proto", "").lower(), pairs.get("host", ""))
