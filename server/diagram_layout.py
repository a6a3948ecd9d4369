"""Where the boxes, lines and words of the drawn model stand, in pixels.

The places of the boxes are a table; a line is straight, and moves aside until it crosses no box and its words
cover no other words. Widths of words are estimated, since nothing here knows the reader's fonts.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

from rdflib import PROV

from graph.vocab import HER
from server.diagram_model import STATEMENT, Link, Model, short

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH: Final = 960
MARGIN: Final = 20
LINE: Final = 14
"""From one line of small text to the next."""
TITLE: Final = 22
"""From the top of a box to below its name."""
LETTER: Final = 6.5
"""The width of a letter of small text, a little more than the common fonts have."""
STEP: Final = 4
"""How far a line moves aside at a time."""

_BAND: Final = 20
"""The top of the upper band: what is said, and where."""
_PITCH: Final = 86
_ROW: Final = 56
_LEFT, _MIDDLE, _RIGHT = (40, 190), (410, 190), (720, 200)
_KINDS_WIDTH: Final = 210


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle by its upper left corner and size."""

    x: float
    y: float
    w: float
    h: float

    def meets(self, other: Rect, gap: float = 0) -> bool:
        """Whether the two come nearer than `gap`."""
        return (
            self.x < other.x + other.w + gap
            and other.x < self.x + self.w + gap
            and self.y < other.y + other.h + gap
            and other.y < self.y + self.h + gap
        )

    def holds(self, other: Rect) -> bool:
        """Whether the other lies within this one."""
        return (
            self.x <= other.x
            and self.y <= other.y
            and other.x + other.w <= self.x + self.w
            and other.y + other.h <= self.y + self.h
        )


@dataclass(frozen=True, slots=True)
class Box:
    """A class: its place, the group it is tinted by, whether others stand in it, and lines of small text."""

    iri: str
    place: Rect
    group: str
    around: bool = False
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """A line of text on an arrow; `iri` is None for narrower properties, which share one."""

    text: str
    iri: str | None = None


@dataclass(frozen=True, slots=True)
class Arrow:
    """A straight line from one box to another with its words, which are centred on `middle`."""

    link: Link
    start: tuple[float, float]
    end: tuple[float, float]
    words: tuple[Word, ...]

    @property
    def middle(self) -> tuple[float, float]:
        """Where the words stand."""
        return (self.start[0] + self.end[0]) / 2, (self.start[1] + self.end[1]) / 2

    def ground(self) -> Rect:
        """What the words cover."""
        x, y = self.middle
        w = max((len(word.text) for word in self.words), default=0) * LETTER + STEP
        h = len(self.words) * LINE
        return Rect(x - w / 2, y - h / 2, w, h)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is drawn, and how high it is."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    height: float


def classes() -> tuple[str, ...]:
    """The classes that have a place."""
    return tuple(_places(0))


def lay_out(model: Model) -> Plan:
    """Boxes and arrows for a model of `classes()`."""
    lines = _statement_lines(model)
    high = TITLE + LINE * len(lines) + 12
    boxes = {
        iri: Box(iri, place, group, around=iri in (str(HER.Thing), str(HER.Therapy)))
        for iri, (place, group) in _places(high).items()
    }
    boxes[STATEMENT] = replace(boxes[STATEMENT], lines=lines)
    notes: dict[str, list[str]] = {}
    apart: list[Link] = []
    for link in model.links.values():
        source, target = boxes[link.source], boxes[link.target]
        if not (source.place.holds(target.place) or target.place.holds(source.place)):
            apart.append(link)
        elif not link.is_subclass:
            inner = source if target.place.holds(source.place) else target
            notes.setdefault(inner.iri, []).extend(_note(link, inner.iri))
    thing = str(HER.Thing)
    if others := ", ".join(map(short, model.others(thing))):
        notes.setdefault(thing, []).append(f"also: {others}")
    for iri, said in notes.items():
        width = int((boxes[iri].place.w - 12) / LETTER)
        boxes[iri] = replace(
            boxes[iri], lines=tuple(chain.from_iterable(textwrap.wrap(text, width) for text in said))
        )
    bottom = max(box.place.y + box.place.h for box in boxes.values())
    return Plan(tuple(boxes.values()), _arrows(apart, boxes), bottom + MARGIN)


def _places(high: float) -> dict[str, tuple[Rect, str]]:
    """Every class's place and group; `high` is the height of the box of statements."""
    high = max(high, 3 * _PITCH + 20)
    top = _BAND + high + 62
    first = top + TITLE + 3 * LINE

    def row(column: tuple[int, int], at: float, rows: float = 1) -> Rect:
        return Rect(column[0], first + at * _PITCH, column[1], _ROW + (rows - 1) * _PITCH)

    def inner(at: float) -> Rect:
        return Rect(_LEFT[0] + 15, first + 50 + at * 152, _LEFT[1] - 30, 80)

    thing = Rect(MARGIN, top, WIDTH - 2 * MARGIN, first - top + 7 * _PITCH + _ROW + MARGIN)
    return {
        str(HER.Document): (Rect(MARGIN, _BAND, 130, high), "source"),
        str(HER.Source): (Rect(260, _BAND, 110, _ROW), "source"),
        str(HER.Evidence): (Rect(260, _BAND + _PITCH, 110, _ROW), "source"),
        str(HER.Gap): (Rect(260, _BAND + 2 * _PITCH, 110, _ROW), "source"),
        STATEMENT: (Rect(470, _BAND, _KINDS_WIDTH, high), "said"),
        str(HER.Polarity): (Rect(830, _BAND, 110, _ROW), "plain"),
        str(HER.Modality): (Rect(830, _BAND + _PITCH, 110, _ROW), "plain"),
        str(PROV.Activity): (Rect(830, _BAND + 2 * _PITCH, 110, _ROW), "source"),
        str(HER.Thing): (thing, "plain"),
        str(HER.Therapy): (row(_LEFT, 0, 8), "therapy"),
        str(HER.Drug): (inner(0), "therapy"),
        str(HER.DrugClass): (inner(1), "therapy"),
        str(HER.Treatment): (inner(2), "therapy"),
        str(HER.Regimen): (inner(3), "therapy"),
        str(HER.RouteKind): (row(_MIDDLE, 0), "plain"),
        str(HER.Setting): (row(_MIDDLE, 1), "plain"),
        str(HER.Aim): (row(_MIDDLE, 2), "plain"),
        str(HER.EffectKind): (row(_MIDDLE, 3), "plain"),
        str(HER.Target): (row(_MIDDLE, 4), "marker"),
        str(HER.Condition): (row(_MIDDLE, 5, 2), "disease"),
        str(HER.BiomarkerStatus): (row(_MIDDLE, 7), "marker"),
        str(HER.Decision): (row(_RIGHT, 0), "plain"),
        str(HER.Factor): (row(_RIGHT, 1), "plain"),
        str(HER.Organization): (row(_RIGHT, 2), "plain"),
        str(HER.Service): (row(_RIGHT, 3), "plain"),
        str(HER.Stage): (row(_RIGHT, 5), "disease"),
        str(HER.Extent): (row(_RIGHT, 6), "disease"),
        str(HER.Biomarker): (row(_RIGHT, 7), "marker"),
    }


def _statement_lines(model: Model) -> tuple[str, ...]:
    width = int((_KINDS_WIDTH - 12) / LETTER)
    kinds = f"{len(model.kinds)} kinds: " + ", ".join(map(short, model.kinds))
    slots = "slots of some kinds: " + ", ".join(sorted(map(short, model.slots)))
    return (*textwrap.wrap(kinds, width), "", *textwrap.wrap(slots, width))


def _note(link: Link, inner: str) -> Iterator[str]:
    """A link between a box and the one around it, or itself, as small text in the inner box."""
    for iri, _ in link.properties:
        if link.source == link.target:
            yield f"⟲ {short(iri)}"
        elif link.source == inner:
            yield f"→ {short(iri)} {short(link.target)}"
        else:
            yield f"← {short(iri)} {short(link.source)}"


def _words(link: Link) -> Iterator[Word]:
    for iri, narrower in link.properties:
        yield Word(short(iri), iri)
        for line in textwrap.wrap(", ".join(map(short, narrower)), 24):
            yield Word(line)


def _arrows(links: Iterable[Link], boxes: dict[str, Box]) -> tuple[Arrow, ...]:
    """The links between boxes that lie apart, the shortest first, since these can give way the least."""
    placed: list[Arrow] = []
    for link in sorted(links, key=lambda link: _distance(boxes[link.source].place, boxes[link.target].place)):
        ways = list(_ways(link, boxes[link.source].place, boxes[link.target].place))
        if ways:
            placed.append(min(ways, key=lambda way: _cost(way, placed, boxes)))
    return tuple(placed)


def _distance(one: Rect, other: Rect) -> float:
    across = max(one.x, other.x) - min(one.x + one.w, other.x + other.w)
    down = max(one.y, other.y) - min(one.y + one.h, other.y + other.h)
    return max(across, 0) + max(down, 0)


def _ways(link: Link, one: Rect, other: Rect) -> Iterator[Arrow]:
    """Straight lines between two boxes, those nearest to the middle of what they share first."""
    words = tuple(_words(link))
    low, high = max(one.y, other.y), min(one.y + one.h, other.y + other.h)
    left, right = (one.x + one.w, other.x) if one.x < other.x else (one.x, other.x + other.w)
    for y in _from_middle(low + 8, high - 8):
        yield Arrow(link, (left, y), (right, y), words)
    low, high = max(one.x, other.x), min(one.x + one.w, other.x + other.w)
    top, bottom = (one.y + one.h, other.y) if one.y < other.y else (one.y, other.y + other.h)
    for x in _from_middle(low + 8, high - 8):
        yield Arrow(link, (x, top), (x, bottom), words)


def _from_middle(low: float, high: float) -> Iterator[float]:
    middle = (low + high) / 2
    for away in range(0, max(int((high - low) / 2) + 1, 0), STEP):
        yield middle - away
        if away:
            yield middle + away


def _cost(way: Arrow, placed: Iterable[Arrow], boxes: dict[str, Box]) -> int:
    """How many boxes and other arrows' words a way runs into; a box around both its ends does not count."""
    (x1, y1), (x2, y2) = way.start, way.end
    line = Rect(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
    ends = (boxes[way.link.source].place, boxes[way.link.target].place)
    others = [
        box.place for box in boxes.values() if box.place not in ends and not all(map(box.place.holds, ends))
    ]
    words = way.ground()
    crossed = sum(place.meets(line) or place.meets(words, STEP) for place in others)
    covered = sum(words.meets(other.ground(), STEP) or line.meets(other.ground(), STEP) for other in placed)
    return 10 * crossed + covered
