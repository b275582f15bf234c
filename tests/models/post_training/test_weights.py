import numpy as np
import pytest

from core.errors import BadConfig
from models.post_training.options import Selection, Weights, check
from models.post_training.weights import iwr, sirius, weighed


def test_iwr_gives_each_class_half_of_the_weight() -> None:
    label = np.array([0, 0, 0, 1, -10, 0, 1, 0])
    # 2 interventions of 8: 8 / (2 * 2) = 2; 6 others: 8 / (2 * 6) = 2 / 3
    assert iwr(label) == pytest.approx([2 / 3, 2 / 3, 2 / 3, 2, 2 / 3, 2 / 3, 2, 2 / 3])
    assert iwr(label).mean() == pytest.approx(1)


@pytest.mark.parametrize("label", [[1, 1, 1], [0, -1, -10]])
def test_iwr_with_one_class_weighs_all_the_same(label: list[int]) -> None:
    assert iwr(np.array(label)).tolist() == [1, 1, 1]


def test_sirius_by_hand() -> None:
    label = np.array([-1] * 2 + [0] * 4 + [1] * 3 + [-10])
    # r_demo = .2, r_roll = .4, r_int = .3, r_pre = .1
    by_hand = [1.0] * 2 + [(1 - 0.5 - 0.002 - 0.2) / 0.4] * 4 + [0.5 / 0.3] * 3 + [0.002 / 0.1]
    assert np.mean(by_hand) == pytest.approx(1)
    assert sirius(label) == pytest.approx(by_hand, rel=1e-5)


def test_sirius_does_not_weigh_rollouts_less_than_nothing() -> None:
    label = np.array([-1] * 6 + [0] * 2 + [1] * 2)  # r_demo = .6: 1 - .5 - .002 - .6 is negative
    by_hand = np.array([1.0] * 6 + [0.0] * 2 + [0.5 / 0.2] * 2)
    assert sirius(label) == pytest.approx(by_hand / by_hand.mean(), rel=1e-5)


@pytest.mark.parametrize("label", [[1, 1], [-1, -1], [0, 0, 0], [-10, -10]])
def test_sirius_with_empty_classes_weighs_the_rest(label: list[int]) -> None:
    assert sirius(np.array(label)) == pytest.approx(np.ones(len(label)))


def test_the_first_steps_after_a_take_over_weigh_more() -> None:
    label = np.array([1, 1, 1, 0])
    found = weighed(label, np.array([0, 1, 2, -1]), Weights(first_steps=2, first_weight=4.0))
    assert found == pytest.approx(np.array([4, 4, 1, 1]) / 2.5)
    assert len(weighed(label[:0], label[:0], Weights())) == 0


@pytest.mark.parametrize(
    ("selection", "weights"),
    [
        (Selection(before=-1), Weights()),
        (Selection(), Weights(first_steps=-1)),
        (Selection(), Weights(first_weight=0.0)),
        (Selection(), Weights(first_weight=float("nan"))),
    ],
)
def test_numbers_that_mean_nothing_are_refused(selection: Selection, weights: Weights) -> None:
    with pytest.raises(BadConfig, match=r"[Ss]ay"):
        check(selection, weights)
