"""What a training step draws from: one data set, or several with a fixed share of every batch each.

    sources = [
        Source("demonstrations", demos, 0.5),
        Source("corrections", corrections, 0.35, rows=operator_rows, weights=row_weights, past_end="mask"),
        Source("own successes", successes, 0.15, past_end="mask"),
    ]
    learner.step(sources, rate, "act")

The loss of a step is the sum over the sources of share * mean loss of the source's rows, so shares are exact whatever
the size of the batch and of the sources. Each source's own loss is reported beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.errors import BadConfig
from models.policies.chunks.scaling import Floats
from models.training.policy.preference import require_rejected
from models.training.policy.windows import Windows


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Steps of one origin, and how often they are drawn."""

    name: str
    """For reports: lower case, unique among the sources of a training."""
    data: Windows
    share: float = 1.0
    """Part of every batch and weight of this source's mean loss; the shares of all sources add up to 1."""
    rows: NDArray[np.int64] | None = None
    """(R,) rows of `data` that are drawn: a look happens there and the chunk begins there. None: all rows. Rows that
    are left out still serve as the past of the next row and as targets of earlier chunks."""
    weights: Floats | None = None
    """(R,) how often each of `rows` is drawn, relative to the others; at least 0. None: all equally often."""
    past_end: Literal["hold", "mask"] = "hold"
    """Targets behind the last row of an episode: "hold" repeats the last action, "mask" takes them out of the loss."""
    rejected: Floats | None = None
    """(N, H, 14) for each row of `data` the chunk that the policy had planned in the same state: absolute targets, NaN
    where there is none. For the preference loss (StepConfig.preference); without it they are ignored."""


def require_mixture(sources: Sequence[Source]) -> None:
    """Refuse sources that cannot be drawn from.

    Raises:
        BadConfig: which one and why.
    """
    if len({source.name for source in sources}) != len(sources) or not sources:
        raise BadConfig("A training needs at least one source of data, and a different name for each.")
    for source in sources:
        _require_source(source)
    total = sum(source.share for source in sources)
    if abs(total - 1.0) > 1e-6:
        parts = ", ".join(f"{source.name} {source.share:g}" for source in sources)
        raise BadConfig(f"The shares of the sources add up to {total:g}, not to 1: {parts}.")


def _require_source(source: Source) -> None:
    count = len(source.data) if source.rows is None else len(source.rows)
    if not count:
        raise BadConfig(f"The source {source.name!r} holds no step to learn from. Leave it out, or choose other data.")
    if not 0.0 < source.share <= 1.0:
        raise BadConfig(f"The share of {source.name!r} is {source.share:g}; it must be above 0 and at most 1.")
    if source.rows is not None and not (source.rows.min() >= 0 and source.rows.max() < len(source.data)):
        raise BadConfig(f"The source {source.name!r} names rows outside of its {len(source.data)} rows.")
    if source.rejected is not None:
        require_rejected(source.name, source.rejected, len(source.data))
    if (weights := source.weights) is None:
        return
    if weights.shape != (count,) or not np.isfinite(weights).all() or weights.min() < 0 or weights.sum() <= 0:
        raise BadConfig(
            f"The weights of {source.name!r} must be {count} finite numbers, one a row, none below 0 and not all 0."
        )


def counts(shares: Sequence[float], batch: int) -> list[int]:
    """Rows of a batch that each source gets: at least one, the rest by largest remainder.

    Raises:
        BadConfig: more sources than rows.
    """
    if len(shares) > batch:
        raise BadConfig(f"A batch of {batch} cannot hold rows of {len(shares)} sources. Raise the batch.")
    wanted = [share * batch for share in shares]
    found = [max(1, int(number)) for number in wanted]
    while sum(found) < batch:
        found[int(np.argmax([number - have for number, have in zip(wanted, found, strict=True)]))] += 1
    while sum(found) > batch:
        found[
            int(np.argmax([have - number if have > 1 else -np.inf for number, have in zip(wanted, found, strict=True)]))
        ] -= 1
    return found


def draw(sources: Sequence[Source], batch: int, random: np.random.Generator) -> list[NDArray[np.int64]]:
    """The rows of one batch, one array a source, in the order of the sources."""
    drawn = []
    for source, count in zip(sources, counts([source.share for source in sources], batch), strict=True):
        available = len(source.data) if source.rows is None else len(source.rows)
        if source.weights is None:
            picked = random.integers(available, size=count)
        else:
            chance = source.weights.astype(np.float64)
            picked = random.choice(available, size=count, p=chance / chance.sum())
        drawn.append(picked if source.rows is None else source.rows[picked])
    return drawn
