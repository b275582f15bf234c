"""Looks at the hands from the UI thread: buttons become commands, arrivals and losses become words."""

from collections.abc import Mapping
from typing import Final

from PyQt6.QtCore import QObject, QTimer, pyqtSignal
from PyQt6.QtWidgets import QApplication

from app.commands.device_buttons import commands_pressed
from app.commands.window import CommandWindow
from app.inputs.input_devices import InputDevices
from app.opening.live_session import LiveSession
from core.events import Message
from devices.combine import merged_presses
from devices.hotplug import Plugged

FAST_MS, SLOW_MS = 16, 250
"""Between two looks while something is plugged in, and while nothing is."""
LATER: Final = "Choose Keyboard in Drive ▸ Device to go on without it."


class InputPolling(QObject):
    """One per application; start() when the window is there."""

    changed = pyqtSignal()
    """A device was connected or removed, or another device drives."""
    reassigned = pyqtSignal()
    """Another device drives, because it is connected now."""
    said = pyqtSignal(object)
    """A core.events.Message about hardware."""

    def __init__(
        self, session: LiveSession, window: CommandWindow, hands: InputDevices, parent: QObject | None = None
    ) -> None:
        """Look at nothing before start().

        Args:
            session: What is driven.
            window: Carries out commands.
            hands: Every device.
            parent: Object that owns this one.
        """
        super().__init__(parent)
        self._session, self._window, self._hands = session, window, hands
        self._presses: Mapping[str, int] = {}
        self._before: dict[str, tuple[bool, bool, str]] = {}
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look from now on."""
        self._hands.start()
        if self._hands.trouble:
            self.said.emit(Message("warning", self._hands.trouble))
        self._timer.start(SLOW_MS)

    def stop(self) -> None:
        """Look no more; idempotent."""
        self._timer.stop()

    def look(self) -> None:
        """One look."""
        self._carry_out()
        self._tell()
        if self._phase != "CORRECTING" and self._hands.take_in():
            self.reassigned.emit()
            self.changed.emit()
        self._hands.feel_with()
        self._timer.setInterval(FAST_MS if self._hands.plugged.connected() else SLOW_MS)

    @property
    def _phase(self) -> str:
        return self._session.status.phase if self._session.status is not None else "PAUSED"

    def _carry_out(self) -> None:
        """The commands whose buttons were pressed since the last look; none behind a dialog."""
        before, now = self._presses, dict(merged_presses(self._hands.plugged.readings()))
        self._presses = {**before, **now}
        status = self._session.status
        if status is None or self._hands.listening or QApplication.activeModalWidget() is not None:
            return
        rows, bindings = self._window.command_actions.commands, self._hands.profile.bindings
        for name in commands_pressed(before, now, bindings, rows, status.phase):
            self._window.run_command(name)

    def _tell(self) -> None:
        """Words about what came, went, or cannot be opened; each once."""
        now = {key: (one.present, one.connected, one.why) for key, one in self._hands.plugged.all.items()}
        if now == self._before:
            return
        driving = {one.key for one in self._hands.driving}
        for key, (present, connected, why) in now.items():
            one = self._hands.plugged.all[key]
            was = self._before.get(key, (False, False, ""))
            if connected and not was[1]:
                verb = "are" if one.words.endswith("controllers") else "is"
                self.said.emit(Message("info", f"{one.words} {verb} connected."))
            elif not present and was[0]:
                self._tell_gone(one, key in driving)
            elif present and not connected and why and why != was[2] and not one.ready:
                self.said.emit(Message("warning", why))
        self._before = now
        self.changed.emit()

    def _tell_gone(self, one: Plugged, drove: bool) -> None:
        if not drove:
            self.said.emit(Message("info", f"{one.words} was unplugged."))
        elif self._phase != "CORRECTING":  # while correcting, the runtime pauses and reports the reason
            self.said.emit(Message("warning", f"{one.words} was unplugged; it drives. Plug it in again. {LATER}"))
