import pytest

from app.timeline.step_entry import BadStep, step_of


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
