"""Columns of a foreign data set -> measured end effectors and 14-number actions; in words where they do not fit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from core.action import ACTION_DIM, ARM_DIM, CODEC, arm_slice
from core.errors import BadConfig
from core.workcell import Workcell
from models import load_layout, task_layouts
from models.datasets.export.codec import targets_of
from models.datasets.layouts import task_layout
from models.datasets.source import Column, Source

Numbers = NDArray[np.float64]
_WIDTHS: Final = {"bimanual-ee": ACTION_DIM, "arm-ee": ARM_DIM}
"""Numbers of the action column of the general layouts."""
_UMI: Final = ("eef_pos", "eef_rot_axis_angle", "gripper_width")
_JOINTS: Final = re.compile(r"joint|motor|waist|shoulder|elbow|forearm|wrist|\.pos$", re.IGNORECASE)
_EULER: Final = re.compile(r"roll|pitch|yaw|(^|[._ -])q[xyzw]($|[._ -])|quat", re.IGNORECASE)
_AXES: Final = re.compile(r"(^|[._ -])[xyz]($|[._ -])", re.IGNORECASE)
_WORDS: Final = re.compile(r"[._/ -]")
RELATIVE: Final = "bimanual-ee-delta-rotvec-v1"
"""The codec of our own exports whose actions are changes."""
_FAR: Final = 3.0
"""Metres from the base beyond which a position is in another unit."""
MOST_CLIPPED: Final = 0.5
"""Share of the rows whose target may lie outside the workspace."""


@dataclass(frozen=True, slots=True)
class MappingConfig:
    """How columns become end effectors."""

    layout: str = "auto"
    action: str = ""
    """Column of the actions; "" takes "action"."""
    state: str = ""
    """Column of the measured state; "" takes "observation.state" or "state"."""
    arm: int = 0
    """The arm that a data set of one arm moves, and robot0 of a UMI buffer: 0 left, 1 right."""
    opening: float | None = None
    """Gripper width of UMI that counts as 1, metres; None takes the gripper of the workcell."""
    base: tuple[float, ...] = (0.0,) * 6
    """Pose of the data's frame in the robot base frame: x y z metres, rotation vector radians."""
    tool: tuple[float, ...] = (0.0,) * 3
    """Rotation vector from the data's tool frame to ours (gripper down is the identity), applied on the right."""
    relative: bool = False
    """Actions are changes of the measured pose: position added, rotation composed on the left, opening absolute."""
    cameras: Mapping[str, str] = field(default_factory=dict)
    """Our camera -> column of pictures; empty guesses."""


@dataclass(frozen=True, slots=True, eq=False)
class Mapped:
    """One episode in our numbers."""

    state: NDArray[np.float32]
    """(n, 14) measured."""
    action: NDArray[np.float32]
    """(n, 14) commanded, inside the limits."""
    truth: dict[str, NDArray[np.float32]]
    """Name -> (n, ...) what the data tell of the objects; see models/datasets/layouts.py."""
    clipped: int
    """Rows whose target was brought inside the limits."""


def widths() -> dict[str, int]:
    """Numbers of the action column of every layout that has one."""
    return {**_WIDTHS, **{name: load_layout(name).width for name in task_layouts()}}


def layout_of(source: Source, config: MappingConfig) -> str:
    """The layout that is asked for or found.

    Raises:
        BadConfig: nothing known fits; in words.
    """
    if config.layout != "auto":
        return config.layout
    if "robot0_eef_pos" in source.columns:
        return "umi"
    name = config.action or "action"
    column = _column(source, name)
    for layout, width in widths().items():
        if layout in task_layouts() and column.width == width:
            return layout
    codec = source.about.get("action_codec") in (CODEC, RELATIVE)
    turned = [n for n in column.names if _EULER.search(n)]
    if turned:
        raise BadConfig(
            f"The column {name!r} turns by {', '.join(turned[:3])}; worlds here take rotation vectors. "
            "Convert them first (scipy.spatial.transform.Rotation)."
        )
    axes = any(_AXES.search(n) for n in column.names)
    joints = [n for n in column.names if _JOINTS.search(n)]
    if joints and not axes:
        raise BadConfig(
            f"The column {name!r} holds joint angles ({', '.join(joints[:3])} …); worlds here take end-effector poses. "
            "Run the forward kinematics of the robot over the data set first."
        )
    for layout, width in _WIDTHS.items():
        if column.width == width and (codec or axes):
            return layout
    known = ", ".join(f"{layout} ({width} numbers)" for layout, width in widths().items())
    hint = next((layout for layout, width in _WIDTHS.items() if column.width == width), "")
    raise BadConfig(
        f"The {column.width} numbers of the column {name!r} have no names that identify them. Known: {known}, umi. "
        + (f"If they are per arm position m, rotation vector rad, opening 0..1: --layout {hint}." if hint else "")
    )


def columns_of(source: Source, config: MappingConfig, layout: str) -> list[str]:
    """The columns that a layout reads, checked.

    Raises:
        BadConfig: one is missing or has another width; in words.
    """
    if layout == "umi":
        names = [f"robot{i}_{part}" for i in range(2 if "robot1_eef_pos" in source.columns else 1) for part in _UMI]
        for name in names:
            _width(source, name, 1 if name.endswith("width") else 3)
        return names
    action, state = config.action or "action", config.state or _state(source)
    width = widths()[layout]
    _width(source, action, width)
    if layout in task_layouts() and _column(source, state).width > width:  # the pose of the objects behind it
        return [action, state]
    _width(source, state, width)
    return [action, state]


def cameras_of(source: Source, config: MappingConfig, wanted: Sequence[str], layout: str) -> dict[str, str]:
    """Our camera -> column of pictures, for those there are: as asked, else by name, else in order.

    Raises:
        BadConfig: no pictures at all, or a name that is not there.
    """
    for ours, theirs in config.cameras.items():
        if theirs not in source.cameras:
            raise BadConfig(
                f"--camera {ours}={theirs}: {source.folder} has no pictures {theirs!r}; "
                f"it has {', '.join(source.cameras) or 'none'}."
            )
        if ours not in wanted:
            raise BadConfig(f"--camera {ours}={theirs}: there is no camera {ours!r}; known: {', '.join(wanted)}.")
    if config.cameras:
        return dict(config.cameras)
    if not source.cameras:
        raise BadConfig(f"{source.folder} holds no pictures (only {', '.join(source.columns)}). Nothing can be seen.")
    named = {ours: [name for name in source.cameras if ours in _WORDS.split(name)] for ours in wanted}
    found = {ours: names[0] for ours, names in named.items() if names}
    return found or dict(zip(wanted, source.cameras, strict=False))


def mapped(rows: Mapping[str, Numbers], config: MappingConfig, workcell: Workcell, layout: str, where: str) -> Mapped:
    """Turn the columns of one episode, as columns_of named them.

    Args:
        rows: Column -> (n, width).
        config: How.
        workcell: Whose end effectors they become.
        layout: One of layout_names(), not "auto".
        where: For the words of an error.

    Raises:
        BadConfig: not finite, in another unit, or mostly out of reach.
    """
    truth: dict[str, NDArray[np.float32]] = {}
    if layout == "umi":
        state = _umi(rows, config, workcell)
        action = np.concatenate([state[1:], state[-1:]])
    else:
        action_in, state_in = rows.values() if len(rows) == 2 else (next(iter(rows.values())),) * 2
        theirs = task_layout(layout)
        if theirs is not None:
            state, action = (theirs.hands(v[:, : theirs.width], config.arm, workcell) for v in (state_in, action_in))
            truth = theirs.truth_of(state_in)
        else:
            if config.relative:
                action_in = targets_of(action_in, state_in)
            state, action = (_poses(v, config, workcell, layout) for v in (state_in, action_in))
    _check(state, action, where)
    limits = workcell.limits
    inside = limits.clip(action)
    clipped = int((np.abs(inside - action).max(1) > 1e-3).sum())
    if clipped > MOST_CLIPPED * len(action):
        i = int(np.abs(inside - action).max(0).argmax())
        raise BadConfig(
            f"{where}: {clipped} of {len(action)} targets lie outside the workspace (number {i} goes from "
            f"{action[:, i].min():.2f} to {action[:, i].max():.2f}, {limits.low[i]:.2f} .. {limits.high[i]:.2f} is "
            "in reach). Say where the data's frame is with --base and how its tool is turned with --tool, or, where "
            "actions are changes of the measured pose, --relative."
        )
    return Mapped(state, inside, truth, clipped)


def _column(source: Source, name: str) -> Column:
    if name not in source.columns:
        raise BadConfig(
            f"{source.folder} has no column {name!r}; it has {', '.join(source.columns)}. "
            "Name the right one with --action or --state."
        )
    return source.columns[name]


def _width(source: Source, name: str, wanted: int) -> None:
    width = _column(source, name).width
    if width != wanted:
        raise BadConfig(
            f"The column {name!r} of {source.folder} has {width} numbers, this layout needs {wanted}. "
            "Choose another --layout, or another column with --action and --state."
        )


def _state(source: Source) -> str:
    return next((name for name in ("observation.state", "state") if name in source.columns), "observation.state")


def _umi(rows: Mapping[str, Numbers], config: MappingConfig, workcell: Workcell) -> NDArray[np.float32]:
    count = len(rows["robot0_eef_pos"])
    state = np.repeat(workcell.home[None], count, axis=0).astype(np.float64)
    for robot in range(2 if "robot1_eef_pos" in rows else 1):
        place, turn, width = (rows[f"robot{robot}_{part}"] for part in _UMI)
        opening = config.opening or workcell.arms[0].gripper.opened
        hand = np.concatenate([place, turn, np.clip(width / opening, 0.0, 1.0)], axis=1)
        state[:, arm_slice(config.arm ^ robot)] = _moved(hand, config)
    return state.astype(np.float32)


def _poses(values: Numbers, config: MappingConfig, workcell: Workcell, layout: str) -> NDArray[np.float32]:
    """End effectors of one column; an arm that is not in it stays at home."""
    state = np.repeat(workcell.home[None], len(values), axis=0).astype(np.float64)
    arms = (0, 1) if layout == "bimanual-ee" else (config.arm,)
    for place, arm in enumerate(arms):
        state[:, arm_slice(arm)] = _moved(values[:, arm_slice(place)], config)
    return state.astype(np.float32)


def _moved(hand: Numbers, config: MappingConfig) -> Numbers:
    """(n, 7) from the data's frames into ours."""
    if not any(config.base) and not any(config.tool):
        return hand
    base, tool = Rotation.from_rotvec(config.base[3:]), Rotation.from_rotvec(config.tool)
    turn = base * Rotation.from_rotvec(hand[:, 3:6]) * tool
    return np.concatenate([base.apply(hand[:, :3]) + config.base[:3], turn.as_rotvec(), hand[:, 6:]], axis=1)


def _check(state: NDArray[np.float32], action: NDArray[np.float32], where: str) -> None:
    for name, values in (("state", state), ("action", action)):
        if not np.isfinite(values).all():
            row = int(np.flatnonzero(~np.isfinite(values).all(1))[0])
            raise BadConfig(f"{where}: row {row} of the {name} is not finite. Leave the episode out with --episodes.")
        far = float(np.abs(values.reshape(len(values), 2, ARM_DIM)[..., :3]).max())
        if far > _FAR:
            raise BadConfig(
                f"{where}: a position of the {name} is {far:g} metres away. These numbers are in another unit or are "
                "no positions; choose another --layout or other columns."
            )
