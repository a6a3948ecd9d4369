"""Dates in a reading: "January 2023" is 2023-01."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import date

from graph.extract.lexicon import Entry
from graph.extract.reading import Phrase, Reading

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
DATE = re.compile(
    rf"\b(?:(?P<month>{'|'.join(_MONTHS)}) (?:(?P<day>\d{{1,2}}), )?)?(?P<year>(?:19|20)\d\d)\b"
)


def build_date(reading: Reading, match: re.Match[str]) -> Phrase | None:
    """A phrase of family D, with the date as its label, as far as it goes (ISO 8601).

    A bare year counts only beside an agency; a day that the month does not have is left out.
    """
    if not match["month"] and "Y" not in reading.families:
        return None
    label = match["year"]
    if match["month"]:
        month = _MONTHS.index(match["month"]) + 1
        label += f"-{month:02d}"
        if match["day"]:
            with suppress(ValueError):
                label = date(int(match["year"]), month, int(match["day"])).isoformat()
    return Phrase("D", reading.span(match.start(), match.end()), (Entry("", "date", label),))
