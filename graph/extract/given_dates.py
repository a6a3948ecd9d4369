"""Dates as documents print them: as ISO 8601, and no more precise than they were given."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_DAY: Final = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>(?:1[5-9]|20)\d\d)"
_FORMS: Final = (
    rf"{_MONTH} {_DAY},? {_YEAR}",
    rf"{_DAY} {_MONTH},? {_YEAR}",
    rf"{_YEAR} {_MONTH} {_DAY}",
    rf"{_YEAR}[-/](?P<number>\d{{1,2}})[-/]{_DAY}",
    rf"{_MONTH},? {_YEAR}",
    rf"{_YEAR} {_MONTH}",
    rf"{_YEAR}-(?P<number>\d{{2}})",
    _YEAR,
)
"""The forms of dates, a day before a month before a year; `3/4/2024` is none: nobody can tell its month."""

_READERS: Final = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)

DATE: Final = r"(?:{})".format("|".join(re.sub(r"\?P<\w+>", "?:", form) for form in _FORMS))
"""The same as one pattern without groups, for patterns that have a date in them (ignore case)."""


def iso_date(words: str) -> str | None:
    """`March 5, 2019` → `2019-03-05`, `May 2019` → `2019-05`; None for what is no day of the calendar."""
    words = words.strip(" .,;")
    for reader in _READERS:
        if match := reader.fullmatch(words):
            return _iso(match.groupdict())
    return None


def _iso(parts: dict[str, str | None]) -> str | None:
    year, month, day = int(parts["year"] or 0), 0, parts.get("day")
    if name := parts.get("month"):
        month = _MONTHS.index(name[:3].lower()) + 1
    elif number := parts.get("number"):
        month = int(number)
    if not month and not parts.get("number"):
        return str(year)
    try:
        whole = date(year, month, int(day or 1)).isoformat()
    except ValueError:
        return None
    return whole if day else whole[:7]
