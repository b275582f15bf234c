"""What a device gives: a pure reading that drains nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

ReadingKind = Literal["position", "rate"]
NO_PRESSES: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class ArmReading:
    """The hand of one arm. A position device fills the pose, a rate device fills the rates."""

    position: NDArray[np.float64] | None = None
    """(3,) metres since connect, robot base axes; cumulative, so that a missed tick loses nothing."""
    orientation: NDArray[np.float64] | None = None
    """(4,) unit quaternion xyzw, robot base axes."""
    linear: NDArray[np.float64] | None = None
    """(3,) fraction of full deflection, -1..1, robot base axes; metres enter in core/control.py."""
    angular: NDArray[np.float64] | None = None
    """(3,) fraction of full deflection, -1..1, about the robot base axes."""
    gripper: float | None = None
    """Opening of the operator's trigger, 0 closed .. 1 open; None where the device has none."""
    gripper_rate: float = 0.0
    """-1 closing .. 1 opening, for devices with buttons instead of a trigger."""
    clutch: bool = True
    """Whether the hand is engaged. Devices without a clutch are always engaged."""
    valid: bool = True
    """False while tracking is lost: the hand counts for nothing and re-anchors afterwards."""


@dataclass(frozen=True, slots=True, eq=False)
class DeviceReading:
    """The newest sample of one device."""

    device: str
    """Registry name, for example "keyboard"."""
    kind: ReadingKind
    time: float
    """time.monotonic() of the sample, seconds."""
    epoch: int = 0
    """A change means: the origin moved (reconnect, re-centre), re-anchor."""
    left: ArmReading | None = None
    """None where the device has no hand for this arm: missing input is absent, never zeros."""
    right: ArmReading | None = None
    presses: Mapping[str, int] = field(default_factory=lambda: NO_PRESSES)
    """Press counters since connect, by button name; the consumer subtracts."""

    def arm(self, index: int) -> ArmReading | None:
        """The hand of arm 0 (left) or 1 (right)."""
        return self.left if index == 0 else self.right


@runtime_checkable
class Device(Protocol):
    """A hand. Hardware is opened by connect() and read on the device's own thread."""

    name: str
    kind: ReadingKind

    def connect(self) -> None:
        """Open the hardware. Raises DeviceLost with the cause and the fix."""

    def disconnect(self) -> None:
        """Close the hardware; idempotent."""

    @property
    def connected(self) -> bool:
        """Whether readings are to be trusted."""

    def read(self) -> DeviceReading | None:
        """The newest reading, or None before the first and after a loss. Drains nothing."""


@runtime_checkable
class Watcher(Protocol):
    """A device that sees the pictures, as a person does: the scripted operator."""

    def show(self, frames: Mapping[str, NDArray[np.uint8]], ee_state: NDArray[np.float32], clock: float) -> None:
        """Give it the newest frames and measured end-effector state at a world time in seconds."""
