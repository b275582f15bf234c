"""The steps that are marked over all lanes, beside the head: one value, and how it is drawn."""

from dataclasses import dataclass

from PyQt6.QtGui import QPainter

from app.timeline.geometry import Geometry
from app.timeline.paint import paint_cursor, paint_shown
from app.widgets import theme
from core.branch_tree import Head

WIDTH = 8
"""Pixels at either side of a cursor that belong to it."""


@dataclass(frozen=True, slots=True)
class Cursors:
    """Places on the timeline; None where there is none."""

    scrubbed: Head | None = None
    """Where the user or the player looks while the head stays."""
    requested: Head | None = None
    """Where the head was asked to go, until it is there."""
    hovered: Head | None = None
    """Under the pointer."""
    shown: int | None = None
    """The step whose pictures are seen, where it is another one than is looked for."""

    @property
    def nodes(self) -> frozenset[int]:
        """Numbers of the steps that are marked."""
        heads = {at.index for at in (self.scrubbed, self.requested, self.hovered) if at is not None}
        return frozenset(heads if self.shown is None else heads | {self.shown})


def paint_cursors(painter: QPainter, g: Geometry, cursors: Cursors, *, pressed: bool) -> None:
    """Draw the marks; the one under the pointer only while no button is down and nothing is scrubbed."""
    if cursors.scrubbed is not None:
        paint_cursor(painter, g, cursors.scrubbed.index, theme.ACCENT)
    elif cursors.hovered is not None and not pressed:
        paint_cursor(painter, g, cursors.hovered.index, theme.LINE_STRONG, handle=False)
    if cursors.requested is not None:
        paint_cursor(painter, g, cursors.requested.index, theme.ACCENT, solid=False)
    if cursors.shown is not None:
        paint_shown(painter, g, cursors.shown)
