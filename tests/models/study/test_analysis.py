import pytest

from models.evaluation.attempts import Attempt
from models.evaluation.paired import compared
from models.study.analysis import FIRST_TRY, comparison, rows, world_agreement
from models.study.results import Result


def attempts(solved: str, steps: int = 50) -> tuple[Attempt, ...]:
    """One attempt a letter: s solved, l solved late, anything else not."""
    return tuple(
        Attempt(seed, letter in "sl", FIRST_TRY + 1 if letter == "l" else steps, 1.0 if letter in "sl" else 0.5, 1.0)
        for seed, letter in enumerate(solved)
    )


def result(cell: str, solved: str, seed: int = 0, world: str = "") -> Result:
    return Result("diffusion", cell, seed, reference=attempts(solved), world=attempts(world))


def test_first_tries_and_late_successes_are_told_apart() -> None:
    (row,) = rows([result("base", "ssl---l-")])
    assert (row.success, row.first_try, row.late) == (0.5, 0.25, 0.25)
    assert row.interval.low < 0.5 < row.interval.high
    assert row.median_steps == (50 + FIRST_TRY + 1) / 2
    assert row.progress == pytest.approx(0.75)
    assert row.against == {}


def test_a_cell_is_compared_with_the_others_on_equal_seeds() -> None:
    base, better = result("base", "s-s---s-"), result("hi_wm", "sss-s-l")
    found = rows([base, better])[1].against["base"]
    assert (found.won, found.lost, found.attempts) == (2, 0, 7)
    by_pairs = compared([True, True, True, False, True, False, True], [True, False, True, False, False, False, True])
    assert found == by_pairs


def test_trainings_are_paired_by_seed_and_share_evaluation_seeds() -> None:
    one = [result("hi_wm", "ss--", 0), result("hi_wm", "s-s-", 1)]
    longer = [result("longer", "----", 1), result("longer", "s---", 0)]
    found = comparison(one, longer)
    assert (found.attempts, found.won, found.lost) == (8, 3, 0)
    assert found.gain == pytest.approx(3 / 8)
    assert comparison(one, [result("base", "s---")]).gain == pytest.approx(2 / 8)


def test_worlds_agree_over_policies_that_were_evaluated_in_both() -> None:
    both = [
        result("base", "s---", world="s---"),
        result("hi_wm", "sss-", world="ss--"),
        result("control", "ss--"),
        Result("also", "narrow", 0, reference=attempts("ssss"), world=attempts("ssss")),
    ]
    found = world_agreement(both)
    assert found is not None
    assert [name for name, _, _ in found.points] == ["diffusion/base/0", "diffusion/hi_wm/0", "also/narrow/0"]
    assert found.agreement.lineages == 3
    assert found.agreement.mmrv == 0.0
    assert world_agreement(both[:1]) is None
    assert [row.cell for row in rows(both)] == ["base", "hi_wm", "control"]
