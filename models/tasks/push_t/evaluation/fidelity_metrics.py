"""Figures of a learned world against recorded truth. No simulator, no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.metrics import structural_similarity

from core.observation import Observation
from core.seeds import step_seed
from core.world import World, WorldState

Array = NDArray[np.float64]
COLOUR_DISTANCE = 70.0
"""RGB distance below which a pixel counts as the object's colour."""


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """One recorded run to imagine again."""

    name: str
    kind: str
    """What the hands were up to: a kind of models/tasks/push_t/data/play.py, or "push"."""
    start: Observation
    action: NDArray[np.float32]
    """(n - 1, 14) commanded."""
    ee_state: NDArray[np.float32]
    """(n, 14) measured."""
    object_pose: Array
    """(n, 3) true, metres and radians."""
    frames: dict[int, dict[str, NDArray[np.uint8]]]
    """Recorded pictures at some frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Imagined:
    """What a world made of it."""

    pose: Array
    """(n, 3) accumulated pose of the object map."""
    ee_state: NDArray[np.float32]
    """(n, 14)."""
    trust: NDArray[np.float32]
    """(n - 1,)."""
    states: list[WorldState]
    """At every frame."""


def imagine(world: World, start: WorldState, actions: NDArray[np.float32], seed: int = 0) -> Imagined:
    """Roll a world out from a state, open loop."""
    states, trust = [start], []
    for i, action in enumerate(actions):
        after, believed = world.step([states[-1]], action[None, None], [step_seed(seed, i)])
        states.append(after[0])
        trust.append(np.nan if believed is None else float(believed[0]))
    packed = [world.pack(s).arrays for s in states]
    return Imagined(
        np.stack([p["pose"] for p in packed]).astype(np.float64),
        np.stack([p["measured"] for p in packed]),
        np.asarray(trust, np.float32),
        states,
    )


def turned(points: Array, angle: Array) -> Array:
    """(..., 2) points turned by (...) radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * points[..., 0] - s * points[..., 1], s * points[..., 0] + c * points[..., 1]], -1)


def wrapped(angle: Array) -> Array:
    """The same angle in -pi .. pi."""
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def pose_errors(imagined: Array, truth: Array) -> tuple[Array, Array]:
    """Distance of the object's origin (n,) metres and angle (n,) radians, both relative to the first frame."""
    origin = turned(truth[0, :2] - imagined[0, :2], -imagined[0, 2])
    place = imagined[:, :2] + turned(np.broadcast_to(origin, (len(imagined), 2)), imagined[:, 2])
    turn = wrapped((imagined[:, 2] - imagined[0, 2]) - (truth[:, 2] - truth[0, 2]))
    return np.linalg.norm(place - truth[:, :2], axis=1), np.abs(turn)


def psnr(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Decibels of a picture against another; 60 where they agree."""
    square = float(((a.astype(np.float64) - b) ** 2).mean())
    return 60.0 if square < 0.065 else float(10 * np.log10(255**2 / square))


def ssim(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Structural similarity of two RGB pictures."""
    return float(structural_similarity(a, b, channel_axis=2))  # type: ignore[no-untyped-call]


def picture_scores(a: dict[str, NDArray[np.uint8]], b: dict[str, NDArray[np.uint8]]) -> tuple[float, float]:
    """PSNR and SSIM, the mean over the cameras."""
    names = sorted(b)
    return (
        float(np.mean([psnr(a[n], b[n]) for n in names])),
        float(np.mean([ssim(a[n], b[n]) for n in names])),
    )


def object_colour(start: NDArray[np.uint8], background: NDArray[np.uint8]) -> Array:
    """The colour that differs most from the background, (3,) RGB: the most saturated change."""
    change = np.abs(start.astype(np.int16) - background).max(-1)
    saturated = start.max(-1).astype(np.int16) - start.min(-1)
    chosen = (change > 60) & (saturated >= np.quantile(saturated[change > 60], 0.5))
    return np.asarray(np.median(start[chosen], axis=0))


def amount(frame: NDArray[np.uint8], colour: Array) -> int:
    """Pixels of the object's colour."""
    return int((np.linalg.norm(frame.astype(np.float64) - colour, axis=-1) < COLOUR_DISTANCE).sum())


def auroc(score: NDArray[np.float32], good: NDArray[np.bool_]) -> float | None:
    """Probability that a good case scores above a bad one, ties counting half; None where one kind is missing."""
    if good.all() or not good.any():
        return None
    from scipy.stats import rankdata

    ranks = rankdata(score)
    positives = int(good.sum())
    return float((ranks[good].sum() - positives * (positives + 1) / 2) / (positives * (len(good) - positives)))


def reliability(score: NDArray[np.float32], good: NDArray[np.bool_], bins: int = 10) -> list[dict[str, float]]:
    """Mean score and share of good cases in bins of equal count."""
    order = np.argsort(score, kind="stable")
    rows = []
    for part in np.array_split(order, bins):
        if len(part):
            rows.append({"trust": float(score[part].mean()), "within": float(good[part].mean()), "n": float(len(part))})
    return rows


def middle(values: Sequence[float] | Array) -> tuple[float, float]:
    """Median and mean."""
    return float(np.median(values)), float(np.mean(values))
