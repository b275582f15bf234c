import pytest

from app.playback.playhead import Playhead, advanced, shuttled, sought


def test_it_moves_in_real_time_and_begins_again() -> None:
    head = Playhead(10, 13, 10.0, speed=1.0)
    assert advanced(head, 0.1, 0.1).node == 11
    assert advanced(head, 0.35, 0.1).node == 13
    assert advanced(head, 0.4, 0.1).node == 10, "the last node is seen as long as any other"
    assert advanced(head, 0.1, 0.05).node == 12


def test_without_a_loop_it_stands_at_the_end() -> None:
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
    ("speed", "direction", "then"), [(0, 1, 1), (1, 1, 2), (8, 1, 8), (1, -1, -1), (-2, -1, -4), (-4, 1, 1)]
)
def test_the_shuttle_doubles_and_turns_round(speed: float, direction: int, then: float) -> None:
    assert shuttled(speed, direction) == then
