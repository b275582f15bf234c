import pytest

from app.timeline.step_entry import BadStep, Digits, step_of


@pytest.mark.parametrize(
    ("words", "node"),
    [("120", 120), (" 0 ", 0), ("+10", 60), ("-10", 40), ("−60", 0), ("1 200", 300), ("9999", 300), ("12.5 s", 125),
     ("+2s", 70)],
)  # fmt: skip
def test_what_is_typed_is_a_step_within_the_branch(words: str, node: int) -> None:
    assert step_of(words, now=50, last=300, dt=0.1) == node


@pytest.mark.parametrize("words", ["", "abc", "12.5", "1e3", "++3", "s"])
def test_what_is_no_step_is_refused_with_an_example(words: str) -> None:
    with pytest.raises(BadStep, match=r"120|12\.5 s"):
        step_of(words, now=50, last=300, dt=0.1)


def test_digits_typed_together_make_one_speed() -> None:
    digits = Digits()
    assert digits.press(1, 10.0) == 1.0
    assert digits.press(5, 10.3) == 15.0
    assert digits.press(2, 11.0) == 2.0
    assert digits.press(0, 20.0) is None
    assert digits.press(5, 20.2) == 0.5
    assert digits.press(9, 30.0) == 9.0
    assert digits.press(9, 30.1) == 64.0, "the fastest"
