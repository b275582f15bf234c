"""The devices of a running application: opened when they are chosen, closed with the window."""

from collections.abc import Mapping

from app.device_words import device_words
from app.main_window import Motion
from core.errors import DeviceLost
from core.observation import Observation
from core.reading import Device, DeviceReading, Watcher
from devices import DEVICES
from devices.keyboard import MOTIONS, PRECISION_KEY, Keyboard

HIDDEN = frozenset({"scripted"})
"""Devices that only make sense in tests."""


class Hands:
    """Every device by name; reading one that is not connected gives nothing."""

    def __init__(self, extra: Mapping[str, Device] | None = None) -> None:
        self.keyboard = Keyboard()
        self.assigned = "keyboard"
        """Registry name of the device that drives."""
        self._devices: dict[str, Device] = {"keyboard": self.keyboard, **(extra or {})}

    @property
    def names(self) -> dict[str, str]:
        """Registry name -> words, of every device that a user may choose."""
        known = [name for name in (*DEVICES, *self._devices) if name not in HIDDEN]
        return {name: device_words(name) for name in dict.fromkeys(known)}

    def add(self, name: str, device: Device) -> None:
        """Offer one more device, for example the scripted operator of a task."""
        self._devices[name] = device

    def assign(self, name: str) -> None:
        """Open a device and read it from now on.

        Raises:
            StudioError: it is unknown, or its hardware is not there; the one before stays.
        """
        if name not in self._devices:
            self._devices[name] = DEVICES.load(name)()
        try:
            self._devices[name].connect()
        except OSError as error:
            raise DeviceLost(
                f"The device {name!r} could not be opened: {error}. Check its cable, then try again."
            ) from error
        self.assigned = name

    def read(self) -> DeviceReading | None:
        """The newest reading of the assigned device, None where there is none. Called on the runtime thread."""
        device = self._devices.get(self.assigned)
        return device.read() if device is not None and device.connected else None

    def show(self, observation: Observation, world_time: float) -> None:
        """Let a device that sees see what is there now. Called on the runtime thread."""
        device = self._devices.get(self.assigned)
        if isinstance(device, Watcher):
            device.show(observation.frames, observation.ee_state, world_time)

    def close(self) -> None:
        """Close every device."""
        for device in self._devices.values():
            device.disconnect()


def keyboard_motion() -> Motion:
    """What the keyboard moves, for the hint line and the help card."""

    def keys_of(arm: int, axes: tuple[str, ...]) -> str:
        found = [(m.sign < 0, axes.index(m.axis), key) for key, m in MOTIONS.items() if m.arm == arm and m.axis in axes]
        return "".join(key.upper() for _, _, key in sorted(found))

    arms = tuple((keys_of(arm, ("x", "y")), f"{side} arm") for arm, side in enumerate(("left", "right")))
    brief = (*arms, (" ".join(keys_of(arm, ("z",)) for arm in (0, 1)), "up, down"))
    full: list[tuple[str, str]] = []
    for arm, side in enumerate(("left", "right")):
        for axes, words in (
            (("x", "y"), "over the table"), (("z",), "up, down"), (("gripper",), "open, close"), (("yaw",), "turn"),
        ):  # fmt: skip
            full.append((keys_of(arm, axes), f"{side} arm {words}"))
    return Motion(brief, (*full, (PRECISION_KEY.capitalize(), "slow and precise")))
