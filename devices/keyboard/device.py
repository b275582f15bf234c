"""Held keys as a rate device for both arms. No window system here: the application feeds key names."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from core.reading import ArmReading, DeviceReading, ReadingKind

PRECISION_KEY = "shift"
PRECISION = 0.25
"""Fraction of full deflection while the precision key is held."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What one key does while it is held."""

    arm: int
    """0 left, 1 right."""
    axis: str
    """"x", "y", "z" (robot base frame), "yaw" or "gripper"."""
    sign: float
    words: str
    """For the help card."""


def _arm(arm: int, keys: str) -> dict[str, Motion]:
    """Keys in the order: forward, back, left, right, up, down, open, close, turn left, turn right."""
    side = ("left", "right")[arm]
    meanings = (
        ("x", +1.0, "forward"), ("x", -1.0, "back"), ("y", +1.0, "left"), ("y", -1.0, "right"),
        ("z", +1.0, "up"), ("z", -1.0, "down"), ("gripper", +1.0, "gripper open"), ("gripper", -1.0, "gripper close"),
        ("yaw", +1.0, "turn left"), ("yaw", -1.0, "turn right"),
    )  # fmt: skip
    return {
        key: Motion(arm, axis, sign, f"{side} arm {words}")
        for key, (axis, sign, words) in zip(keys, meanings, strict=True)
    }


MOTIONS: Mapping[str, Motion] = MappingProxyType(_arm(0, "wsadeqrfzx") | _arm(1, "ikjluoyhnm"))
"""WASD and IJKL move the arms over the table, as in the published demonstration; E/Q and U/O up and down."""


def motions_of(keys: Mapping[str, str]) -> Mapping[str, Motion]:
    """The motions with other keys: new key -> the usual key whose motion it takes over; the usual key is free then.

    Raises:
        ValueError: a usual key moves nothing, or one motion is on two keys or two motions on one.
    """
    for new, usual in keys.items():
        if usual not in MOTIONS:
            raise ValueError(f"motion_keys.{new}: the key {usual!r} moves nothing; known are {''.join(MOTIONS)}")
        if new == PRECISION_KEY or (new in MOTIONS and new not in keys.values()):
            words = "makes every motion slow" if new == PRECISION_KEY else f"already moves the {MOTIONS[new].words}"
            raise ValueError(f"motion_keys: {new!r} {words}; give that another key, too")
    if len(set(keys.values())) < len(keys):
        raise ValueError("motion_keys: a motion is on two keys; choose one of them")
    kept = {key: motion for key, motion in MOTIONS.items() if key not in keys.values()}
    return MappingProxyType(kept | {new.lower(): MOTIONS[usual] for new, usual in keys.items()})


class Keyboard:
    """A rate device; every method may be called from any thread, since it only swaps one frozen set."""

    name = "keyboard"
    kind: ReadingKind = "rate"
    keys = frozenset(MOTIONS) | {PRECISION_KEY}
    """Names of the keys that mean something here, lower case."""

    def __init__(self, motions: Mapping[str, Motion] = MOTIONS) -> None:
        self.motions = motions
        """Key -> what it moves."""
        self.keys = frozenset(motions) | {PRECISION_KEY}
        self._held: frozenset[str] = frozenset()
        self._time = 0.0
        self._epoch = 0
        self._connected = False

    def remap(self, motions: Mapping[str, Motion]) -> None:
        """Other keys from now on; nothing is held."""
        self.release_all()
        self.motions, self.keys = motions, frozenset(motions) | {PRECISION_KEY}

    @property
    def held(self) -> frozenset[str]:
        """Names of the keys that are down now."""
        return self._held

    @property
    def connected(self) -> bool:
        """Whether connect() was called last; a keyboard is not watched."""
        return self._connected

    def connect(self) -> None:
        """Start to give readings, with nothing held."""
        if not self._connected:
            self._held, self._connected, self._epoch, self._time = frozenset(), True, self._epoch + 1, time.monotonic()

    def disconnect(self) -> None:
        """Stop."""
        self._held, self._connected = frozenset(), False

    def press(self, key: str) -> None:
        """A key went down; keys without a meaning are ignored."""
        if key.lower() in self.keys:
            self._hold(self._held | {key.lower()})

    def release(self, key: str) -> None:
        """A key went up."""
        self._hold(self._held - {key.lower()})

    def release_all(self) -> None:
        """Nothing is held any more: the window lost the focus or the phase changed."""
        self._hold(frozenset())

    def _hold(self, keys: frozenset[str]) -> None:
        self._held, self._time = keys, time.monotonic()

    def read(self) -> DeviceReading | None:
        """Both hands; opposite keys cancel."""
        if not self._connected:
            return None
        held = self._held
        left, right = (_hand(self.motions, held, arm) for arm in (0, 1))
        return DeviceReading(self.name, self.kind, self._time, self._epoch, left=left, right=right)


def _hand(all_motions: Mapping[str, Motion], held: frozenset[str], arm: int) -> ArmReading:
    size = PRECISION if PRECISION_KEY in held else 1.0
    motions = [all_motions[key] for key in held if key in all_motions and all_motions[key].arm == arm]

    def along(axis: str) -> float:
        return size * sum(motion.sign for motion in motions if motion.axis == axis)

    linear: NDArray[np.float64] = np.array([along("x"), along("y"), along("z")])
    return ArmReading(linear=linear, angular=np.array([0.0, 0.0, along("yaw")]), gripper_rate=along("gripper"))
