"""What is in a data set: figures as JSON, and two pictures beside it (coverage, a contact sheet)."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
import zarr
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from core.errors import BadStore
from models.datasets.dataset_parts import SPLITS, parts_of
from models.tasks.push_t import geometry as g

MOVING_M: Final = 2e-4
MOVING_RAD: Final = np.deg2rad(0.2)
"""A step in which the T moves by more than either counts as contact."""
_SHEET_COLUMNS: Final = 10


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The small arrays of a whole data set, episodes one after the other."""

    ee_state: NDArray[np.float32]
    action: NDArray[np.float32]
    object_pose: NDArray[np.float32]
    ends: NDArray[np.int64]
    kind: NDArray[np.int8]
    split: NDArray[np.int8]
    kinds: tuple[str, ...]

    def steps(self) -> NDArray[np.int64]:
        """Rows that have a next row in the same episode."""
        return np.setdiff1d(np.arange(len(self.action)), self.ends - 1)

    def kind_of_rows(self) -> NDArray[np.int8]:
        """The kind of every row."""
        return np.repeat(self.kind, np.diff(self.ends, prepend=0))


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures of a data set."""

    frames: int
    episodes: int
    episodes_of_kind: dict[str, int]
    episodes_of_split: dict[str, int]
    moving_share: float
    """Part of the steps in which the T moves."""
    moving_share_of_kind: dict[str, float]
    both_near_share: float
    """Part of the steps with both hands low and within 14 cm of the T."""
    solved_of_kind: dict[str, float]
    """Part of the episodes that cover 0.9 of the target at some step."""
    map_cells_visited: float
    """Part of the 2 cm cells of the table where the centre of the T has been."""
    yaw_bins_visited: float
    """Part of the 5 degree bins of its yaw."""
    motion_cm: tuple[float, float, float]
    """Of the T per moving step: median, 95th percentile, greatest."""
    turn_deg: tuple[float, float, float]
    hand_speed_cm: tuple[float, float, float]
    """Of both tool points per step."""
    off_table_share: float
    """Part of the rows with the centre of the T off the mapped square."""


def read_rows(folder: Path) -> Rows:
    """The small arrays of a data set.

    Raises:
        BadStore: no such data, or a part that cannot be read.
    """
    parts: list[dict[str, NDArray[Any]]] = []
    kinds: tuple[str, ...] = ()
    for path in parts_of(folder):
        try:
            group = zarr.open_group(path, mode="r")
            read = {name: _values(group, name) for name in ("episode_ends", "episode_kind", "episode_split")}
            count = int(read["episode_ends"][-1]) if len(read["episode_ends"]) else 0
            read |= {n: _values(group, n)[:count] for n in ("ee_state", "action", "truth/object_pose")}
            kinds = tuple(str(k) for k in np.asarray(group.attrs["kinds"]))
        except (OSError, KeyError, ValueError) as error:
            raise BadStore(f"The data part {path} cannot be read: {error!r}. Delete it and collect again.") from error
        parts.append(
            {name: v[: len(read["episode_ends"])] if name.startswith("episode") else v for name, v in read.items()}
        )
    if not any(len(p["episode_ends"]) for p in parts):
        raise BadStore(f"There is no whole episode in {folder} yet. Collecting goes on with the same command.")
    offsets = np.cumsum([0, *[len(p["action"]) for p in parts]])
    ends = np.concatenate([p["episode_ends"] + o for p, o in zip(parts, offsets, strict=False)])
    joined = {n: np.concatenate([p[n] for p in parts]) for n in parts[0]}
    return Rows(
        joined["ee_state"],
        joined["action"],
        joined["truth/object_pose"],
        ends,
        joined["episode_kind"],
        joined["episode_split"],
        kinds,
    )


def _values(group: zarr.Group, name: str) -> NDArray[Any]:
    return np.asarray(group[name][:])  # type: ignore[index]


def _spread(values: NDArray[np.floating[Any]]) -> tuple[float, float, float]:
    if not len(values):
        return (0.0, 0.0, 0.0)
    return float(np.median(values)), float(np.percentile(values, 95)), float(values.max())


def _motion(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Per step: distance (m) and turn (rad) of the T, and whether that counts as moving."""
    i = rows.steps()
    change = rows.object_pose[i + 1].astype(np.float64) - rows.object_pose[i]
    turn = np.abs((change[:, 2] + np.pi) % (2 * np.pi) - np.pi)
    far = np.linalg.norm(change[:, :2], axis=1)
    return far, turn, (far > MOVING_M) | (turn > MOVING_RAD)


def figures(rows: Rows) -> Summary:
    """Count and measure."""
    far, turn, moving = _motion(rows)
    i = rows.steps()
    kind_rows = rows.kind_of_rows()[i]
    tools = rows.ee_state.reshape(-1, 2, 7)[..., :3].astype(np.float64)
    near = (np.linalg.norm(tools[..., :2] - rows.object_pose[:, None, :2], axis=-1) < 0.14) & (tools[..., 2] < 0.04)
    hands = np.linalg.norm(tools[i + 1] - tools[i], axis=-1).ravel()
    x, y, yaw = rows.object_pose.T.astype(np.float64)
    cells, _, _ = np.histogram2d(x, y, bins=32, range=[g.TABLE_X, g.TABLE_Y])
    bins, _ = np.histogram(yaw, bins=72, range=(-np.pi, np.pi))
    best = np.array(
        [max(g.coverage(p) for p in part) for part in np.split(rows.object_pose.astype(float), rows.ends[:-1])]
    )
    off = (x < g.TABLE_X[0]) | (x > g.TABLE_X[1]) | (y < g.TABLE_Y[0]) | (y > g.TABLE_Y[1])
    names = [(k, name) for k, name in enumerate(rows.kinds) if (rows.kind == k).any()]
    return Summary(
        frames=len(rows.action),
        episodes=len(rows.ends),
        episodes_of_kind={name: int((rows.kind == k).sum()) for k, name in names},
        episodes_of_split={name: int((rows.split == s).sum()) for s, name in enumerate(SPLITS)},
        moving_share=float(moving.mean()),
        moving_share_of_kind={name: float(moving[kind_rows == k].mean()) for k, name in names},
        both_near_share=float(near.all(-1).mean()),
        solved_of_kind={name: float((best[rows.kind == k] >= g.SUCCESS_COVERAGE).mean()) for k, name in names},
        map_cells_visited=float((cells > 0).mean()),
        yaw_bins_visited=float((bins > 0).mean()),
        motion_cm=_spread(100 * far[moving]),
        turn_deg=_spread(np.rad2deg(turn[moving])),
        hand_speed_cm=_spread(100 * hands),
        off_table_share=float(off.mean()),
    )


def summarise(folder: Path) -> Summary:
    """Measure a data set and write summary.json, summary.png and contact_sheet.png into its folder."""
    rows = read_rows(folder)
    found = figures(rows)
    (folder / "summary.json").write_text(json.dumps(asdict(found), indent=1))
    draw_coverage(rows, folder / "summary.png")
    draw_contact_sheet(folder, rows, folder / "contact_sheet.png")
    return found


def describe(found: Summary, folder: Path) -> str:
    """The figures as lines of text."""
    lines = [f"{found.frames:,} frames in {found.episodes:,} episodes in {folder}"]
    for name, count in found.episodes_of_kind.items():
        moving, solved = found.moving_share_of_kind[name], found.solved_of_kind[name]
        lines.append(
            f"  {name:<11} {count:5d} episodes, T moves in {moving:4.0%} of steps, target covered in {solved:4.0%}"
        )
    splits = ", ".join(f"{name} {count}" for name, count in found.episodes_of_split.items())
    lines += [
        f"  splits: {splits} episodes",
        f"  T moves in {found.moving_share:.0%} of steps; both hands at it in {found.both_near_share:.0%}",
        f"  positions: {found.map_cells_visited:.0%} of 2 cm cells; "
        f"angles: {found.yaw_bins_visited:.0%} of 5 degree bins; off the table {found.off_table_share:.1%}",
        "  per moving step (median / 95 % / greatest): "
        f"{found.motion_cm[0]:.2f} / {found.motion_cm[1]:.2f} / {found.motion_cm[2]:.2f} cm, "
        f"{found.turn_deg[0]:.1f} / {found.turn_deg[1]:.1f} / {found.turn_deg[2]:.1f} degrees",
        f"  pictures: {folder / 'summary.png'}, {folder / 'contact_sheet.png'}",
    ]
    return "\n".join(lines)


def draw_coverage(rows: Rows, path: Path) -> None:
    """Positions of T and hands, yaw, where on the T it is touched from, motion per step, openings."""
    far, turn, moving = _motion(rows)
    figure = Figure(figsize=(13, 8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(2, 3)
    x, y, yaw = rows.object_pose.T
    tools = rows.ee_state.reshape(-1, 2, 7)
    _map(axes[0, 0], y, x, "centre of the T")
    _map(axes[0, 1], tools[..., 1].ravel(), tools[..., 0].ravel(), "tool points")
    axes[0, 2].hist(np.rad2deg(yaw), bins=72, color="#e8702a")
    axes[0, 2].set(title="yaw of the T", xlabel="degrees", ylabel="frames")
    _touches(axes[1, 0], rows, moving)
    axes[1, 1].hist(100 * far[moving], bins=80, log=True, color="#e8702a", label="cm")
    axes[1, 1].hist(
        np.rad2deg(turn[moving]) / 10, bins=80, log=True, histtype="step", color="#333", label="degrees / 10"
    )
    axes[1, 1].set(title="motion of the T per moving step", ylabel="steps")
    axes[1, 1].legend()
    for arm, (name, colour) in enumerate((("left", "#2a75f2"), ("right", "#b840db"))):
        axes[1, 2].hist(
            100 * tools[:, arm, 2], bins=60, range=(0, 21), histtype="step", color=colour, label=f"{name} height"
        )
    axes[1, 2].set(title="height of the tool points", xlabel="cm", ylabel="frames")
    axes[1, 2].legend()
    figure.savefig(path, dpi=80)


def _map(axes: Any, across: NDArray[np.float32], up: NDArray[np.float32], title: str) -> None:
    """A density as seen by the top camera: +x up, +y left."""
    axes.hist2d(across, up, bins=64, range=[g.TABLE_Y, g.TABLE_X], cmap="magma", norm="log")
    axes.invert_xaxis()
    axes.set(title=title, xlabel="y, m", ylabel="x, m", aspect="equal")


def _touches(axes: Any, rows: Rows, moving: NDArray[np.bool_]) -> None:
    """Where low hands are, in the frame of the T, while it moves."""
    i = rows.steps()[moving]
    points = []
    for arm in range(2):
        tool = rows.ee_state[i, arm * 7 : arm * 7 + 3].astype(np.float64)
        pose = rows.object_pose[i].astype(np.float64)
        gap = tool[:, :2] - pose[:, :2]
        cos, sin = np.cos(pose[:, 2]), np.sin(pose[:, 2])
        local = np.stack([cos * gap[:, 0] + sin * gap[:, 1], cos * gap[:, 1] - sin * gap[:, 0]], -1)
        points.append(local[(tool[:, 2] < 0.04) & (np.abs(local) < 0.16).all(-1)])
    at = np.concatenate(points)
    axes.hist2d(at[:, 0], at[:, 1], bins=80, range=[(-0.16, 0.16)] * 2, cmap="magma", norm="log")
    outline = np.vstack([g.T_OUTLINE, g.T_OUTLINE[:1]])
    axes.plot(outline[:, 0], outline[:, 1], color="#4ad0a0", lw=1)
    axes.set(title="tool points around the moving T", xlabel="m, along the bar", aspect="equal")


def draw_contact_sheet(folder: Path, rows: Rows, path: Path) -> None:
    """Two episodes of every kind, ten instants each, both cameras."""
    strips = []
    begins = np.concatenate([[0], rows.ends[:-1]])
    for kind in range(len(rows.kinds)):
        for episode in np.flatnonzero(rows.kind == kind)[:2]:
            chosen = np.linspace(begins[episode], rows.ends[episode] - 1, _SHEET_COLUMNS).astype(int)
            strips.append(np.concatenate([_frame_pair(folder, int(i)) for i in chosen], axis=1))
    if strips:
        mpl.image.imsave(path, np.concatenate(strips, axis=0))


def _frame_pair(folder: Path, row: int) -> NDArray[np.uint8]:
    """Both cameras of one row of the data set, one above the other."""
    for path in parts_of(folder):
        ends = np.asarray(zarr.open_array(path / "episode_ends", mode="r")[:])
        count = int(ends[-1]) if len(ends) else 0
        if row < count:
            group = zarr.open_group(path, mode="r")
            frames = [np.asarray(group[f"frames/{c.name}"][row]) for c in g.CAMERAS]  # type: ignore[index]
            return np.concatenate(frames, axis=0)
        row -= count
    raise BadStore(f"{folder} has no such row.")
