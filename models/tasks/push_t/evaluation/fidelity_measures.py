"""Open loop against recorded truth: horizons, pushes, and hands that touch nothing. No simulator, no torch."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.action import ActionLimits
from core.observation import Observation
from core.task import Scene
from core.world import World, WorldState
from models.tasks.push_t.evaluation.fidelity_metrics import (
    Imagined,
    Recorded,
    amount,
    imagine,
    middle,
    object_colour,
    picture_scores,
    pose_errors,
    wrapped,
)
from models.tasks.push_t.evaluation.fidelity_report import strip

HORIZONS: Final = (1, 10, 50, 100, 200)
BY_KIND: Final = 50
"""Steps after which the rollouts are listed by kind."""
STRIPS: Final = 6
COLUMNS: Final = ("psnr", "ssim", "copy", "cm", "deg", "ee_cm", "left")
TURNS: Final = np.deg2rad(5)
"""A push that turns the object by less has no sense of rotation, radians."""
QUIET_ROLLOUTS: Final = 10

Figures = dict[str, Any]
Say = Callable[[str], None]


def start(world: World, observation: Observation) -> WorldState:
    """A state of the world from the pictures of a resting scene."""
    return world.reset([Scene(world.spec.task, 0, {}, observation)], [0])[0]


def start_amid(world: World, run: Recorded, frame: int) -> WorldState:
    """A state in the midst of a run: its pictures, and the action that led there."""
    return world.encode([Observation(run.frames[frame], run.ee_state[frame])], run.action[max(0, frame - 1) : frame])


def horizons(world: World, rollouts: Sequence[Recorded], folder: Path | None, say: Say) -> Figures:
    """Pictures, object and hands of the rollouts after so many steps; strips are drawn into `folder`."""
    background = np.median(np.stack([r.start.frames["top"] for r in rollouts]), axis=0).astype(np.uint8)
    kept: dict[str, list[list[float]]] = {k: [] for k in COLUMNS}
    travel = []
    for i, run in enumerate(rollouts):
        made = imagine(world, start(world, run.start), run.action)
        for key, values in _row(world, run, made, background).items():
            kept[key].append(values)
        travel.append(float(np.linalg.norm(np.diff(run.object_pose[:, :2], axis=0), axis=1).sum()) * 100)
        if folder is not None and i < STRIPS:
            strip(run, made, world, folder / f"rollout_{i:02d}.png")
        say(f"rollouts: {i + 1} of {len(rollouts)}")
    table = []
    for column, steps in enumerate(HORIZONS):
        entry: Figures = {"steps": steps}
        for key, rows in kept.items():
            entry[key], entry[f"{key}_mean"] = middle([r[column] for r in rows])
        table.append(entry)
    return {
        "n": len(rollouts),
        "table": table,
        "travel_cm_mean": float(np.mean(travel)),
        "by_kind": _by_kind(rollouts, kept),
    }


def _row(world: World, run: Recorded, made: Imagined, background: NDArray[np.uint8]) -> dict[str, list[float]]:
    apart, turn = pose_errors(made.pose, run.object_pose)
    hands = np.linalg.norm((made.ee_state - run.ee_state).reshape(-1, 2, 7)[..., :3], axis=-1).mean(-1)
    colour = object_colour(run.start.frames["top"], background)
    row: dict[str, list[float]] = {k: [] for k in COLUMNS}
    for steps in HORIZONS:
        seen = dict(world.observe([made.states[steps]])[0].frames)
        scores = picture_scores(seen, run.frames[steps])
        row["psnr"].append(scores[0])
        row["ssim"].append(scores[1])
        row["copy"].append(picture_scores(dict(run.start.frames), run.frames[steps])[0])
        row["cm"].append(apart[steps] * 100)
        row["deg"].append(float(np.rad2deg(turn[steps])))
        row["ee_cm"].append(float(hands[steps]) * 100)
        row["left"].append(amount(seen["top"], colour) / max(1, amount(run.frames[steps]["top"], colour)))
    return row


def _by_kind(rollouts: Sequence[Recorded], kept: dict[str, list[list[float]]]) -> Figures:
    """Medians after BY_KIND steps for every kind of play."""
    column, found = HORIZONS.index(BY_KIND), {}
    for kind in sorted({r.kind for r in rollouts}):
        rows = [i for i, r in enumerate(rollouts) if r.kind == kind]
        found[kind] = {"n": len(rows), **{k: middle([kept[k][i][column] for i in rows])[0] for k in ("cm", "deg")}}
    return found


def pushes(world: World, runs: Sequence[Recorded], folder: Path | None) -> Figures:
    """Straight pushes: where the object ends, and which way it turns."""
    cm, deg, moved, turned_by, right = [], [], [], [], []
    for i, run in enumerate(runs):
        made = imagine(world, start(world, run.start), run.action)
        apart, turn = pose_errors(made.pose, run.object_pose)
        cm.append(apart[-1] * 100)
        deg.append(np.rad2deg(turn[-1]))
        truth = float(wrapped(run.object_pose[-1:, 2] - run.object_pose[:1, 2])[0])
        moved.append(float(np.linalg.norm(run.object_pose[-1, :2] - run.object_pose[0, :2])) * 100)
        turned_by.append(abs(np.rad2deg(truth)))
        if abs(truth) > TURNS:
            right.append(np.sign(made.pose[-1, 2] - made.pose[0, 2]) == np.sign(truth))
        if folder is not None and i < STRIPS:
            strip(run, made, world, folder / f"push_{i:02d}.png")
    return {
        "n": len(cm), "cm_mean": float(np.mean(cm)), "cm": float(np.median(cm)), "deg_mean": float(np.mean(deg)),
        "deg": float(np.median(deg)), "moved_cm_mean": float(np.mean(moved)),
        "turned_deg_mean": float(np.mean(turned_by)),
        "sign_right": float(np.mean(right)) if right else None, "sign_n": len(right),
    }  # fmt: skip


def quiet(world: World, rollouts: Sequence[Recorded]) -> Figures:
    """Raised arm, passing over, no arm moves: the object must stay where it is."""
    found: dict[str, list[tuple[float, float]]] = {}
    hands_rest = []
    for run in rollouts[:QUIET_ROLLOUTS]:
        begin = start(world, run.start)
        for name, actions in quiet_actions(run, world.spec.limits).items():
            made = imagine(world, begin, actions)
            drift = np.linalg.norm(made.pose[:, :2] - made.pose[0, :2], axis=1).max() * 100
            turn = np.abs(wrapped(made.pose[:, 2] - made.pose[0, 2])).max()
            found.setdefault(name, []).append((float(drift), float(np.rad2deg(turn))))
            if name == "nobody_moves":
                places = made.ee_state.reshape(-1, 2, 7)[..., :3]
                hands_rest.append(float(np.linalg.norm(places[-1] - places[0], axis=-1).max()))
    figures: Figures = {
        name: {"cm_max": max(d[0] for d in rows), "deg_max": max(d[1] for d in rows), "n": len(rows)}
        for name, rows in found.items()
    }
    figures["nobody_moves"]["hands_cm_max"] = 100 * max(hands_rest)
    return figures


def quiet_actions(run: Recorded, limits: ActionLimits) -> dict[str, NDArray[np.float32]]:
    """Actions (n, 14) that touch nothing, from the start of a run."""
    rest = limits.clip(run.ee_state[0])
    raised = np.repeat(rest[None], 100, 0)
    raised[:, [2, 9]] = rest[[2, 9]] + np.linspace(0, 1, 100)[:, None] * (0.2 - rest[[2, 9]])
    over = np.repeat(rest[None], 100, 0)
    over[:, 2] = np.interp(np.arange(100), [0, 19], [rest[2], 0.1])
    far = 2 * run.object_pose[0, :2].astype(np.float32) - rest[:2]
    over[20:, :2] = rest[:2] + np.linspace(0, 1, 80, dtype=np.float32)[:, None] * (far - rest[:2])
    asked = {"raised_arm": raised, "passing_over": over, "nobody_moves": np.repeat(rest[None], 300, 0)}
    return {name: limits.clip(actions) for name, actions in asked.items()}
