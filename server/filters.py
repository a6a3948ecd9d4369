"""What the templates need beside Flask's own: kinds as words, dates as people write them, marked words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from graph.vocab import KINDS
from server import urls

if TYPE_CHECKING:
    from flask import Flask

MONTHS: Final = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
DATE: Final = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])(?:-(?P<day>0[1-9]|[12]\d|3[01]))?")
PLURALS: Final[dict[str, str]] = {
    "approval-status": "Approval statuses",
    "biomarker-status": "Biomarker statuses",
    "class": "Classes",
    "drug-class": "Drug classes",
    "frequency": "Frequencies",
    "modality": "Modalities",
    "polarity": "Polarities",
    "term": "Ontology terms",
}
CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def words(kind: str) -> str:
    """A kind as words: `drug-class` → “drug class”, `DecisionFactor` → “decision factor”."""
    return CAPITAL.sub(" ", kind).replace("-", " ").lower()


def plural(kind: str) -> str:
    """The heading of a list of a kind: `drug` → “Drugs”; also of the types of the ontology's terms."""
    if kind in PLURALS:
        return PLURALS[kind]
    text = words(kind)
    text = text[:-1] + "ies" if text.endswith("y") else text + "s"
    return text[0].upper() + text[1:] if text else text


def readable(text: str) -> str:
    """A date as people write it (`2023-01` → “January 2023”); any other text as it is."""
    found = DATE.fullmatch(text)
    if not found:
        return text
    day = f"{int(found['day'])} " if found["day"] else ""
    return f"{day}{MONTHS[int(found['month']) - 1]} {found['year']}"


def highlight(text: str, query: str) -> Markup:
    """`text` with the words of `query` in `<mark>`, everything escaped."""
    wanted = sorted({word for word in re.split(r"[^\w/+-]+", query) if len(word) > 1}, key=len, reverse=True)[
        :12
    ]
    if not wanted:
        return escape(text)
    pieces = re.split("(" + "|".join(map(re.escape, wanted)) + ")", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(pieces)
    )


def coded(text: str) -> Markup:
    """`text` with what stands between backticks in `<code>`, everything escaped."""
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else escape(piece)
        for place, piece in enumerate(text.split("`"))
    )


def init_app(app: Flask) -> None:
    """Give the templates these filters, the addresses as `urls`, the kinds of things as `kinds_of_things`."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        words=words, plural=plural, readable=readable, highlight=highlight, coded=coded
    )
    app.jinja_env.globals.update(urls=urls, kinds_of_things=KINDS)
