import numpy as np
import pytest

from models.evaluation.paired import bootstrap, compared, mcnemar


def test_mcnemar_by_hand() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(3, 0) == pytest.approx(2 * 0.5**3)
    # won 14, lost 6 of the trial: sum over k <= 6 of C(20, k) / 2**20, twice
    assert mcnemar(14, 6) == pytest.approx(2 * 60460 / 2**20)
    assert mcnemar(6, 14) == mcnemar(14, 6)


def test_a_comparison_counts_pairs() -> None:
    one = [True, True, True, False, False, True]
    other = [True, False, False, True, False, False]
    found = compared(one, other)
    assert (found.won, found.lost, found.attempts) == (3, 1, 6)
    assert found.gain == pytest.approx(2 / 6)
    assert found.p == mcnemar(3, 1)
    assert found.interval.low <= found.gain <= found.interval.high
    assert compared(one, other) == found, "a function of its arguments"
    swapped = compared(other, one)
    assert (swapped.won, swapped.lost, swapped.gain) == (1, 3, pytest.approx(-2 / 6))


def test_pairs_use_that_they_are_pairs() -> None:
    same = compared([True] * 50 + [False] * 50, [True] * 50 + [False] * 50)
    assert (same.interval.low, same.interval.high) == (0.0, 0.0), "equal outcomes leave no doubt"
    unequal = compared([True, False] * 50, [False, True] * 50)
    assert unequal.interval.low < -0.1 < 0.1 < unequal.interval.high


def test_a_bootstrap_of_a_mean_is_as_wide_as_its_standard_error() -> None:
    values = np.random.default_rng(0).normal(0.3, 1.0, 400)
    found = bootstrap(values)
    error = values.std() / np.sqrt(400)
    assert found.low == pytest.approx(values.mean() - 1.96 * error, abs=0.2 * error)
    assert found.high == pytest.approx(values.mean() + 1.96 * error, abs=0.2 * error)


@pytest.mark.parametrize(("one", "other"), [([], []), ([True], [True, False])])
def test_no_pairs_are_refused(one: list[bool], other: list[bool]) -> None:
    with pytest.raises(ValueError, match="no pairs"):
        compared(one, other)
