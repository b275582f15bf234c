"""What a leader arm is made of, as data: motors, links and licence, from assets/arms/*.toml."""

import difflib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from core.config import load
from core.errors import UnknownName

ARMS: Final = Path(__file__).parents[2] / "assets" / "arms"
Protocol = Literal["feetech", "dynamixel"]


@dataclass(frozen=True, slots=True)
class Joint:
    """One motor and the link behind it."""

    name: str
    """As LeRobot or the maker calls it."""
    id: int
    """Of the motor on the bus."""
    position: tuple[float, float, float]
    """Metres, of the joint in the frame of the joint before it (of the arm's base for the first)."""
    low: float
    """Radians, the published limit."""
    high: float
    """Radians, the published limit."""
    quaternion: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    """wxyz, of the joint's frame at angle zero in the frame of the joint before it."""
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)
    """In the joint's own frame."""
    sign: Literal[1, -1] = 1
    """Whether more ticks mean more of the angle."""
    zero: Literal["middle", "pose", "factory"] = "middle"
    """Where the angle is known: in the middle of the range, in the centre pose, or homed by the maker at 2048."""
    pose: float = 0.0
    """Radians, the angle in the centre pose; of zero = "pose"."""
    full_turn: bool = False
    """SwitchState without an end, so that it is not swept in the calibration."""
    towards: str = ""
    """What a person does to make the angle grow; where the calibration measures directions."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """The motor of the handle that the operator squeezes."""

    name: str
    id: int
    closed: float | None = None
    """Radians from 2048, where the maker publishes it; absent: the calibration sweeps it, the low end is closed."""
    opened: float | None = None
    """Radians from 2048."""


@dataclass(frozen=True, slots=True)
class ArmTable:
    """One kind of leader arm."""

    name: str
    words: str
    """What a person calls it."""
    protocol: Protocol
    baud: int
    """Bits per second on the bus."""
    source: str
    """Where the numbers come from."""
    licence: str
    """SPDX name of the licence of the numbers."""
    licence_file: str
    """Its text, beside the table."""
    centre_pose: str
    """How to hold the arm in the centre step of the calibration, in words."""
    joints: tuple[Joint, ...]
    """From the base to the tool."""
    tool: tuple[float, float, float]
    """Metres, of the tool in the frame of the last joint."""
    base: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    """wxyz, turns the published base frame into the robot base frame (X forward, Y left, Z up)."""
    trigger: Trigger | None = None
    directions: Literal["published", "measured"] = "published"
    """Whether the signs are known or measured in the calibration."""
    also: tuple[str, ...] = ()
    """Other names of arms that this table fits."""

    @property
    def motors(self) -> dict[str, int]:
        """Joint name -> motor id, the trigger last."""
        motors = {joint.name: joint.id for joint in self.joints}
        if self.trigger is not None:
            motors[self.trigger.name] = self.trigger.id
        return motors

    @property
    def needs_calibration(self) -> bool:
        """Whether the maker's homing is not enough."""
        swept_trigger = self.trigger is not None and self.trigger.closed is None
        return swept_trigger or any(joint.zero != "factory" for joint in self.joints)


@lru_cache
def arm_tables(folder: Path = ARMS) -> dict[str, ArmTable]:
    """Every table, by name and by its other names.

    Raises:
        BadConfig: a table is torn.
    """
    tables: dict[str, ArmTable] = {}
    for path in sorted(folder.glob("*.toml")):
        table = load(ArmTable, path)
        tables |= dict.fromkeys((table.name, *table.also), table)
    return tables


def arm_table(name: str, folder: Path = ARMS) -> ArmTable:
    """The table of one kind of arm.

    Raises:
        UnknownName: there is none; the nearest name is said.
    """
    tables = arm_tables(folder)
    if name not in tables:
        near = difflib.get_close_matches(name, tables, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(sorted(tables))}."
        raise UnknownName(f"There is no joint table for an arm called {name!r}. {hint}")
    return tables[name]
