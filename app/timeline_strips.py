"""The bars of one lane as an image: who drove, trust, progress. numpy only, so that 1e5 steps cost little.

Who drove is told by height and pattern as well as by colour: the policy is a low solid bar, the operator a full
one with stripes, a replay a middle one with gaps, and what is not known a thin dashed line.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app import theme
from app.timeline_tracks import OPERATOR, POLICY, REPLAY, UNKNOWN, Summary

DRIVER, TRUST, PROGRESS, BETWEEN = 10, 6, 6, 2
"""Heights of the bars and of the gaps between them, pixels."""
HEIGHT: Final = DRIVER + BETWEEN + TRUST + BETWEEN + PROGRESS
LOW_TRUST, FAIR_TRUST = 0.4, 0.7


def argb(colour: str, alpha: float = 1.0) -> int:
    """A palette colour as premultiplied ARGB in one integer."""
    red, green, blue, _ = theme.rgba(colour)
    return (
        round(255 * alpha) << 24 | round(255 * red * alpha) << 16 | round(255 * green * alpha) << 8
        | round(255 * blue * alpha)
    )  # fmt: skip


_POLICY, _OPERATOR, _REPLAY = argb(theme.POLICY), argb(theme.OPERATOR), argb(theme.REPLAY)
_STRIPE: Final = argb("#BF8A24")
_DASH: Final = argb(theme.LINE_STRONG)
_GROOVE: Final = argb(theme.LINE, 0.55)
_PROGRESS: Final = argb(theme.ACCENT, 0.28)
_EDGE: Final = argb(theme.ACCENT, 0.85)
_TRUSTS: Final = np.array([argb(theme.FAILURE), argb(theme.WARNING), argb(theme.SUCCESS, 0.5)], np.uint32)
"""Low, fair, good: good is quiet, so that the eye finds what is not."""
_MISSING: Final = np.array([argb(theme.FAILURE, 0.4), argb(theme.WARNING, 0.3), _GROOVE], np.uint32)


def strips(
    summary: Summary, scale: int, origin: int, step_edges: NDArray[np.int64] | None, *, dim: bool = False
) -> NDArray[np.uint32]:
    """The bars as (HEIGHT * scale, W) premultiplied ARGB, clear where the branch has no step.

    Args:
        summary: one value per device pixel column.
        scale: device pixels per pixel, whole.
        origin: device pixel column of step 0, so that patterns stand still while the view moves.
        step_edges: device pixel columns where steps begin, drawn as gaps; None where steps are too narrow.
        dim: of a discarded branch.
    """
    width = len(summary.source)
    image = np.zeros((HEIGHT * scale, width), np.uint32)
    driver = image[: DRIVER * scale]
    trust = image[(DRIVER + BETWEEN) * scale : (DRIVER + BETWEEN + TRUST) * scale]
    _driver(driver, summary, scale, origin)
    _trust(trust, summary, scale, origin)
    _progress(image[(HEIGHT - PROGRESS) * scale :], summary, scale)
    if step_edges is not None:
        driver[:, step_edges[(step_edges >= 0) & (step_edges < width)]] = 0
    if dim:
        image = np.asarray((image >> np.uint32(2)) & np.uint32(0x3F3F3F3F), np.uint32)
    return image


def _driver(image: NDArray[np.uint32], summary: Summary, scale: int, origin: int) -> None:
    height, width = image.shape
    y = np.arange(height)[:, None]
    x = np.arange(width)[None, :] - origin
    source, inside = summary.source, summary.inside
    image[(y >= height - 5 * scale) & (source == POLICY)] = _POLICY
    operator = (source == OPERATOR) & (y >= 0)
    image[operator] = _OPERATOR
    image[operator & ((x + y) % (6 * scale) < 2 * scale)] = _STRIPE
    image[(y >= height - 8 * scale) & (source == REPLAY) & (x % (4 * scale) < 3 * scale)] = _REPLAY
    unknown = (source == UNKNOWN) & inside
    image[(y >= height - 3 * scale) & (y < height - 2 * scale) & unknown & (x % (6 * scale) < 4 * scale)] = _DASH


def _trust(image: NDArray[np.uint32], summary: Summary, scale: int, origin: int) -> None:
    """A bar as tall as the trust; where trust is wanting, what is missing to the top is tinted as well."""
    height, width = image.shape
    known = summary.inside & ~np.isnan(summary.trust)
    value = np.where(known, summary.trust, 0.0)
    level = (value >= LOW_TRUST).astype(np.int64) + (value >= FAIR_TRUST)
    tall = np.maximum(np.round(value * height), scale)
    image[:] = np.where(known, _MISSING[level], np.uint32(0))
    filled = (np.arange(height)[:, None] >= height - tall) & known
    image[filled] = np.broadcast_to(_TRUSTS[level], image.shape)[filled]
    dots = summary.inside & ~known & ((np.arange(width) - origin) % (6 * scale) < 2 * scale)
    middle = (height - scale) // 2
    image[middle : middle + scale, dots] = _DASH


def _progress(image: NDArray[np.uint32], summary: Summary, scale: int) -> None:
    """An area with a bright upper edge, so that standing still and falling back are seen."""
    height = image.shape[0]
    known = summary.inside & ~np.isnan(summary.progress)
    tall = np.round(np.where(known, summary.progress, 0.0) * (height - scale)) + scale
    above = np.arange(height)[:, None] - (height - tall)
    image[:, summary.inside] = _GROOVE
    image[(above >= 0) & known] = _PROGRESS
    image[(above >= 0) & (above < scale) & known] = _EDGE
