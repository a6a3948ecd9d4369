"""A text with its spans marked: nested where they nest, cut where they cross, so that HTML can hold them."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Mark:
    """A span, or one piece of it: `first` and `last` say whether the piece begins and ends the span.

    `kind` is `evidence`, or the class of a gap; `notes` are the numbers of the statements that rest on it.
    """

    start: int
    end: int
    kind: str = "evidence"
    notes: tuple[int, ...] = ()
    anchor: str = ""
    first: bool = True
    last: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """What comes next in the marked text: plain `text`, or a mark that opens or closes."""

    what: Literal["text", "open", "close"]
    text: str = ""
    mark: Mark | None = None


def tokens(text: str, marks: Iterable[Mark], *, offset: int = 0) -> Iterator[Token]:
    """The text that begins at `offset` of its document, with its marks opening and closing in proper nesting.

    A mark that crosses the end of another is cut there and goes on as a piece of its own; what lies
    outside the text is cut off, and empty marks are left out.
    """
    end = offset + len(text)
    clipped = (replace(mark, start=max(mark.start, offset), end=min(mark.end, end)) for mark in marks)
    pending = [
        (mark.start, -mark.end, place, mark) for place, mark in enumerate(clipped) if mark.start < mark.end
    ]
    heapq.heapify(pending)
    place = len(pending) + 1
    open_marks: list[Mark] = []
    at = offset
    while pending or open_marks:
        if open_marks and (not pending or open_marks[-1].end <= pending[0][0]):
            mark = open_marks.pop()
            if at < mark.end:
                yield Token("text", text[at - offset : mark.end - offset])
                at = mark.end
            yield Token("close", mark=mark)
            continue
        mark = heapq.heappop(pending)[-1]
        if open_marks and mark.end > (cut := open_marks[-1].end):
            rest = replace(mark, start=cut, first=False)
            heapq.heappush(pending, (rest.start, -rest.end, place, rest))
            place += 1
            mark = replace(mark, end=cut, last=False)
        if at < mark.start:
            yield Token("text", text[at - offset : mark.start - offset])
            at = mark.start
        yield Token("open", mark=mark)
        open_marks.append(mark)
    if at < end:
        yield Token("text", text[at - offset :])
