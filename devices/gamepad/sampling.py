"""One open gamepad on the SDL thread: samples, press counters, rumble."""

import time
from types import MappingProxyType
from typing import Final

from core.errors import DeviceLost
from devices.gamepad.kind import BUTTONS
from devices.gamepad.state import LEFT_TRIGGER, RIGHT_TRIGGER, PadState, as_fraction

REPEAT: Final = 0.02
"""Seconds after which the sample of a pad at rest is repeated, so that no sample means a fault."""


class OpenPad:
    """Wraps pygame's Controller, which knows the standard layout of every make. For the SDL thread alone."""

    def __init__(self, index: int) -> None:
        import pygame
        from pygame._sdl2.controller import Controller

        try:
            self._controller = Controller(index)
        except pygame.error as error:
            raise DeviceLost(f"The gamepad does not open: {error}. Plug it in again.") from error
        self._presses: dict[str, int] = dict.fromkeys(BUTTONS, 0)
        self._known = [False, False]
        self._last: PadState | None = None
        self._closed = False

    def pressed(self, button: int) -> None:
        """A button went down; counted by its event, so that the shortest tap counts."""
        if button < len(BUTTONS):
            self._presses[BUTTONS[button]] += 1

    def moved(self, axis: int) -> None:
        """An axis moved; from then on its trigger is known."""
        if axis in (LEFT_TRIGGER, RIGHT_TRIGGER):
            self._known[axis - LEFT_TRIGGER] = True

    def sample(self) -> PadState | None:
        """The state where it is news or time to repeat it, else None."""
        now = time.monotonic()
        a, b, c, d, e, f = (as_fraction(axis, self._controller.get_axis(axis)) for axis in range(6))
        held = frozenset(name for button, name in enumerate(BUTTONS) if self._controller.get_button(button))
        known, last = (self._known[0], self._known[1]), self._last
        if (
            last is not None
            and now - last.time < REPEAT
            and (last.axes, last.triggers_known, last.held) == ((a, b, c, d, e, f), known, held)
            and last.presses == self._presses
        ):
            return None
        presses = MappingProxyType(dict(self._presses))
        self._last = PadState(now, (a, b, c, d, e, f), known, held, presses)
        return self._last

    def rumble(self, strength: float, seconds: float) -> None:
        """Both motors at a strength 0..1; nothing where the pad has none or is closed."""
        if self._closed:
            return
        size = min(max(strength, 0.0), 1.0)
        if size == 0.0 or seconds <= 0.0:
            self._controller.stop_rumble()
        else:
            self._controller.rumble(size, size, max(1, round(1000 * seconds)))  # 0 ms would never end

    def close(self) -> None:
        """Close it; idempotent."""
        if not self._closed:
            self._closed = True
            self._controller.quit()
