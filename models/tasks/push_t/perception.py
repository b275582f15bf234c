"""Where the T lies, from pictures: its known outline is fitted to its colour.

A pixel's share of T follows from its colour; pixels that a hand covers count for nothing. The pose (x, y, yaw) is
the one whose silhouette explains the shares best: least squares on a soft edge, started from the last pose or, where
there is none, from the centroid and several angles. Where hands hide much of the view from above, another
camera helps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.camera import Camera, require_calibrated
from core.workcell import Workcell
from models.tasks.push_t import geometry as g
from models.tasks.push_t.silhouette import Rays, distances, hidden, rays

Floats32 = NDArray[np.float32]
_LEVELS_ABOVE: Final = 2
_LEVELS_BESIDE: Final = 3
"""Heights of the T at which the rays of the two views are crossed."""
_RADIUS: Final = 0.14
"""Pixels farther than this from the expected centre do not take part, metres."""
_BAND: Final = 0.022
"""Only pixels this near the expected outline constrain small changes of the pose, metres."""
_EDGE_WIDTH: Final = 0.0035
_COARSE_WIDTH: Final = 0.009
_SHARP_WIDTH: Final = 0.0015
"""Softness of the silhouette's edge, metres."""
_ARM: Final = 0.06
"""Metres of edge motion per radian of yaw: brings the three unknowns to one scale."""
_ANGLES: Final = 12
_LEAST_SHARE: Final = 0.25
"""Smallest visible part of the T for a detection."""
_LEAST_CONFIDENCE: Final = 0.55
_SURE: Final = 0.80
"""Confidence from which no other start of the fit is tried."""
_BESIDE_BELOW: Final = 0.80
"""The second view is used where less than this part of the T is in sight from above."""
_PEAK: Final = 0.69 * 255
"""Redness of the block in the light that the colour ramp was made for."""
_T_AREA: Final = g.BAR[0] * g.BAR[1] + g.STEM[0] * g.STEM[1]


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A T that was found."""

    pose: NDArray[np.float64]
    """(3,) x m, y m, yaw rad in -pi .. pi, robot base frame."""
    confidence: float
    """0..1: agreement of the silhouette with the picture (overlap over union), where no hand hides it."""
    visible: float
    """Part of the T's silhouette from the top that no hand hides, 0..1."""


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """The cameras that the T is looked for in."""

    above: Camera
    """The one that looks most downwards: the T must be in sight in it."""
    beside: Camera | None
    """Another one, used where hands hide much of the view from above."""

    @property
    def t_pixels(self) -> float:
        """Pixels of the view from above that a T on the target covers, about."""
        intrinsics, pose = self.above.calibration()
        depth = float(pose[2, :3] @ (*g.TARGET_POSE[:2], g.T_HEIGHT) + pose[2, 3])
        return _T_AREA / (depth / float(intrinsics[0, 0])) ** 2


@cache
def views_of(workcell: Workcell) -> Views:
    """The views of a workcell.

    Raises:
        BadConfig: none of its cameras is calibrated.
    """
    known = [camera for camera in workcell.cameras if camera.calibrated]
    if not known:
        require_calibrated(workcell.cameras, "The judge of Push-T")
    known.sort(key=lambda camera: float(camera.calibration()[1][2, 2]))
    return Views(known[0], known[1] if len(known) > 1 else None)


@dataclass(frozen=True, slots=True, eq=False)
class _Evidence:
    """Pixels around the T."""

    points: Floats32
    """(L, P, 2) crossings of their rays with the heights of the T, base frame, metres."""
    share: Floats32
    """(P,) part of the pixel that shows the T, 0..1."""
    weight: Floats32
    """(P,) 0 where a hand is in the way, else 1."""


def share_of_t(frame: NDArray[np.uint8]) -> Floats32:
    """Part of each pixel that shows the T, by its colour: (H, W, 3) uint8 -> (H, W) float32 in 0..1.

    Redness is R - (G + B) / 2 above that of the table (grey: 0; wood: more), scaled by that of the reddest pixels:
    light may be dimmer. Half of the ramp lies at half of the full redness, so edges stay where they are; sides in
    shade count fully.
    """
    picture = frame.astype(np.float32)
    redness = picture[..., 0] - 0.5 * (picture[..., 1] + picture[..., 2])
    redness -= max(float(np.median(redness)), 0.0)
    red = redness[redness > 0.2 * _PEAK]
    peak = float(np.percentile(red, 90)) if len(red) > 20 else _PEAK
    redness *= 1.0 / max(peak, 0.4 * _PEAK)
    return np.asarray(np.clip((redness - 0.35) / 0.30, 0.0, 1.0), np.float32)


def find_t(
    frames: Mapping[str, NDArray[np.uint8]],
    ee_state: NDArray[np.float32],
    prior: NDArray[np.float64] | None = None,
    workcell: Workcell = g.WORKCELL,
) -> Detection | None:
    """The pose of the T.

    Args:
        frames: camera name -> (H, W, 3) RGB; the view from above is needed, the other used where it is there and helps.
        ee_state: (14,) measured end effectors: gives the pixels that show hands.
        prior: (3,) pose a moment ago, tried where the picture alone gives low confidence: hands may hide half of the T.
        workcell: Whose cameras made the frames.

    Returns:
        The detection, or None where no T is seen.
    """
    views = views_of(workcell)
    share = share_of_t(frames[views.above.name]).reshape(-1)
    if float(share.sum()) < _LEAST_SHARE * views.t_pixels:
        return None
    found = None
    for guess in (_moments(views, share), prior):
        if guess is None:
            continue
        fitted = _refined(views, frames, share, ee_state, np.asarray(guess, np.float64))
        found = _better(found, fitted)
        if found is not None and found.confidence >= _SURE:
            return found
    found = _better(found, _searched(views, frames, share, ee_state))
    return found if found is not None and found.confidence >= _LEAST_CONFIDENCE else None


def _better(old: Detection | None, new: Detection | None) -> Detection | None:
    """The detection of higher confidence; the old one where they differ by less than 0.02."""
    if old is None or new is None:
        return new if old is None else old
    return new if new.confidence > old.confidence + 0.02 else old


def _moments(views: Views, share: Floats32) -> NDArray[np.float64]:
    """A guess of the pose (3,) from the first three moments of the shares: right where nothing is hidden."""
    seen = np.flatnonzero(share > 0.05)
    weight = share[seen].astype(np.float64)
    points = rays(views.above, _LEVELS_ABOVE).points[-1, seen].astype(np.float64)
    centre = weight @ points / weight.sum()
    apart = points - centre
    _, axes = np.linalg.eigh((apart * weight[:, None]).T @ apart)
    along = apart @ axes[:, 1]  # the T is longest along its stem, and its foot reaches farther out than its bar
    stem = axes[:, 1] * np.sign(weight @ along**3)
    return np.array([*centre, np.arctan2(stem[1], stem[0]) + np.pi / 2])


def _searched(
    views: Views, frames: Mapping[str, NDArray[np.uint8]], share: Floats32, ee_state: NDArray[np.float32]
) -> Detection | None:
    """From nothing, where hands hide so much that moments mislead: several angles, the best three refined."""
    looks = rays(views.above, _LEVELS_ABOVE)
    top = looks.points[-1]
    centre = (share[:, None] * top).sum(0) / share.sum()
    evidence = _around(looks, share, ee_state, centre.astype(np.float64), stride=2)
    guesses = []
    for angle in np.arange(_ANGLES) * (2 * np.pi / _ANGLES):
        pose = np.array([*centre, angle])
        # the moments give the centroid, which is the origin of the T only where nothing is hidden
        fitted = _fit(evidence, pose, _COARSE_WIDTH, 2)
        guesses.append((_loss(evidence, fitted, _COARSE_WIDTH), fitted))
    guesses.sort(key=lambda guess: guess[0])
    better = []
    for _, pose in guesses[:3]:
        fitted = _fit(evidence, pose, _COARSE_WIDTH, 4)
        better.append((_loss(evidence, fitted, _EDGE_WIDTH), fitted))
    pose = min(better, key=lambda guess: guess[0])[1]
    return _refined(views, frames, share, ee_state, pose)


def _refined(
    views: Views,
    frames: Mapping[str, NDArray[np.uint8]],
    share: Floats32,
    ee_state: NDArray[np.float32],
    pose: NDArray[np.float64],
) -> Detection | None:
    """Fit all pixels from a near pose."""
    evidence = _around(rays(views.above, _LEVELS_ABOVE), share, ee_state, pose[:2])
    if not len(evidence.share):
        return None
    edge = _band(evidence, pose)
    guess, pose = pose, _fit(edge, pose, _COARSE_WIDTH, 1)
    if np.abs(pose - guess).max() > _BAND / 3:
        edge = _band(evidence, pose)
    pose = _fit(edge, pose, _EDGE_WIDTH, 3)
    confidence, visible = _agreement(evidence, pose)
    if visible < _BESIDE_BELOW and views.beside is not None and views.beside.name in frames:
        other = share_of_t(frames[views.beside.name]).reshape(-1)
        beside = _around(rays(views.beside, _LEVELS_BESIDE), other, ee_state, pose[:2])
        if len(beside.share):
            pose = _fit(edge, pose, _EDGE_WIDTH, 2, _band(beside, pose))
            confidence, visible = _agreement(evidence, pose)
    pose[2] = (pose[2] + np.pi) % (2 * np.pi) - np.pi
    return Detection(pose, confidence, visible) if visible >= _LEAST_SHARE else None


def _around(
    looks: Rays, share: Floats32, ee_state: NDArray[np.float32], centre: NDArray[np.float64], stride: int = 1
) -> _Evidence:
    """The pixels of a camera that look at the table near a point."""
    x, y = looks.points[0, :, 0] - np.float32(centre[0]), looks.points[0, :, 1] - np.float32(centre[1])
    chosen = np.flatnonzero(x * x + y * y < _RADIUS * _RADIUS)[::stride]
    weight = (~hidden(looks.camera, chosen, ee_state)).astype(np.float32)
    return _Evidence(looks.points[:, chosen], share[chosen], weight)


def _band(evidence: _Evidence, pose: NDArray[np.float64]) -> _Evidence:
    """The pixels near the outline of a T at a pose."""
    apart = _apart(evidence, pose)[0].min(0)
    near = np.flatnonzero((np.abs(apart) < _BAND) & (evidence.weight > 0))
    return _Evidence(evidence.points[:, near], evidence.share[near], evidence.weight[near])


def _apart(evidence: _Evidence, pose: NDArray[np.float64]) -> tuple[Floats32, Floats32, Floats32]:
    """Signed distances (L, P) to the outline, their gradients and the points themselves, object frame (L, P, 2)."""
    cos, sin = np.cos(pose[2]), np.sin(pose[2])
    turn = np.array([[cos, -sin], [sin, cos]], np.float32)
    local = (evidence.points - pose[:2].astype(np.float32)) @ turn
    return *distances(local), local


def _soft(distance: Floats32, width: float) -> Floats32:
    """1 well inside, 0 well outside, one half on the edge."""
    return np.asarray(0.5 - 0.5 * np.tanh(distance * np.float32(0.5 / width)), np.float32)


def _silhouette(evidence: _Evidence, pose: NDArray[np.float64], width: float) -> tuple[Floats32, Floats32]:
    """Soft silhouette (P,) of a T at a pose and its derivatives (P, 3) by x, y and yaw * _ARM."""
    apart, slopes, locals_ = _apart(evidence, pose)
    nearest, each = apart.argmin(0), np.arange(apart.shape[1])
    slope, local = slopes[nearest, each], locals_[nearest, each]
    soft = _soft(apart[nearest, each], width)
    steep = -soft * (1.0 - soft) / np.float32(width)
    cos, sin = np.float32(np.cos(pose[2])), np.float32(np.sin(pose[2]))
    by_x = -(cos * slope[:, 0] - sin * slope[:, 1])
    by_y = -(sin * slope[:, 0] + cos * slope[:, 1])
    by_yaw = (slope[:, 0] * local[:, 1] - slope[:, 1] * local[:, 0]) / np.float32(_ARM)
    return soft, steep[:, None] * np.stack([by_x, by_y, by_yaw], -1)


def _fit(
    evidence: _Evidence, pose: NDArray[np.float64], width: float, rounds: int, more: _Evidence | None = None
) -> NDArray[np.float64]:
    """Gauss-Newton steps on the squared difference of silhouette and shares, each at most 2 cm."""
    pose = pose.copy()
    for _ in range(rounds):
        normal, right = np.eye(3) * 1e-3 / width**2, np.zeros(3)
        for part in (evidence,) if more is None else (evidence, more):
            soft, by = _silhouette(part, pose, width)
            weighted = by * part.weight[:, None]
            normal += weighted.T @ by
            right += weighted.T @ (part.share - soft)
        step = np.linalg.solve(normal, right)
        step *= min(1.0, 0.02 / max(float(np.linalg.norm(step)), 1e-9))
        pose += step / (1.0, 1.0, _ARM)
    return pose


def _loss(evidence: _Evidence, pose: NDArray[np.float64], width: float) -> float:
    soft = _soft(_apart(evidence, pose)[0].min(0), width)
    return float((evidence.weight * (evidence.share - soft) ** 2).sum())


def _agreement(evidence: _Evidence, pose: NDArray[np.float64]) -> tuple[float, float]:
    """Overlap over union where nothing is hidden, and the part of the silhouette that is not hidden."""
    soft = _soft(_apart(evidence, pose)[0].min(0), _SHARP_WIDTH)
    both = float((evidence.weight * np.minimum(soft, evidence.share)).sum())
    either = float((evidence.weight * np.maximum(soft, evidence.share)).sum())
    shown = float((evidence.weight * soft).sum())
    return both / max(either, 1e-6), shown / max(float(soft.sum()), 1e-6)
