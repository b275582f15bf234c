"""An open puck as a Source: drained to the newest report, still when it falls silent, lost when it is pulled out."""

import contextlib
import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import DeviceLost
from core.reading import ArmReading, DeviceReading
from devices.spacemouse.frame import AXES, in_base

SILENCE: Final = 0.15
"""Seconds without a report after which a deflection counts for nothing.

A puck repeats its reports every 8 to 16 ms for as long as it is deflected, and sends zeros when it is released. One
that falls silent while deflected sleeps, is out of reach of its receiver or hangs; the place of the hand is not known
then, so the motion ends. It goes on with the next report: a rate has no origin that could jump.
"""
MOST: Final = 256
"""Reports that are drained at once; the kernel keeps 64."""
_LEFT_BUTTON, _RIGHT_BUTTON = (3, 1, 0), (3, 1, 1)
"""Report, byte and bit of the two large buttons of every model: LEFT and RIGHT, or MENU and FIT, or 1 and 2."""
SHIFT: Final = "shift"
"""The key of large models that changes the arm."""
SWITCH: Final = "switch"
"""A button of every puck, as bindings call it: SHIFT where there is one, else both large buttons together."""


class Pipe:
    """Lies between easyhid and pyspacemouse: a read that waits, and the report that it gave.

    pyspacemouse itself only ever asks without waiting, and does not tell whether something came.
    """

    def __init__(self, hid: Any) -> None:
        self._hid = hid
        self.wait = 0.0
        """Seconds that the next read may wait."""
        self.report = b""
        """What the last read gave; b"" where nothing came. Short reports arrive filled up with zeros."""

    def read(self, size: int) -> bytes:
        """One report, the oldest that waits in the kernel. Raises HIDException when the puck is gone."""
        self.report = b""
        self.report = bytes(self._hid.read(size, timeout=round(self.wait * 1000)))
        return self.report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hid, name)


class Puck:
    """One hand, the left field of its readings. Used by one thread."""

    def __init__(self, mouse: Any, pipe: Pipe, words: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take over an open puck.

        Args:
            mouse: pyspacemouse.SpaceMouseDevice, open, in the convention HID_Z_UP, reading from `pipe`.
            pipe: what it reads from.
            words: what a person calls it.
            clock: seconds, monotonic.
        """
        from easyhid import HIDException

        self._gone: type[Exception] = HIDException
        self._mouse, self._pipe, self._words, self._clock = mouse, pipe, words, clock
        self._state: Any = None  # one object that pyspacemouse changes in place: copied from, never handed out
        self._channels = np.array([mouse.info.mappings[axis].channel for axis in AXES])
        self._heard = {int(channel): -np.inf for channel in self._channels}
        self._buttons = {spec.channel for spec in mouse.info.button_specs}
        self._names = [str(name).lower() for name in mouse.info.button_names]
        self._held = [False] * len(self._names)
        self._counts = dict.fromkeys((*self._names, SWITCH), 0) if self._names else {}
        self._chord = False  # both large buttons were held: they move no gripper until both are up
        where = [(spec.channel, spec.byte, spec.bit) for spec in mouse.info.button_specs]
        self._gripper = [where.index(one) if one in where else None for one in (_LEFT_BUTTON, _RIGHT_BUTTON)]
        self._axes: NDArray[np.float64] | None = None
        self._light: bool | None = None  # None: leave the light as the puck has it
        self._lit: bool | None = None

    def poll(self, timeout: float) -> DeviceReading | None:
        """The newest state of the puck; None where neither axes nor buttons said anything new.

        Args:
            timeout: seconds to wait for a first report; a puck at rest sends none for hours.

        Raises:
            DeviceLost: it was pulled out.
        """
        self._pipe.wait = timeout if self._axes is not None else 0.0  # the first reading is there at once
        news = False
        for _ in range(MOST):
            report = self._next()
            if not report:
                break
            self._pipe.wait = 0.0
            news = self._take(report[0]) or news
        axes = self._fresh_axes()
        if not news and self._axes is not None and np.array_equal(axes, self._axes):
            if not axes.any():
                self._show_light()
            return None
        self._axes = axes
        linear, angular = in_base(axes)
        hand = ArmReading(linear=linear, angular=angular, gripper_rate=self._gripper_rate())
        return DeviceReading("spacemouse", "rate", self._clock(), left=hand, presses=dict(self._counts))

    def light(self, on: bool) -> None:
        """Ask for its ring to be lit or dark; any thread may ask."""
        self._light = on

    def close(self) -> None:
        """Switch its light off and close it."""
        self._light = None if self._lit is None else False
        self._show_light()
        self._mouse.close()

    def _next(self) -> bytes:
        try:
            self._state = self._mouse.read()
        except self._gone as error:
            raise DeviceLost(f"{self._words} was unplugged or switched off. Plug it in again.") from error
        return self._pipe.report

    def _take(self, channel: int) -> bool:
        """Note what the report on this channel changed; whether it was about motion or buttons at all."""
        if channel in self._heard:
            self._heard[channel] = self._clock()
            return True
        if channel not in self._buttons:
            return False  # battery and whatever else a model says
        held = [bool(one) for one in self._state.buttons]
        for name, before, now in zip(self._names, self._held, held, strict=True):
            self._counts[name] += int(now and not before)
        if SHIFT in self._names:
            self._counts[SWITCH] = self._counts[SHIFT]
        self._held = held
        close, opening = self._large
        if close and opening and not self._chord:
            self._chord = True
            self._counts[SWITCH] += int(SHIFT not in self._names)
        self._chord = self._chord and (close or opening)
        return True

    def _fresh_axes(self) -> NDArray[np.float64]:
        """(6,) axes; those whose channel is silent are zero. pyspacemouse would repeat them for ever.

        Models with two motion reports say translation in one and rotation in the other; each has its own silence.
        """
        now = self._clock()
        fresh = np.array([now - self._heard[int(channel)] <= SILENCE for channel in self._channels])
        return np.where(fresh, [float(getattr(self._state, axis)) for axis in AXES], 0.0)

    def _gripper_rate(self) -> float:
        """-1 while the left button is held: closing; 1 while the right one is: opening; 0 from both until neither."""
        close, opening = self._large
        return 0.0 if self._chord else float(opening) - float(close)

    @property
    def _large(self) -> tuple[bool, bool]:
        """Whether the first and the second large button are held."""
        first, second = (index is not None and self._held[index] for index in self._gripper)
        return first, second

    def _show_light(self) -> None:
        """Switch the light. Called at rest only, so that a slow write never prolongs a motion.

        pyspacemouse's set_led is not used: easyhid puts a report number 0 in front of what it writes.
        """
        light = self._light
        if light is None or light == self._lit or self._mouse.info.led_id is None:
            return
        report, on = self._mouse.info.led_id
        self._lit = light
        # a light is no reason to lose a hand; a puck that is gone shows in the next read
        with contextlib.suppress(self._gone):
            self._pipe.write([on if light else 0], report_id=report)
