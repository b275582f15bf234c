"""What the keys of a LeRobot action mean for the hands: joints, poses of an end effector, or motions of one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.errors import BadConfig, DeviceLost
from core.reading import ArmReading, ReadingKind
from devices.leader.kinematics import Kinematics
from devices.leader.table import ArmTable

Units = Literal["degrees", "radians", "normalised"]
Form = Literal["joints", "pose", "delta"]
PREFIXES: Final = ("", "left_", "right_")
AXES: Final = ("x", "y", "z")
ROTATION_AXES: Final = (("wx", "wy", "wz"), ("rx", "ry", "rz"))
FULL: Final = 100.0
"""LeRobot's gripper, wide open."""
STAY: Final = 1.0
"""LeRobot's gripper command: 0 closes, 1 stays, 2 opens."""


@dataclass(frozen=True, slots=True)
class HandPlan:
    """How one hand is read from an action."""

    arm: int
    """0 left, 1 right."""
    form: Form
    main: tuple[str, ...]
    """Keys of the joints in the order of the table, or of x, y, z."""
    turn: tuple[str, ...] = ()
    """Keys of the rotation; empty where there is none."""
    gripper: str = ""
    """Key of the gripper; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How an action is read."""

    hands: tuple[HandPlan, ...]

    @property
    def kind(self) -> ReadingKind:
        """Rate for motions, position for the rest."""
        return "rate" if self.hands[0].form == "delta" else "position"


def action_keys(features: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of an action, from LeRobot's action_features in either of its two shapes."""
    names = features.get("names")
    return tuple(str(key) for key in (names if names is not None and not isinstance(names, type) else features))


def plan(features: Mapping[str, Any], table: ArmTable | None) -> Plan:
    """How to read the actions of a teleoperator.

    Args:
        features: its action_features.
        table: of its arm, for joint keys.

    Raises:
        BadConfig: the keys say nothing about hands, or the arm is not named or another one.
    """
    keys = set(action_keys(features))
    hands = [hand for prefix in PREFIXES if (hand := _hand(prefix, keys, table)) is not None]
    if hands and len({hand.form == "delta" for hand in hands}) == 1:
        return Plan(tuple(hands))
    listed = ", ".join(sorted(keys)) or "none"
    joints = sorted(key for key in keys if key.endswith(".pos"))
    if joints and table is None:
        raise BadConfig(f'It gives joints ({listed}), so name its arm: arm = "so101", or another joint table.')
    if joints and table is not None:
        wanted = ", ".join(f"{joint.name}.pos" for joint in table.joints)
        raise BadConfig(f"It gives {listed}, but the {table.words} has {wanted}. Name the table of its arm.")
    raise BadConfig(f"Its keys say nothing about a hand: {listed}. Known: NAME.pos, ee.x .., delta_x ...")


def _hand(prefix: str, keys: set[str], table: ArmTable | None) -> HandPlan | None:
    arm = 1 if prefix == "right_" else 0

    def has(*names: str) -> tuple[str, ...]:
        full = tuple(prefix + name for name in names)
        return full if keys.issuperset(full) else ()

    def first(*names: str) -> str:
        return next((prefix + name for name in names if prefix + name in keys), "")

    if pose := has(*(f"ee.{axis}" for axis in AXES)):
        turn = next((found for axes in ROTATION_AXES if (found := has(*(f"ee.{axis}" for axis in axes)))), ())
        return HandPlan(arm, "pose", pose, turn, first("ee.gripper_pos", "gripper.pos"))
    if delta := has(*(f"delta_{axis}" for axis in AXES)):
        turn = next((found for axes in ROTATION_AXES if (found := has(*(f"delta_{axis}" for axis in axes)))), ())
        return HandPlan(arm, "delta", delta, turn, first("gripper"))
    if table is not None and (joints := has(*(f"{joint.name}.pos" for joint in table.joints))):
        trigger = table.trigger.name if table.trigger is not None else "gripper"
        return HandPlan(arm, "joints", joints, (), first(f"{trigger}.pos"))
    return None


def read_hand(
    hand: HandPlan, action: Mapping[str, Any], kinematics: Kinematics | None, table: ArmTable | None, units: Units
) -> ArmReading:
    """One hand of an action; not valid where a number is not finite.

    Raises:
        DeviceLost: a key that was promised is not there.
    """
    main, turn = _numbers(action, hand.main), _numbers(action, hand.turn)
    grip = float(_numbers(action, (hand.gripper,))[0]) if hand.gripper else None
    if not (np.isfinite(main).all() and np.isfinite(turn).all() and np.isfinite(grip or 0.0)):
        return ArmReading(valid=False)
    if hand.form == "delta":
        rate = 0.0 if grip is None else float(np.clip(grip - STAY, -1.0, 1.0))
        angular = np.clip(turn, -1.0, 1.0) if hand.turn else np.zeros(3)
        return ArmReading(linear=np.clip(main, -1.0, 1.0), angular=angular, gripper_rate=rate)
    opening = None if grip is None else float(np.clip(grip / FULL, 0.0, 1.0))
    if hand.form == "pose":
        orientation = np.asarray(Rotation.from_rotvec(turn).as_quat(), np.float64) if hand.turn else None
        return ArmReading(main, orientation, gripper=opening)
    assert kinematics is not None
    assert table is not None
    position, orientation = kinematics.pose(radians(main, table, units))
    return ArmReading(position, orientation, gripper=opening)


def radians(values: NDArray[np.float64], table: ArmTable, units: Units) -> NDArray[np.float64]:
    """Angles (joints,) of the published model, from what LeRobot gives.

    Normalised values, -100..100, are taken over the published limits, since the swept range is not in the action.
    """
    if units == "normalised":
        low, high = (np.array([getattr(joint, end) for joint in table.joints]) for end in ("low", "high"))
        return np.asarray(low + (values + FULL) / (2.0 * FULL) * (high - low))
    centre = np.array([joint.pose if joint.zero == "pose" else 0.0 for joint in table.joints])
    signs = np.array([joint.sign for joint in table.joints], np.float64)
    return np.asarray(centre + signs * (np.deg2rad(values) if units == "degrees" else values))


def _numbers(action: Mapping[str, Any], keys: tuple[str, ...]) -> NDArray[np.float64]:
    try:
        return np.array([float(action[key]) for key in keys], np.float64)
    except KeyError as error:
        raise DeviceLost(f"The teleoperator's action has no {error} any more. Check its hardware.") from error
    except (TypeError, ValueError) as error:
        raise DeviceLost(f"The teleoperator's action holds something that is no number: {error}.") from error
