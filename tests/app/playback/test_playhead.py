import pytest

from app.playback.playhead import Playhead, advanced, begun, ended, shuttled, sought, tenth


def test_it_moves_in_real_time_and_begins_again() -> None:
    head = Playhead(10, 13, 10.0, speed=1.0)
    assert advanced(head, 0.1, 0.1).node == 11
    assert advanced(head, 0.35, 0.1).node == 13
    assert advanced(head, 0.4, 0.1).node == 10, "the last node is seen as long as any other"
    assert advanced(head, 0.1, 0.05).node == 12


def test_without_a_loop_it_stops_at_the_end() -> None:
    end = advanced(Playhead(0, 3, 2.0, speed=2.0, loops=False), 1.0, 0.1)
    assert (end.node, end.speed) == (3, 0.0)


def test_it_plays_backwards_below_zero_too() -> None:
    head = Playhead(-20, 5, 0.0, speed=-1.0)
    assert advanced(head, 0.05, 0.1).node == -1
    assert advanced(Playhead(-20, 5, -20.0, speed=-1.0), 0.05, 0.1).node == 5


def test_it_stops_at_the_ends() -> None:
    assert sought(Playhead(2, 5), 99).node == 5
    assert sought(Playhead(2, 5), -1).node == 2
    assert advanced(Playhead(3, 3, 3.0, speed=1.0), 9.0, 0.1).node == 3


@pytest.mark.parametrize(
    ("speed", "direction", "then"),
    [(0, 1, 1), (1, 1, 2), (32, 1, 64), (64, 1, 64), (0.5, 1, 1), (1, -1, -1), (-2, -1, -4), (-4, 1, 1)],
)
def test_the_shuttle_doubles_and_turns_round(speed: float, direction: int, then: float) -> None:
    assert shuttled(speed, direction) == then


def test_a_range_is_played_in_a_loop_and_reached_from_outside() -> None:
    head = Playhead(0, 40, 15.0, loops=False, begin=10, end=15)
    assert advanced(head, 0.1, 0.1).node == 10
    assert advanced(Playhead(0, 40, 20.0, speed=1.0, begin=10, end=15), 0.02, 0.1).node == 10
    assert advanced(Playhead(0, 40, 5.0, speed=-1.0, begin=10, end=15), 0.02, 0.1).node == 15
    assert Playhead(0, 12, begin=20, end=30).played == (12, 12), "of a longer branch"


def test_a_range_never_ends_before_it_begins() -> None:
    low = ended(begun(Playhead(0, 40, 20.0)))
    assert (low.begin, low.end) == (None, 20)
    high = begun(sought(low, 30))
    assert (high.begin, high.end) == (30, None)
    assert ended(sought(high, 35)).played == (30, 35)


def test_digits_are_tenths_of_the_branch() -> None:
    assert [tenth(Playhead(-20, 20), digit) for digit in (0, 5, 9)] == [-20, 0, 16]
