"""The settings, in one table: flags of `her2kg serve`, or `HER2KG_…` environment variables."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from graph.errors import UsageError
from graph.files import CANONICAL_BASE
from graph.store import Limits
from graph.store.calling import endpoint
from server import proxies
from server.proxies import Proxies

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ENVIRONMENT: Final = "HER2KG_"
HOME: Final = Path(".her2kg")
LOGGED: Final = ("off", "errors", "requests")


def whole(least: int, most: int) -> Callable[[str], int]:
    """A parser for whole numbers in a range."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """A positive number of seconds, up to an hour."""
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= 3600:
        raise ValueError("a number of seconds above 0, up to 3600")
    return float(text)


def folder(text: str) -> Path:
    """A folder that is there."""
    if not Path(text).is_dir():
        raise ValueError("a folder that exists")
    return Path(text)


def state(text: str) -> Path:
    """A folder that is there or can be made."""
    path = Path(text)
    if "\0" in text or (path.exists() and not path.is_dir()):
        raise ValueError("a folder, not a file")
    return path


def host(text: str) -> str:
    """A name or an address of this machine."""
    if not re.fullmatch(r"[A-Za-z0-9.:-]{1,255}", text):
        raise ValueError("a host name or an IP address")
    return text


def base(text: str) -> str:
    """An http(s) IRI that ends in a slash."""
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`#?]+/", text):
        raise ValueError("an http or https address that ends with a slash")
    return text


def endpoints(text: str) -> tuple[str, ...]:
    """Addresses of SPARQL endpoints."""
    return tuple(dict.fromkeys(endpoint(address) for address in re.split(r"[\s,]+", text.strip(" ,\t\r\n"))))


def one_of(*values: str) -> Callable[[str], str]:
    """A parser for a word of a few."""

    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(f"one of {', '.join(values)}")
        return text

    return parse


def service(text: str) -> str:
    """An http(s) address, without a password in it."""
    if not re.fullmatch(r"https?://[^\s<>\"{}|\\^`#/?]+(/[^\s<>\"{}|\\^`#]*)?", text):
        raise ValueError("an http or https address")
    if "@" in text.split("/")[2]:
        raise ValueError("without user and password: those are HER2KG_STORE_USER and HER2KG_STORE_PASSWORD")
    return text


def later(_: str) -> None:
    """For a setting whose part of her2kg does not exist yet."""
    raise ValueError("left unset: this version cannot do that yet")


def setting(default: Any, help: str, parse: Callable[[str], Any]) -> Any:  # noqa: A002 - the word the tools use
    """A row of the table of settings: a field of `Settings`."""
    return field(default=default, metadata={"help": help, "parse": parse}, repr="password" not in help)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; the field `query_timeout` is the flag `--query-timeout` and
    `HER2KG_QUERY_TIMEOUT`.
    """

    home: Path = setting(HOME, "State folder: the published snapshots.", state)  # noqa: RUF009
    base: str = setting(CANONICAL_BASE, "Base of all IRIs, ending with a slash (environment only).", base)
    store_url: str | None = setting(
        None, "A SPARQL service to use as the store: its address for queries.", service
    )
    store_data_url: str | None = setting(
        None, "Its address for the Graph Store Protocol, to publish.", service
    )
    store_user: str | None = setting(
        None, "Who writes to that service, or reads where it asks for that.", str
    )
    store_password: str | None = setting(None, "The password of that user (environment only).", str)
    database_url: str | None = setting(None, "The database of the curation ledger (not yet).", later)
    documents: Path | None = setting(None, "Folder of the texts this instance may show.", folder)  # noqa: RUF009
    query_timeout: float = setting(30.0, "Seconds a query may take in all.", seconds)
    query_memory: int = setting(1024, "MiB of memory a query may need.", whole(32, 1 << 20))
    query_workers: int = setting(3, "Short queries answered at a time, each by a process.", whole(1, 256))
    federation: tuple[str, ...] | None = setting(
        None, "Addresses of the SPARQL endpoints that SERVICE may call; none if unset.", endpoints
    )
    result_memory: int = setting(
        1024, "MiB of large results that may be held at once, to be sent.", whole(256, 1 << 20)
    )
    host: str = setting("127.0.0.1", "Address to listen at.", host)
    port: int = setting(8000, "Port to listen at.", whole(1, 65535))
    proxies: Proxies = setting(  # noqa: RUF009
        Proxies(),
        "Proxies whose word on the client is believed: how many, or their addresses and networks.",
        proxies.parsed,
    )
    log: str = setting(
        "errors", "Requests that are logged: off, errors, requests.", one_of("off", "errors", "requests")
    )
    log_format: str = setting("auto", "Form of the log: auto, json, text.", one_of("auto", "json", "text"))

    @classmethod
    def load(
        cls, flags: Mapping[str, str | None] | None = None, environment: Mapping[str, str] = os.environ
    ) -> Settings:
        """Read the settings: a flag goes before an environment variable, an empty variable counts as none.

        Raises UsageError with the name of the setting and what is wanted.
        """
        values: dict[str, Any] = {}
        for row in SETTINGS:
            text, source = (flags or {}).get(row.name), f"--{row.name.replace('_', '-')}"
            if text is None:
                source = ENVIRONMENT + row.name.upper()
                text = environment.get(source) or None
            if text is None:
                continue
            try:
                values[row.name] = row.parse(text)
            except ValueError as error:
                shown = re.sub(r"//[^/]*@", "//…@", text)
                raise UsageError(f"{shown!r} will not do; it must be {error}.", where=source) from None
        return cls(**values)

    @property
    def limits(self) -> Limits:
        """What one query may use."""
        return Limits(
            timeout=self.query_timeout,
            memory=self.query_memory,
            workers=self.query_workers,
            endpoints=self.federation or (),
        )


@dataclass(frozen=True, slots=True)
class Setting:
    """A row of the table: `parse` makes a value of its text, or raises ValueError with what is wanted."""

    name: str
    default: Any
    help: str
    parse: Callable[[str], Any]


SETTINGS: Final = tuple(
    Setting(row.name, row.default, row.metadata["help"], row.metadata["parse"]) for row in fields(Settings)
)
"""All settings, for the command line and the documentation."""

ENVIRONMENT_ONLY: Final = frozenset({"base", "store_password"})
"""Settings that are no flags: what all processes must agree on, and what others must not see in a list of
processes.
"""
