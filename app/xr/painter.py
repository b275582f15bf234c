"""Paints panels on a thread: the latest state only, so that neither the window nor the headset waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage

from app.xr.panels import Panel, panels
from app.xr.state import PanelState
from core.latest_worker import LatestWorker


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A panel that is ready to be uploaded."""

    panel: Panel
    pixels: QImage
    """Row 0 at the bottom, as OpenGL has it."""


class Painter:
    """show() may be called from any thread; `painted` holds the latest picture of every panel."""

    def __init__(self) -> None:
        self.painted: Mapping[str, Painted] = {}
        self._shown: dict[str, Panel] = {}
        self._worker = LatestWorker("headset painter", self._paint)

    def show(self, state: PanelState) -> None:
        """Paint a state soon, in place of one that was not begun; after an error the panels before it stay."""
        self._worker.request(state)

    def stop(self) -> None:
        """End the thread; idempotent."""
        self._worker.stop()

    def _paint(self, state: PanelState) -> None:
        before, painted = self._shown, {}
        self._shown = panels(state, before)
        for name, panel in self._shown.items():
            known = self.painted.get(name)
            if known is not None and known.panel is panel:
                painted[name] = known
            else:
                painted[name] = Painted(panel, panel.image.flipped(Qt.Orientation.Vertical))
        self.painted = painted
