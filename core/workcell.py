"""What a robot and its cameras are: the one place that knows the numbers of a robot.

A workcell is stored with every data part, session, world and policy. Files of workcells are in assets/workcells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, ARM_DIM, ARMS, CODEC, POSITION, ActionLimits, arm_slice
from core.camera import Camera
from core.config import parse_toml
from core.errors import BadConfig

FOLDER: Final = Path(__file__).resolve().parents[1] / "assets" / "workcells"
DEFAULT: Final = "bimanual_table"
"""The workcell of everything that was stored before workcells were."""
MOST_CAMERAS: Final = 3
_BESIDE: Final = 0.04
"""Metres of table around the positions that the limits allow, where a workcell does not say how large its table is."""


@dataclass(frozen=True, slots=True)
class Gripper:
    """Two parallel fingers that move along tool y; the opening 0..1 of an action is a share of their range."""

    closed: float = 0.0
    """Free space between the fingers at opening 0, metres."""
    opened: float = 0.08
    """At opening 1, metres."""
    finger_radius: float = 0.009
    """Metres."""


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a workcell."""

    side: str
    """A name of core.action.ARMS: which seven numbers of an action are its own."""
    model: str = ""
    """Name or path of its kinematic model (MJCF or URDF); "" where none is needed."""
    base: tuple[float, ...] = (0.0,) * 6
    """Pose of the arm's base in the robot base frame: x y z metres, rotation vector radians."""
    tool: tuple[float, ...] = (0.0,) * 6
    """Pose of the tool frame in the frame of its last link: x y z metres, rotation vector radians."""
    gripper: Gripper = field(default_factory=Gripper)


@dataclass(frozen=True, slots=True)
class Reach:
    """The farthest that an end effector goes in one control step; a farther target is approached over several."""

    translation: float = 0.06
    """Metres."""
    turn: float = 0.6
    """Radians."""
    opening: float = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """The work surface, at z = 0 of the robot base frame."""

    x: tuple[float, float]
    """Lowest and highest, metres."""
    y: tuple[float, float]

    @property
    def centre(self) -> tuple[float, float]:
        """x, y, metres."""
        return sum(self.x) / 2, sum(self.y) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Workcell:
    """One or two arms, one to three cameras, and the numbers that every world, policy and trainer of them needs."""

    name: str
    cameras: tuple[Camera, ...]
    dt: float
    """Seconds of world time per control step."""
    limits: ActionLimits
    """An arm that is absent has the same low and high numbers: it rests."""
    home: NDArray[np.float32]
    """(14,) action of the resting arms."""
    arms: tuple[Arm, ...] = (Arm("left"), Arm("right"))
    table: Table | None = None
    """None: what the limits reach, with a margin; see `surface`."""
    reach: Reach = field(default_factory=Reach)
    codec: str = CODEC
    """How actions are laid out."""

    def __post_init__(self) -> None:
        """Check that the parts fit together.

        Raises:
            BadConfig: they do not; in words.
        """
        where = f"The workcell {self.name!r}"
        if not 1 <= len(self.cameras) <= MOST_CAMERAS:
            raise BadConfig(f"{where} has {len(self.cameras)} cameras; one to {MOST_CAMERAS} are possible.")
        names = [camera.name for camera in self.cameras]
        if len(set(names)) < len(names):
            raise BadConfig(f"{where} has two cameras of one name: {', '.join(names)}. Rename one.")
        sides = [arm.side for arm in self.arms]
        if sides not in (["left"], ["right"], ["left", "right"]):
            raise BadConfig(
                f"{where} has the arms {', '.join(sides) or 'none'}; possible: left, right, or both in turn."
            )
        if not 0.0 < self.dt < np.inf:
            raise BadConfig(f"{where} has control steps of {self.dt:g} s; they must be longer than nothing.")
        for what, numbers in (("home", self.home), ("low limit", self.limits.low), ("high limit", self.limits.high)):
            if numbers.shape != (ACTION_DIM,) or not np.isfinite(numbers).all():
                raise BadConfig(f"{where}: its {what} must be {ACTION_DIM} finite numbers, not {numbers.shape}.")
        if (self.limits.low > self.limits.high).any():
            i = int(np.flatnonzero(self.limits.low > self.limits.high)[0])
            raise BadConfig(f"{where}: the low limit of number {i} of an action is above its high limit.")

    @property
    def rate(self) -> float:
        """Control steps per second of world time."""
        return 1.0 / self.dt

    @property
    def surface(self) -> Table:
        """The table that is given, or what the positions within the limits reach, with a margin."""
        if self.table is not None:
            return self.table
        low, high = (
            np.array([numbers[arm_slice(ARMS.index(arm.side))][POSITION][:2] for arm in self.arms], np.float64)
            for numbers in (self.limits.low, self.limits.high)
        )
        (x0, y0), (x1, y1) = np.round(low.min(0) - _BESIDE, 6), np.round(high.max(0) + _BESIDE, 6)
        return Table((float(x0), float(x1)), (float(y0), float(y1)))

    def camera(self, name: str) -> Camera:
        """The camera of a name.

        Raises:
            BadConfig: there is none.
        """
        for camera in self.cameras:
            if camera.name == name:
                return camera
        known = ", ".join(camera.name for camera in self.cameras)
        raise BadConfig(f"The workcell {self.name!r} has no camera {name!r}; it has {known}.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a JSON attribute or a card; from_dict reads them."""
        return {
            "name": self.name,
            "cameras": [camera.to_dict() for camera in self.cameras],
            "dt": self.dt,
            "codec": self.codec,
            "limits": {"low": self.limits.low.tolist(), "high": self.limits.high.tolist()},
            "home": self.home.tolist(),
            "arms": [_arm_dict(arm) for arm in self.arms],
            "table": None if self.table is None else {"x": list(self.table.x), "y": list(self.table.y)},
            "reach": {"translation": self.reach.translation, "turn": self.reach.turn, "opening": self.reach.opening},
        }

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Workcell":
        """Read what to_dict made, a workcell file, or a record from before workcells (cameras, dt, limits, home).

        Unknown keys are ignored; `limits` and `home` may hold seven numbers for each arm that is there.

        Raises:
            BadConfig: something is missing or does not fit; in words.
        """
        name = str(values.get("name", "unnamed"))
        try:
            arms = tuple(_arm(arm) for arm in values.get("arms", ({"side": side} for side in ARMS)))
            low, high, home = (
                _numbers(numbers, arms) for numbers in (*(values["limits"][k] for k in ("low", "high")), values["home"])
            )
            table = values.get("table")
            return Workcell(
                name=name,
                cameras=tuple(Camera.from_dict(camera) for camera in values["cameras"]),
                dt=float(values["dt"]),
                limits=ActionLimits(low, high),
                home=home,
                arms=arms,
                table=None if table is None else Table(_pair(table["x"]), _pair(table["y"])),
                reach=Reach(**{key: float(value) for key, value in values.get("reach", {}).items()}),
                codec=str(values.get("codec", CODEC)),
            )
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise BadConfig(f"The workcell {name!r} cannot be read: {error!r}. Correct or restore its file.") from error


def _arm(values: Mapping[str, Any]) -> Arm:
    base, tool = (tuple(float(v) for v in values.get(key, (0.0,) * 6)) for key in ("base", "tool"))
    if len(base) != 6 or len(tool) != 6:
        raise ValueError("base and tool of an arm are six numbers each")
    side = str(values["side"])
    if side not in ARMS:
        raise BadConfig(f"There is no arm {side!r} in a workcell; its arms are {' and '.join(ARMS)}.")
    gripper = Gripper(**{key: float(value) for key, value in values.get("gripper", {}).items()})
    return Arm(side, str(values.get("model", "")), base, tool, gripper)


def _arm_dict(arm: Arm) -> dict[str, Any]:
    gripper = arm.gripper
    return {
        "side": arm.side,
        "model": arm.model,
        "base": list(arm.base),
        "tool": list(arm.tool),
        "gripper": {"closed": gripper.closed, "opened": gripper.opened, "finger_radius": gripper.finger_radius},
    }


def _pair(values: Sequence[float]) -> tuple[float, float]:
    low, high = (float(v) for v in values)
    return low, high


def _numbers(values: Sequence[float], arms: Sequence[Arm]) -> NDArray[np.float32]:
    """(14,) of 14 numbers, or of seven for each arm that is there; those of an absent arm are zero."""
    given = np.asarray(values, np.float32)
    if given.shape == (ACTION_DIM,) or given.shape != (ARM_DIM * len(arms),):
        return given
    numbers = np.zeros(ACTION_DIM, np.float32)
    for at, arm in enumerate(arms):
        numbers[arm_slice(ARMS.index(arm.side))] = given[arm_slice(at)]
    return numbers


def same_workcell(a: Workcell, b: Workcell) -> bool:
    """Whether all numbers of two workcells agree."""
    return a.to_dict() == b.to_dict()


def read_workcell(file: Path) -> Workcell:
    """The workcell of a TOML file.

    Raises:
        BadConfig: it is missing, not TOML, or does not fit; in words.
    """
    try:
        values = parse_toml(file.read_text())
    except (OSError, ValueError) as error:
        raise BadConfig(f"The workcell file {file} cannot be read: {error}. Restore or correct it.") from error
    return Workcell.from_dict({"name": file.stem, **values})


@cache
def shipped_workcell(name: str = DEFAULT) -> Workcell:
    """A workcell of assets/workcells.

    Raises:
        BadConfig: there is none of that name, or its file is damaged.
    """
    known = sorted(path.stem for path in FOLDER.glob("*.toml"))
    if name not in known:
        raise BadConfig(f"There is no workcell {name!r}; known: {', '.join(known) or 'none'}. Or name a TOML file.")
    return read_workcell(FOLDER / f"{name}.toml")


def named_workcell(text: str) -> Workcell:
    """The workcell that a user names: one of assets/workcells, or a TOML file.

    Raises:
        BadConfig: there is no such workcell, or its file does not fit.
    """
    return read_workcell(Path(text).expanduser()) if text.endswith(".toml") else shipped_workcell(text)


def stored_workcell(values: Mapping[str, Any]) -> Workcell:
    """The workcell that a part, card or session stores under "workcell"; records from before workcells are accepted.

    Those have cameras, dt, limits and home beside other keys (sessions, cards), or nothing (data parts, policies):
    then it is the bimanual table.

    Raises:
        BadConfig: what is stored does not fit; in words.
    """
    if "workcell" in values:
        return Workcell.from_dict(values["workcell"])
    if "limits" in values and "cameras" in values:
        kept = ("cameras", "dt", "limits", "home", "codec")
        return Workcell.from_dict({key: values[key] for key in kept if key in values})
    return shipped_workcell()
