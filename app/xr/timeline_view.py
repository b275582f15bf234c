"""What the timeline panel shows, as a frozen value: the head's branch, its parents, siblings and children.

Made from a TimelineModel on the thread that feeds it; cheap, because only the lanes that fit are looked at.
"""

import math
from dataclasses import dataclass
from itertools import count
from threading import Lock
from typing import Final
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from app.timeline.geometry import fit_zoom, tick_steps
from app.timeline.model import TimelineModel, episode_letter
from app.timeline.tracks import Summary, summarise
from app.timeline.words import KINDS, clock, counted
from app.xr.same import Keyed, Same
from app.xr.sizes import DENSITY, EDGE, TIMELINE
from core.branch_tree import Head, MarkerKind, Outcome, Review

ROWS: Final = 5
TRACKS: Final = 780
"""Width of the lanes, dmm; every x below counts from their left edge."""
COLUMNS: Final = round(TRACKS * DENSITY)
"""Pixels of a lane, one summary each."""
LEAD: Final = 10
"""Left of node 0, dmm."""
AROUND: Final = 40
"""Rows above and below the head's that are looked at: sessions may have ten thousand."""
LONGEST: Final = 600
"""Steps that are shown at once; of a longer episode the part around the head."""
PICTURE: Final = 64
"""Height of a picture of the film, dmm; pictures stand side by side."""
_SERIALS: Final[WeakKeyDictionary[TimelineModel, int]] = WeakKeyDictionary()
_COUNT: Final = count()
_LOCK: Final = Lock()


@dataclass(frozen=True, slots=True)
class LaneView:
    """One row."""

    branch: int
    label: str
    """A1, as the desktop's timeline has it."""
    colour: int
    """Number in theme.LANES, to be cycled."""
    name: str
    """Its own name, else its kind."""
    steps: str
    outcome: Outcome
    review: Review
    current: bool
    """The head stands on this branch."""
    on_path: bool
    """The head's branch, or one that it grew from."""
    parent_row: int | None
    """Row of the lane that it forks from, where that is shown."""
    start: float
    """x of its fork."""
    end: float
    """x of its last node."""
    bars: Keyed[Summary]
    """Who drove, trust and progress, (COLUMNS,) each."""
    marks: tuple[tuple[float, MarkerKind], ...]
    """(x, kind)."""


@dataclass(frozen=True, slots=True)
class TimelineView:
    """The panel; equal views look equal."""

    title: str = ""
    """"Episode B"."""
    place: str = ""
    """Of the head, "step 178 · 17.8 s"."""
    lanes: tuple[LaneView, ...] = ()
    hidden: int = 0
    """Branches of the episode that have no row here."""
    head: float | None = None
    """x of the head."""
    head_row: int | None = None
    scrub: float | None = None
    """x of a node that is looked at while the head stays."""
    film: tuple[tuple[float, Same[NDArray[np.uint8]]], ...] = ()
    """(x, picture (H, W, 3) RGB) along the path through the head's branch."""
    ticks: tuple[tuple[float, str], ...] = ()
    """(x, words)."""
    first: float = 0.0
    """Node at x = 0, with fractions."""
    zoom: float = 1.0
    """dmm per step."""

    def node(self, u: float) -> int:
        """The node under a share 0..1 of the panel's width, for pointing; not below 0."""
        return max(0, round(self.first + (u * TIMELINE[0] - (TIMELINE[0] - EDGE - TRACKS)) / self.zoom))


def view_of(model: TimelineModel, scrubbed: Head | None = None) -> TimelineView:
    """The view of a model now.

    Args:
        model: read, not changed.
        scrubbed: a node that is previewed while the head stays.
    """
    followed = model.followed
    if followed is None or model.row(followed) is None:
        return TimelineView()
    rows = _rows(model, followed)
    at = model.head.index if model.head is not None else 0
    first, zoom = _window(model.longest(), at)

    def x(node: float) -> float:
        return round((node - first) * zoom, 1)

    path = model.ancestors(followed)
    lanes = tuple(_lane(model, branch, rows, path, (first, zoom)) for branch in rows)
    head_lane = model.lane_of(model.head) if model.head is not None else None
    episodes = model.episodes()
    letter = episode_letter(episodes.index(model.episode)) if model.episode in episodes else "?"
    return TimelineView(
        title=f"Episode {letter}",
        place=f"step {at} · {clock(at * model.dt)}",
        lanes=lanes,
        hidden=len(model.lanes) - len(rows),
        head=x(at) if model.head is not None else None,
        head_row=rows.index(head_lane) if head_lane in rows else None,
        scrub=x(scrubbed.index) if scrubbed is not None else None,
        film=_film(model, followed, first, zoom),
        ticks=_ticks(first, zoom, model.dt),
        first=first,
        zoom=zoom,
    )


def _rows(model: TimelineModel, followed: int) -> list[int]:
    """The branches that get a row, in the order of the desktop's timeline.

    The head's branch and its parent always; then what else it grew from, its siblings and its children, then others,
    the nearest first.
    """
    here, middle = model.branch(followed), model.row(followed)
    assert middle is not None
    line = model.ancestors(followed)
    near = range(max(0, middle - AROUND), min(len(model.lanes), middle + AROUND + 1))
    rows = {model.lanes[row].branch: row for row in near}
    rows |= {branch: row for branch in line if (row := model.row(branch)) is not None}

    def rank(branch: int) -> tuple[int, int]:
        other = model.branch(branch)
        sibling = other.parent == here.parent and other.fork_step == here.fork_step
        close = other.parent == followed or sibling or branch in line
        kin = 0 if branch == followed else 1 if branch == here.parent else 2 if close else 3
        return kin, abs(rows[branch] - middle)

    return sorted(sorted(rows, key=rank)[:ROWS], key=lambda branch: rows[branch])


def _window(longest: int, head: int) -> tuple[float, float]:
    """(first node, dmm per step). A long episode is shown in pages, so that it does not slide under the eyes."""
    zoom = fit_zoom(TRACKS, longest)
    least = (TRACKS - 2 * LEAD) / LONGEST
    if zoom >= least:
        return -LEAD / zoom, zoom
    page = LONGEST // 2
    first = max(0, (head // page) * page - page // 2)
    return first - LEAD / least, least


def _lane(model: TimelineModel, branch: int, rows: list[int], path: set[int], window: tuple[float, float]) -> LaneView:
    first, zoom = window
    found, row = model.branch(branch), model.row(branch)
    lane = model.lanes[row] if row is not None else model.lanes[0]
    end, track = model.length(branch), model.track(branch)
    key = (_serial(model), branch, end, track.end, window)
    bars = summarise(track, end, first, 1 / (zoom * DENSITY), COLUMNS)
    return LaneView(
        branch=branch,
        label=lane.label,
        colour=lane.colour,
        name=found.name or KINDS[found.kind],
        steps=counted(end - found.fork_step, "step"),
        outcome=found.outcome,
        review=found.review,
        current=model.followed == branch,
        on_path=branch in path,
        parent_row=rows.index(found.parent) if found.parent in rows else None,
        start=round((found.fork_step - first) * zoom, 1),
        end=round((end - first) * zoom, 1),
        bars=Keyed(key, bars),
        marks=tuple((round((mark.index - first) * zoom, 1), mark.kind) for mark in found.markers),
    )


def _serial(model: TimelineModel) -> int:
    """A number of a model's own, so that another session's lanes are never taken for these."""
    with _LOCK:
        return _SERIALS.setdefault(model, next(_COUNT))


def _film(
    model: TimelineModel, followed: int, first: float, zoom: float
) -> tuple[tuple[float, Same[NDArray[np.uint8]]], ...]:
    """Pictures along the path through a branch, side by side."""
    sample = model.picture(followed, 0)
    if sample is None:
        return ()
    high, wide = sample[1].shape[:2]
    stride = max(1, math.ceil((PICTURE * wide / high + 4) / zoom))
    film = []
    begin = max(0, math.ceil(first / stride)) * stride
    for node in range(begin, min(model.length(followed), math.ceil(first + TRACKS / zoom)) + 1, stride):
        found = model.picture(followed, node)
        if found is not None and abs(found[0] - node) <= max(stride, model.thumbnails.every):
            film.append((round((node - first) * zoom, 1), Same(found[1])))
    return tuple(film)


def _ticks(first: float, zoom: float, dt: float) -> tuple[tuple[float, str], ...]:
    large, _ = tick_steps(zoom, dt, apart=150.0)
    last = first + TRACKS / zoom
    steps = range(max(0, math.ceil(first / large)) * large, math.floor(last) + 1, large)
    return tuple((round((step - first) * zoom, 1), clock(step * dt)) for step in steps)
