import pytest

from models.evaluation.intervals import wilson


@pytest.mark.parametrize(
    ("successes", "attempts", "low", "high"),
    [
        (8, 10, 0.49016, 0.94332),
        (0, 10, 0.0, 0.27753),
        (10, 10, 0.72247, 1.0),
        (1, 2, 0.09453, 0.90547),
        (15, 148, 0.0624, 0.1605),  # Newcombe 1998, table I
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
    ],
)
def test_published_values(successes: int, attempts: int, low: float, high: float) -> None:
    interval = wilson(successes, attempts)
    assert interval.low == pytest.approx(low, abs=6e-5)
    assert interval.high == pytest.approx(high, abs=6e-5)


def test_more_confidence_is_wider_and_more_attempts_are_narrower() -> None:
    narrow, wide, many = wilson(20, 40, 0.8), wilson(20, 40, 0.99), wilson(200, 400, 0.8)
    assert wide.low < narrow.low < many.low < 0.5 < many.high < narrow.high < wide.high


def test_no_attempts_give_the_whole_interval() -> None:
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)


@pytest.mark.parametrize("numbers", [(3, 2), (-1, 2)])
def test_impossible_numbers_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson(*numbers)
    with pytest.raises(ValueError, match="confidence"):
        wilson(1, 2, 1.0)
