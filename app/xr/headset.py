"""The headset of a running application: what it shows, made from what the window shows; and the driver of its hands.

Lives on the UI thread, where it only puts frozen values together. Painting has a thread, OpenXR has a thread.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from PyQt6.QtCore import QObject, QTimer

from app.commands.device_buttons import Rows, all_buttons
from app.timeline.model import TimelineModel
from app.viewport.widget import Viewport
from app.xr import arrangement_file
from app.xr.controllers import Controllers
from app.xr.hanging import Hanging
from app.xr.painter import Painter
from app.xr.state import PanelState
from app.xr.timeline_view import view_of
from core.events import Message
from core.world import WorldSpec
from devices.discovery import Driver
from devices.openxr.driver import OpenXrDriver
from devices.openxr.kind import OPENXR, SIDES
from devices.openxr.profiles import profile_of
from devices.openxr.thread import XrState, XrThread
from devices.verb_bindings import Bindings, bindings_with

if TYPE_CHECKING:
    from app.xr.picture import PanelPicture

LOOK_MS, IDLE_MS = 16, 250
"""Between two looks while the headset shows us, and while it does not."""
SAID_S: Final = 8.0
"""Seconds that words are to be read."""


class Headset(QObject):
    """One per application."""

    def __init__(self, pictures: bool, profile: Path | None) -> None:
        """Start nothing yet: the first look for devices does.

        Args:
            pictures: show them; else only the controllers are used.
            profile: the operator's; the places of the panels are remembered beside it.
        """
        super().__init__()
        file = arrangement_file.beside(profile) if profile is not None else None
        found = arrangement_file.load(file)
        self._trouble = [found.trouble] if found.trouble else []
        self._hanging = Hanging(found.arrangement)
        self._keeper, self.painter = arrangement_file.Keeper(file), Painter()
        self.xr = XrThread(self._picture if pictures else None)
        self.drivers: Mapping[str, Driver] = MappingProxyType({OPENXR.name: OpenXrDriver(self.xr)})
        """For the table of drivers."""
        self._state = PanelState()
        self._message: tuple[Message, float] | None = None
        self._viewport: Viewport | None = None
        self._model: Callable[[], TimelineModel] | None = None
        self._bindings: Callable[[], Bindings] = bindings_with
        self._rows: Rows = ()
        self._seen: tuple[Any, ...] = ()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def watch(
        self,
        viewport: Viewport,
        model: Callable[[], TimelineModel],
        spec: WorldSpec,
        bindings: Callable[[], Bindings],
        rows: Rows,
    ) -> None:
        """Show a session from now on: its pictures, its timeline, and what buttons do.

        Args:
            viewport: Has the newest pictures.
            model: Of the timeline.
            spec: Of the world.
            bindings: Of the operator's profile.
            rows: Of the commands.
        """
        self._viewport, self._model, self._bindings, self._rows, self._seen = viewport, model, bindings, rows, ()
        self._state = PanelState(cameras=tuple(spec.cameras), limits=spec.limits)
        self._timer.start(IDLE_MS)

    def take_trouble(self) -> list[str]:
        """Why the places of the panels could not be read, in words, once."""
        found, self._trouble = self._trouble, []
        return found

    @property
    def words(self) -> str:
        """How it is with the headset, for the Devices page.

        "" where no runtime is set up, since most people have none, and where the controllers' own card says it.
        """
        known = self.xr.state
        if known.why:
            return known.why if known.installed and not known.found else ""
        shows = "shows the session." if known.drawing else "only its controllers are used."
        return f"{known.runtime}: {known.system.removeprefix(f'{known.runtime}: ')} {shows}"

    def say(self, message: Message) -> None:
        """Words for the operator, for a while."""
        self._message = message, time.monotonic() + SAID_S

    def recentre(self) -> None:
        """The panels to the front, and forward to where the head looks."""
        self.xr.recentre()

    def look(self) -> None:
        """Pass the new state to the painter; nothing is done while the headset shows nothing."""
        known = self.xr.state
        self._timer.setInterval(LOOK_MS if known.drawing else IDLE_MS)
        if self._viewport is None or self._model is None or not known.drawing:
            return
        if self._message is not None and time.monotonic() > self._message[1]:
            self._message = None
        view = self._viewport.view
        now = (view, self._message, known.tracked, known.used)
        if len(now) == len(self._seen) and all(a is b for a, b in zip(now, self._seen, strict=True)):
            return
        self._seen = now
        status = view.status
        self._state = replace(
            self._state,
            frames=view.frames,
            status=status,
            plan=view.plan,
            message=self._message[0] if self._message is not None else None,
            recording=view.recording,
            hands=view.hands,
            tracked=known.tracked if known.used.path else (True, True),
            scale=view.scale,
            preview=view.preview,
            timeline=view_of(self._model()),
            help=held(known, self._bindings(), self._rows) if status is not None and status.phase == "PAUSED" else None,
        )
        self.painter.show(self._state)

    def close(self) -> None:
        """End every thread; the places of the panels are on disk. Idempotent."""
        self._timer.stop()
        self.xr.stop()
        self.painter.stop()
        self._keeper.stop()

    # -- on the OpenXR thread --------------------------------------------------------------------------------------

    def _picture(self) -> "PanelPicture":
        from app.xr.picture import PanelPicture  # with OpenGL and pyopenxr, which the window does not wait for

        return PanelPicture(lambda: self.painter.painted, self._hanging, self._free, self._settle)

    def _free(self) -> bool:
        """Whether the hands may take panels: they do not drive."""
        status = self._state.status
        return status is not None and status.phase != "CORRECTING"

    def _settle(self, hanging: Hanging) -> None:
        self._hanging = Hanging(hanging.arrangement)
        self._keeper.put(hanging.arrangement)


def held(known: XrState, bindings: Bindings, rows: Rows) -> Controllers:
    """The controllers that are held and what their buttons do, for the help card."""
    profile = profile_of(known.used.path)
    buttons: dict[str, tuple[str, ...]] = {
        "clutch": tuple(f"{side}/{profile.side(side)['squeeze'].partition('/')[0]}" for side in SIDES
                        if "squeeze" in profile.side(side)),
        "gripper": tuple(f"{side}/trigger" for side in SIDES if "trigger" in profile.side(side)),
    }  # fmt: skip
    for verb, names in all_buttons(bindings, rows).items():
        mine = [name.partition("/")[2] for name in names if name.startswith(f"{OPENXR.name}/")]
        found = tuple(button for button in map(profile.component, mine) if button)
        if found:
            buttons[verb] = found
    sideways = {*buttons.pop("back", ()), *buttons.pop("forward", ())}
    if sideways:
        buttons["scrub"] = tuple(sorted({button.replace("_left", "_x").replace("_right", "_x") for button in sideways}))
    if scales := {*buttons.pop("smaller", ()), *buttons.pop("larger", ())}:
        buttons["scale"] = tuple(sorted(scales))
    return Controllers(known.used.path, MappingProxyType(buttons), MappingProxyType({row.name: row for row in rows}))
