"""The bars of one lane as pixels. numpy only, and pictures of tables only, so that a hundred lanes cost little.

Who drove is shown by height and pattern as well as by colour: the policy is a low solid bar, the operator a full
one with stripes, a replay a middle one with gaps, and what is not known a thin dashed line. Below it a hairline says
where the states are: solid in memory, dotted on disk, none where there is none.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.timeline.tracks import DISK, MEMORY, OPERATOR, POLICY, REPLAY, UNKNOWN, Summary
from app.widgets import theme

LOW_TRUST, FAIR_TRUST = 0.4, 0.7
LEVELS: Final = 24
"""Heights in which trust and progress are drawn."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Heights of the bars of a lane from top to bottom, and of the gap between them, pixels; 0 leaves one out."""

    driver: int
    kept: int
    trust: int
    progress: int
    gap: int

    @property
    def height(self) -> int:
        """Of all bars with their gaps."""
        bars = [bar for bar in (self.driver, self.kept, self.trust, self.progress) if bar]
        return sum(bars) + self.gap * (len(bars) - 1)

    def scaled(self, ratio: float) -> "Sizes":
        """In device pixels, of which there are `ratio` per pixel."""
        return Sizes(*(max(1, round(ratio * s)) if s else 0 for s in
                       (self.driver, self.kept, self.trust, self.progress, self.gap)))  # fmt: skip


FULL: Final = Sizes(10, 2, 6, 6, 1)
BRIEF: Final = Sizes(8, 0, 4, 0, 1)
MERGED: Final = Sizes(5, 0, 1, 0, 0)


def argb(colour: str, alpha: float = 1.0) -> int:
    """A palette colour as premultiplied ARGB in one integer."""
    red, green, blue, _ = theme.rgba(colour)
    return (
        round(255 * alpha) << 24 | round(255 * red * alpha) << 16 | round(255 * green * alpha) << 8
        | round(255 * blue * alpha)
    )  # fmt: skip


def over(colour: str, alpha: float, ground: str = theme.BACKGROUND) -> int:
    """A palette colour laid over another one: opaque ARGB."""
    top, below = np.array(theme.rgba(colour)[:3]), np.array(theme.rgba(ground)[:3])
    red, green, blue = (round(255 * float(v)) for v in alpha * top + (1 - alpha) * below)
    return 255 << 24 | red << 16 | green << 8 | blue


STRIPE: Final = "#BF8A24"


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """Columns of pixels to choose from; 0 where nothing is drawn."""

    period: int
    """Columns after which a pattern repeats."""
    driver: NDArray[np.uint32]
    """(driver, 4 * period), by driver and phase."""
    kept: NDArray[np.uint32]
    """(kept, 3 * period), by place and phase."""
    trust: NDArray[np.uint32]
    """(trust, LEVELS + 1 + period): known levels, then the dots of what is unknown."""
    progress: NDArray[np.uint32]
    """(progress, LEVELS + 2): known levels, then unknown."""


@lru_cache(maxsize=32)
def tables(sizes: Sizes, unit: int, dim: bool) -> Tables:
    """The tables of bars in device pixels; `unit` is how many of them the width of a stripe is."""
    strength = 0.25 if dim else 1.0

    def shade(colour: str, alpha: float = 1.0) -> int:
        return over(colour, alpha * strength)

    period = 12 * unit
    phase = np.arange(period)[None, :]
    dots = phase % (6 * unit) < 2 * unit
    y = np.arange(sizes.driver)[:, None]
    driver = np.zeros((4, sizes.driver, period), np.uint32)
    driver[POLICY][(y >= sizes.driver // 2) & (phase >= 0)] = shade(theme.POLICY)
    driver[OPERATOR] = np.where((phase + y) % (6 * unit) < 2 * unit, shade(STRIPE), shade(theme.OPERATOR))
    driver[REPLAY][(y >= sizes.driver // 5) & (phase % (4 * unit) < 3 * unit)] = shade(theme.REPLAY)
    middle = sizes.driver - max(1, sizes.driver * 3 // 10)
    driver[UNKNOWN][(y >= middle) & (y < middle + max(1, sizes.driver // 10)) & (phase % (6 * unit) < 4 * unit)] = (
        shade(theme.LINE_STRONG)
    )
    kept = np.zeros((3, sizes.kept, period), np.uint32)
    kept[MEMORY] = shade(theme.TEXT_DIM, 0.8)
    kept[DISK] = np.where(phase % (4 * unit) < 2 * unit, shade(theme.TEXT_FAINT, 0.7), np.uint32(0))
    return Tables(
        period,
        driver.transpose(1, 0, 2).reshape(sizes.driver, 4 * period),
        kept.transpose(1, 0, 2).reshape(sizes.kept, 3 * period),
        np.concatenate([_trust(sizes.trust, strength), _dots(sizes.trust, dots, shade(theme.LINE_STRONG))], 1),
        _progress(sizes.progress, strength),
    )


def _trust(height: int, strength: float) -> NDArray[np.uint32]:
    """A bar as tall as the trust; where trust is wanting, what is missing to the top is tinted as well."""
    table = np.zeros((height, LEVELS + 1), np.uint32)
    for level in range(LEVELS + 1):
        value = level / LEVELS
        grade = int(value >= LOW_TRUST) + int(value >= FAIR_TRUST)
        colour, alpha = ((theme.FAILURE, 1.0), (theme.WARNING, 1.0), (theme.SUCCESS, 0.5))[grade]
        missing, faint = ((theme.FAILURE, 0.4), (theme.WARNING, 0.3), (theme.LINE, 0.55))[grade]
        tall = max(1, round(value * height))
        table[:, level] = over(missing, faint * strength)
        table[max(0, height - tall) :, level] = over(colour, alpha * strength)
    return table


def _dots(height: int, dots: NDArray[np.bool_], colour: int) -> NDArray[np.uint32]:
    table = np.zeros((height, dots.shape[1]), np.uint32)
    if height:
        table[(height - 1) // 2] = np.where(dots[0], colour, 0)
    return table


def _progress(height: int, strength: float) -> NDArray[np.uint32]:
    """An area with a bright upper edge, so that standing still and falling back are seen."""
    table = np.full((height, LEVELS + 2), over(theme.LINE, 0.55 * strength), np.uint32)
    for level in range(LEVELS + 1 if height else 0):
        edge = height - 1 - round(level / LEVELS * (height - 1))
        table[edge:, level] = over(theme.ACCENT, 0.28 * strength)
        table[edge, level] = over(theme.ACCENT, 0.85 * strength)
    return table


def strips(
    summary: Summary,
    sizes: Sizes,
    unit: int,
    origin: int | NDArray[np.int64],
    *,
    dim: bool = False,
    gaps: NDArray[np.int64] | None = None,
) -> NDArray[np.uint32]:
    """The bars as (sizes.height, W) opaque ARGB, 0 where nothing is drawn.

    Args:
        summary: one value per device pixel column.
        sizes: of the bars in device pixels.
        unit: device pixels of a stripe.
        origin: device pixel column of step 0, so that patterns do not move against the steps while the view moves;
            one for all columns or (W,) one for each.
        dim: of a discarded branch.
        gaps: columns where steps begin, left free; None where steps are too narrow to be told apart.
    """
    look, width = tables(sizes, unit, dim), len(summary.source)
    phase = (np.arange(width) - origin) % look.period
    image = np.zeros((sizes.height, width), np.uint32)
    np.take(look.driver, summary.source * look.period + phase, axis=1, out=image[: sizes.driver], mode="clip")
    top = sizes.driver + sizes.gap
    if sizes.kept:
        rows = image[top : top + sizes.kept]
        np.take(look.kept, summary.kept * look.period + phase, axis=1, out=rows, mode="clip")
        top += sizes.kept + sizes.gap
    if sizes.trust:
        rows = image[top : top + sizes.trust]
        np.take(look.trust, levels(summary.trust, LEVELS + 1 + phase), axis=1, out=rows, mode="clip")
        top += sizes.trust + sizes.gap
    if sizes.progress:
        rows = image[top : top + sizes.progress]
        np.take(look.progress, levels(summary.progress, LEVELS + 1), axis=1, out=rows, mode="clip")
    if not summary.inside.all():
        image[:, ~summary.inside] = 0
    if gaps is not None:
        image[: sizes.driver, gaps[(gaps >= 0) & (gaps < width)]] = 0
    return image


def levels(values: NDArray[np.float32], unknown: NDArray[np.int64] | int) -> NDArray[np.int64]:
    """0..1 as whole levels; `unknown` where it is not known."""
    known = values == values  # NaN is not
    return np.where(known, np.where(known, values, 0) * LEVELS + 0.5, unknown).astype(np.int64)
