"""Where things of the timeline are: steps to pixels, lanes to rows, and back. No Qt."""

from dataclasses import dataclass
from typing import Final, Literal

NAMES: Final = 192
"""Width of the column of names, pixels."""
RULER: Final = 22
FILM: Final = 48
TOP: Final = RULER + FILM
"""Where lanes begin."""
ROW: Final = 34
"""Usual height of a lane."""
HEIGHTS: Final = (8, 18, ROW, 96)
"""Heights of a lane: one merged bar; bars and a name; all bars; with the pictures of all cameras."""
LEAD: Final = 10
"""Pixels left of node 0 and right of the last node, so that both can be grabbed."""
MOST_ZOOM: Final = 64.0
"""Pixels per step."""

Area = Literal["corner", "ruler", "film", "name", "lane", "empty"]


@dataclass(frozen=True, slots=True)
class Hit:
    """What is at a point."""

    area: Area
    row: int | None
    node: int
    """Nearest node, not below 0; whether the branch has it is for the caller to say."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """A window on steps and lanes; x and y in pixels of the widget."""

    width: int
    height: int
    rows: int
    first: float = 0.0
    """Step at the left edge of the tracks, fractions of a step; may be negative by the lead."""
    zoom: float = 4.0
    """Pixels per step."""
    scroll: int = 0
    """Pixels that lanes are scrolled up."""
    row: int = ROW
    """Height of a lane, one of HEIGHTS."""

    @property
    def track_width(self) -> int:
        """Pixels that steps can use."""
        return max(1, self.width - NAMES)

    @property
    def last(self) -> float:
        """Step at the right edge."""
        return self.first + self.track_width / self.zoom

    def x(self, node: float) -> float:
        """Pixel of a node."""
        return NAMES + (node - self.first) * self.zoom

    def node(self, x: float) -> float:
        """Node at a pixel, with fractions."""
        return self.first + (x - NAMES) / self.zoom

    def row_top(self, row: int) -> int:
        """Upper pixel of a lane."""
        return TOP + row * self.row - self.scroll

    def visible_rows(self) -> range:
        """Lanes of which something is to be seen."""
        low = max(0, self.scroll // self.row)
        high = min(self.rows, (self.scroll + max(0, self.height - TOP)) // self.row + 1)
        return range(low, max(low, high))

    def hit(self, x: float, y: float) -> Hit:
        """What is at a pixel."""
        node = max(0, round(self.node(x)))
        if y < TOP:
            if x < NAMES:
                return Hit("corner", None, node)
            return Hit("ruler" if y < RULER else "film", None, node)
        row = int(y - TOP + self.scroll) // self.row
        if not 0 <= row < self.rows:
            return Hit("empty", None, node)
        return Hit("name" if x < NAMES else "lane", row, node)


def fit_zoom(track_width: int, longest: int) -> float:
    """Pixels per step that show a whole episode, with room to grow so that a live run does not rescale every step."""
    room = 100
    while room < longest * 1.05:
        room = room * 5 // 4
    return max(1e-6, min(MOST_ZOOM, (track_width - 2 * LEAD) / room))


def tick_steps(zoom: float, dt: float, apart: float = 90.0) -> tuple[int, int]:
    """(labelled, small) tick distances in steps, so that labels are at least `apart` pixels apart.

    Labels fall on round seconds where a second is a whole number of steps.
    """
    per_second = round(1 / dt) if dt > 0 and abs(round(1 / dt) * dt - 1) < 1e-6 else 1
    choices = [1, 2, 5] + [per_second * k for k in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 3000, 6000, 12000)]
    for large in sorted({c for c in choices if c > 0}):
        if large * zoom >= apart:
            small = next((d for d in (10, 5, 4, 2) if large % d == 0 and large * zoom / d >= 10), 1)
            return large, large // small
    return choices[-1], choices[-1] // 5
