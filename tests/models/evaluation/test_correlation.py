import math

import numpy as np
import pytest
from scipy import stats

from models.evaluation.correlation import agreement, ceiling, mmrv, pearson, ranks, spearman

WORLD, REFERENCE = [0.3, 0.5, 0.4, 0.9, 0.6, 0.5], [0.4, 0.5, 0.45, 0.95, 0.5, 0.7]


def test_correlations_are_those_of_scipy() -> None:
    assert pearson(WORLD, REFERENCE) == pytest.approx(stats.pearsonr(WORLD, REFERENCE).statistic)
    assert spearman(WORLD, REFERENCE) == pytest.approx(stats.spearmanr(WORLD, REFERENCE).statistic)
    assert ranks([3, 1, 3, 2]).tolist() == [3.5, 1, 3.5, 2]
    assert math.isnan(pearson([0.5, 0.5], [0.1, 0.2]))
    assert math.isnan(pearson([0.5], [0.1]))


def test_mmrv_by_hand() -> None:
    assert mmrv([0.1, 0.2, 0.3], [0.4, 0.5, 0.9]) == 0.0
    # the world swaps the last two: each of them is wrong by 0.4, the first one by nothing
    assert mmrv([0.1, 0.3, 0.2], [0.4, 0.5, 0.9]) == pytest.approx((0 + 0.4 + 0.4) / 3)
    assert math.isnan(mmrv([], []))


def test_lineages_are_left_out_and_drawn_whole() -> None:
    names = ["a", "a", "b", "b", "c", "c"]
    found = agreement(WORLD, REFERENCE, names)
    assert (found.policies, found.lineages, found.enough) == (6, 3, False)
    assert found.pearson == pearson(WORLD, REFERENCE)
    keep = [0, 1, 4, 5]
    assert found.leave_one_out[1] == pearson([WORLD[i] for i in keep], [REFERENCE[i] for i in keep])
    assert found.interval.low <= found.pearson <= found.interval.high
    assert found == agreement(WORLD, REFERENCE, names)
    single = agreement(WORLD, REFERENCE, ["only"] * 6)
    assert single.interval.low == pytest.approx(single.interval.high), "one lineage drawn again is the same one"
    assert math.isnan(single.leave_one_out[0])
    still = agreement([0.5, 0.5], [0.1, 0.2], ["a", "b"])
    assert (still.interval.low, still.interval.high) == (-1.0, 1.0)
    with pytest.raises(ValueError, match="same policies"):
        agreement(WORLD, REFERENCE, names[:-1])


def test_the_ceiling_is_what_two_halves_reach() -> None:
    halves = np.random.default_rng(0).uniform(size=(8, 2))
    assert ceiling([(float(a), float(b)) for a, b in halves]) == pytest.approx(np.corrcoef(halves.T)[0, 1])
