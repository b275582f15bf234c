"""The hands of a running application: keyboard, whatever is plugged in, and devices that were added for a task."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from app.widgets.device_words import device_words
from core.control import ControlConfig
from core.errors import BadConfig, DeviceLost, UnknownName
from core.events import Status
from core.observation import Observation
from core.reading import Device, DeviceReading, Watcher
from devices.combine import Assignment, Readings, driver_of, hands_wanted
from devices.combined_device import CombinedDevice
from devices.cues import cues_of
from devices.default_assignment import ALONE, by_itself, with_switch, without_usual_switch
from devices.discovery import Driver
from devices.feedback import Feedback
from devices.hotplug import HotplugDevices, Plugged
from devices.keyboard.device import Keyboard, motions_of
from devices.profile import Profile, load, load_or_default, save
from devices.profile_edits import with_feel

log = logging.getLogger(__name__)

SCALES: Final = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Tool metres per hand metre that the buttons step through."""
AUTO: Final = "auto"
"""Whatever is plugged in; the keyboard while nothing is."""


@runtime_checkable
class Clutched(Protocol):
    """A clutch that a take-over re-arms and a pedal holds: that of a leader arm."""

    def take_over(self) -> None:
        """The operator took over."""

    def press(self) -> None:
        """The pedal went down."""

    def release(self) -> None:
        """The pedal went up."""


class InputDevices:
    """Every device; reading one that is not connected gives nothing. No Qt: app/inputs/polling.py looks at it."""

    def __init__(
        self,
        profile: Path | None = None,
        drivers: Mapping[str, Driver] | None = None,
        ready: Mapping[str, Driver] | None = None,
    ) -> None:
        """Open nothing yet.

        Args:
            profile: The operator's file, read now and written when an assignment changes; None keeps nothing.
            drivers: By name, of hardware; None: all.
            ready: Drivers that are made already and take the place of those of their names.
        """
        self.profile, self.trouble = load_or_default(profile)
        """The operator's settings, and why their file could not be read, in words."""
        self.keyboard = Keyboard(motions_of(self.profile.motion_keys))
        self.plugged = HotplugDevices(drivers, ready=ready)
        self.feedback = Feedback()
        self.file = profile
        """Of the profile; None keeps nothing."""
        self.listening = False
        """The settings wait for a button to learn: no button carries out a command meanwhile."""
        self.seat = CombinedDevice(self.readings, ALONE, self.profile.first_arm, self.profile.clutch)
        self.choice = "keyboard"
        """What the user chose: "keyboard", AUTO or an added device."""
        self.assigned = "keyboard"
        """What drives: a device's name, or the drivers of the seat, for example "gamepad" or "so101 + keyboard"."""
        self._devices: dict[str, Device] = {"keyboard": self.keyboard}
        self._taken_in: frozenset[str] = frozenset()
        self._felt: Status | None = None

    # -- who drives ------------------------------------------------------------------------------------------------

    @property
    def names(self) -> dict[str, str]:
        """What a user may choose -> words."""
        return {name: device_words(name) for name in (AUTO, *self._devices)}

    def add(self, name: str, device: Device) -> None:
        """Offer one more device, for example the scripted operator of a task."""
        self._devices[name] = device

    def assign(self, name: str) -> None:
        """Let a device drive from now on; AUTO: what is plugged in, by the operator's profile.

        Raises:
            StudioError: it is unknown, or it cannot be opened; the one before stays.
        """
        self.keyboard.connect()
        if name == AUTO:
            self.choice = AUTO
            self._taken_in = self._ready
            self._sit(by_itself(self.profile, [one.found for one in self.plugged.all.values() if one.ready]))
            return
        if name not in self._devices:
            raise UnknownName(f"No device is called {name!r}. Known: {', '.join(self.names)}.")
        try:
            self._devices[name].connect()
        except OSError as error:
            raise DeviceLost(
                f"The device {name!r} could not be opened: {error}. Check its cable, then try again."
            ) from error
        self.choice = self.assigned = name

    def assign_arms(self, assignment: Assignment) -> None:
        """Let the devices of an assignment drive, and remember it in the operator's profile.

        Raises:
            BadConfig: the profile could not be written; the assignment holds all the same.
        """
        self.keyboard.connect()
        self.choice, self._taken_in = AUTO, self._ready
        self.profile = replace(self.profile, assignment=without_usual_switch(assignment, self.profile))
        self._sit(assignment)
        self.keep()

    def interrupts(self, assignment: Assignment) -> bool:
        """Whether an assignment takes the readings away for a moment: others drive, or a device is opened again."""
        now = self.seat.assignment
        wanted = [(key, hands_wanted(assignment, key)) for key in assignment.driving]
        return not self.seated or wanted != [(key, hands_wanted(now, key)) for key in now.driving]

    def forget_arms(self) -> None:
        """Who drives which arm follows from what is plugged in again.

        Raises:
            BadConfig: the profile could not be written.
        """
        self.profile = replace(self.profile, assignment=ALONE)
        self.keep()

    def use(self, profile: Profile) -> None:
        """Take other settings of the same operator over at once; who drives stays, and keep() writes them."""
        before, self.profile = self.profile, profile
        own = replace(self.seat.assignment, switch=profile.assignment.switch)
        assignment = with_switch(own, profile) if self.seated else self.seat.assignment
        if profile.clutch != before.clutch or assignment != self.seat.assignment:
            self.seat.assign(assignment, profile.clutch)
        if profile.handedness != before.handedness:
            self.seat.turn_to(profile.first_arm)

    def change_operator(self, file: Path) -> None:
        """Another operator sits down: their settings, their keys; who drives is assigned afterwards.

        Raises:
            BadConfig: their profile is torn; everything stays.
        """
        profile = load(file) if file.exists() else Profile()
        self.file, self.trouble = file, ""
        self.keyboard.remap(motions_of(profile.motion_keys))
        self.use(profile)

    def take_in(self) -> bool:
        """Where the user left the choice to the hardware, take in what is new; whether another device drives now."""
        ready = self._ready
        new, self._taken_in = ready - self._taken_in, ready
        if self.choice != AUTO or not new:
            return False
        before = self.assigned, self.seat.assignment
        self._sit(by_itself(self.profile, [one.found for one in self.plugged.all.values() if one.ready]))
        return before != (self.assigned, self.seat.assignment)

    def switch_arm(self) -> None:
        """Let a hand that drives one arm at a time drive the other one."""
        self.seat.turn_to(1 - self.seat.active_arm)

    def rescale(self, direction: int) -> float:
        """Let the hands that drive move the tools more (+1) or less (-1), and remember it; the new scale.

        Raises:
            BadConfig: the profile could not be written; the scale holds all the same.
        """
        now = self.control.scale
        steps = [step for step in SCALES if (step - now) * direction > 1e-6]
        scale = now if not steps else min(steps) if direction > 0 else max(steps)
        for key in self.seat.assignment.driving if self.seated else (self.assigned,):
            self.profile = with_feel(self.profile, key, "scale", scale)
        self.keep()
        return scale

    @property
    def seated(self) -> bool:
        """Whether the seat drives: hardware, or hardware beside the keyboard."""
        return self.assigned not in self._devices

    @property
    def driving(self) -> tuple[Plugged, ...]:
        """The hardware that drives now, here or not."""
        if not self.seated:
            return ()
        known = self.plugged.all
        return tuple(known[key] for key in self.seat.assignment.driving if key in known)

    @property
    def arm_names(self) -> tuple[str, str]:
        """Per arm what drives it, in words; "" where it holds still."""
        if not self.seated:
            return device_words(self.assigned), device_words(self.assigned)
        assignment, known = self.seat.assignment, self.plugged.all
        names = [
            "" if hand is None else known[hand[0]].words if hand[0] in known else device_words(driver_of(hand[0]))
            for hand in assignment.hands
        ]
        if assignment.hands[0] == assignment.hands[1] and assignment.shared == "switch":
            names[1 - self.seat.active_arm] = ""
        return names[0], names[1]

    @property
    def arm_kinds(self) -> tuple[str, str]:
        """Per arm the kind of device that drives it, in a word or two; "" where it holds still."""
        if not self.seated:
            return self.arm_names
        kinds = ["" if hand is None else device_words(driver_of(hand[0])) for hand in self.seat.assignment.hands]
        left, right = (kind if name else "" for kind, name in zip(kinds, self.arm_names, strict=True))
        return left, right

    @property
    def control(self) -> ControlConfig:
        """How the hands become commands now."""
        if self.seated:
            return replace(self.profile, assignment=self.seat.assignment).control()
        if self.assigned == "keyboard":
            return replace(self.profile, assignment=ALONE).control()
        return ControlConfig()

    @property
    def _ready(self) -> frozenset[str]:
        return frozenset(key for key, one in self.plugged.all.items() if one.ready)

    def _sit(self, assignment: Assignment) -> None:
        assignment = with_switch(assignment, self.profile)
        for key in assignment.driving:
            self.plugged.give(key, hands_wanted(assignment, key))
        self.seat.connect()
        if assignment != self.seat.assignment:
            self.seat.assign(assignment)
        self.assigned = seat_name(assignment)

    def keep(self) -> None:
        """Write the profile, whole or not at all.

        Raises:
            BadConfig: it could not be written.
        """
        if self.file is None:
            return
        try:
            save(self.profile, self.file)
        except OSError as error:
            raise BadConfig(f"The profile {self.file} could not be written: {error}. Is the disk full?") from error

    # -- on the runtime's thread -----------------------------------------------------------------------------------

    def readings(self) -> Readings:
        """The newest reading of everything that may drive together, the keyboard included."""
        return {**self.plugged.readings(), "keyboard": self.keyboard.read()}

    def read(self) -> DeviceReading | None:
        """The newest reading of what drives, None where there is none."""
        name = self.assigned
        device = self._devices.get(name)
        if device is not None:
            return device.read() if device.connected else None
        reading = self.seat.read()
        return None if reading is None else replace(reading, device=name)

    @property
    def operator(self) -> str:
        """Name of the operator whose profile is active."""
        return self.profile.name

    def why(self) -> str:
        """Why nothing is read, in words that name the device; "" where that is not known."""
        if not self.seated:
            return ""
        lost = [one for one in self.driving if not one.connected]
        if own := " ".join(one.why for one in lost if one.why):
            return own
        words = self.seat.why
        for key, one in self.plugged.all.items():
            words = words.replace(key, one.words)
        return words

    def show(self, observation: Observation, world_time: float) -> None:
        """Let a device that sees see what is there now."""
        device = self._devices.get(self.assigned)
        if isinstance(device, Watcher):
            device.show(observation.frames, observation.ee_state, world_time)

    def feel(self, status: Status) -> None:
        """Give haptic cues of what happened, and re-arm the clutches of leader arms at a take-over."""
        cues, self._felt = cues_of(self._felt, status), status
        if "take_over" in cues:
            for clutch in self._clutches():
                clutch.take_over()
        for cue in cues:
            self.feedback.tell(cue)

    # -- life ------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to look for hardware; idempotent, returns at once."""
        self.plugged.start()
        self.feedback.start()

    def close(self) -> None:
        """Close every device."""
        self.feedback.stop()
        self.plugged.stop()
        for name, device in self._devices.items():
            try:
                device.disconnect()
            except Exception as error:  # the others are closed all the same
                log.warning("the device %s could not be closed", name, exc_info=error)

    @property
    def clutched(self) -> bool:
        """Whether something that drives has a clutch for a pedal."""
        return bool(self._clutches())

    def hold_clutch(self, held: bool) -> None:
        """The pedal or key of the clutch went down or up."""
        for clutch in self._clutches():
            if held:
                clutch.press()
            else:
                clutch.release()

    def feel_with(self) -> None:
        """Let what drives now be what the cues play on; called now and then."""
        self.feedback.to([one.device for one in self.driving if one.connected])

    def _clutches(self) -> list[Clutched]:
        clutches = [getattr(one.device, "clutch", None) for one in self.driving]
        return [clutch for clutch in clutches if isinstance(clutch, Clutched)]


def seat_name(assignment: Assignment) -> str:
    """What drives, in one name: the drivers of an assignment, each once; "keyboard" for the keyboard alone."""
    return " + ".join(dict.fromkeys(driver_of(key) for key in assignment.driving)) or "nobody"
