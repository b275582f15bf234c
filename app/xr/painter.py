"""The thread that paints panels: the newest state wins, and neither the window nor the headset waits for it."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QImage

from app.xr.panels import Panel, panels
from app.xr.state import PanelState

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """A panel that is ready to be uploaded."""

    panel: Panel
    pixels: QImage
    """Row 0 at the bottom, as OpenGL has it."""


class Painter:
    """show() from any thread; `painted` is the newest of everything."""

    def __init__(self) -> None:
        self.painted: Mapping[str, Painted] = {}
        self._shown: dict[str, Panel] = {}
        self._wanted: PanelState | None = None
        self._changed = threading.Condition()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def show(self, state: PanelState) -> None:
        """Paint a state soon; one that was not begun is dropped."""
        with self._changed:
            self._wanted = state
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="headset painter", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def stop(self) -> None:
        """End the thread; idempotent."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._wanted is not None)
                wanted, self._wanted = self._wanted, None
                if self._stopping or wanted is None:
                    return
            try:
                self._paint(wanted)
            except Exception:  # a picture that cannot be painted leaves the one before
                log.exception("a panel of the headset could not be painted")

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
