import numpy as np
import pytest

from core.reading import ArmReading, DeviceReading
from devices.identify_by_motion import HOLD, IdentifyByMotion, watch

A, B = "usb-1", "usb-2"
LONG = HOLD * 1.1


def rate(size: float, epoch: int = 1) -> DeviceReading:
    return DeviceReading(
        "puck", "rate", 0.0, epoch, left=ArmReading(linear=np.array([0, -size, 0]), angular=np.zeros(3))
    )


def pose(x: float, turn: float = 0.0, valid: bool = True) -> DeviceReading:
    orientation = np.array([0.0, 0.0, np.sin(turn / 2), np.cos(turn / 2)])
    hand = ArmReading(position=np.array([x, 0.0, 0.3]), orientation=orientation, valid=valid)
    return DeviceReading("leader", "position", 0.0, 1, left=hand)


REST = {A: rate(0.0), B: rate(0.02)}


def after(*told: tuple[float, dict[str, DeviceReading | None]]) -> IdentifyByMotion:
    nudge = IdentifyByMotion()
    for now, readings in told:
        nudge = watch(nudge, readings, now)
    return nudge


def test_the_one_that_moves_is_chosen_and_stays_so() -> None:
    nudge = after((0.0, REST), (1.0, {A: rate(0.9), B: rate(0.1)}))
    assert (nudge.chosen, nudge.hint, nudge.leader) == ("", "hold", A)
    nudge = watch(nudge, {A: rate(0.8), B: rate(0.1)}, 1.0 + LONG)
    assert (nudge.chosen, nudge.hint) == (A, "chosen")
    assert watch(nudge, {A: rate(0.0), B: rate(1.0)}, 9.0).chosen == A


def test_nothing_moves() -> None:
    assert after((0.0, REST), (5.0, REST)).hint == "nudge"
    assert after((0.0, {})).hint == "nudge"
    assert after((0.0, REST), (1.0, {A: rate(0.3), B: rate(0.0)}), (2.0, {A: rate(0.3), B: rate(0.0)})).hint == "nudge"


def test_a_bump_is_not_a_nudge() -> None:
    moved = {A: rate(0.9), B: rate(0.0)}
    nudge = after((0.0, REST), (1.0, moved), (1.05, REST), (1.0 + LONG, moved))
    assert nudge.chosen == ""
    assert watch(nudge, moved, 1.0 + 2 * LONG).chosen == A


def test_both_move() -> None:
    both = {A: rate(0.9), B: rate(0.7)}
    nudge = after((0.0, REST), (1.0, both), (2.0, both))
    assert (nudge.chosen, nudge.hint) == ("", "one at a time")
    only = {A: rate(0.9), B: rate(0.0)}
    assert watch(watch(nudge, only, 3.0), only, 3.0 + LONG).chosen == A


def test_the_lead_changes() -> None:
    nudge = after((0.0, REST), (1.0, {A: rate(0.9), B: rate(0.0)}), (1.1, {A: rate(0.1), B: rate(0.9)}))
    assert nudge.leader == B
    assert watch(nudge, {A: rate(0.1), B: rate(0.9)}, 1.2).chosen == ""
    assert watch(nudge, {A: rate(0.1), B: rate(0.9)}, 1.1 + LONG).chosen == B


def test_what_is_held_from_the_beginning_must_be_released_first() -> None:
    leaning = {A: rate(1.0), B: rate(0.0)}  # a book lies on it, or it is still held from the last question
    nudge = after((0.0, leaning), (1.0, leaning))
    assert (nudge.chosen, nudge.hint) == ("", "let go")
    other = {A: rate(1.0), B: rate(0.9)}
    assert watch(watch(nudge, other, 2.0), other, 2.0 + LONG).chosen == B, "it does not stand in the way of the other"
    nudge = watch(nudge, REST, 2.0)
    assert watch(watch(nudge, leaning, 3.0), leaning, 3.0 + LONG).chosen == A


@pytest.mark.parametrize("between", [{A: None, B: rate(0.0)}, {B: rate(0.0)}])
def test_unplugged_while_identifying(between: dict[str, DeviceReading | None]) -> None:
    moved = {A: rate(0.9), B: rate(0.0)}
    nudge = after((0.0, REST), (1.0, moved), (1.05, between), (1.0 + LONG, {A: rate(0.9, epoch=2), B: rate(0.0)}))
    assert (nudge.chosen, nudge.hint) == ("", "let go")


def test_a_replug_must_rest_again() -> None:
    again = {A: rate(0.9, epoch=2), B: rate(0.0)}
    assert after((0.0, REST), (1.0, again), (2.0, again)).hint == "let go"


def test_leader_arms_move_from_where_they_were() -> None:
    begin = {A: pose(0.4), B: pose(-0.2)}
    nudge = after((0.0, begin), (1.0, {A: pose(0.4), B: pose(-0.26)}))
    assert nudge.leader == B
    assert watch(nudge, {A: pose(0.4), B: pose(-0.3)}, 1.0 + LONG).chosen == B
    turned = {A: pose(0.4, turn=0.7), B: pose(-0.2)}
    assert after((0.0, begin), (1.0, turned), (1.0 + LONG, turned)).chosen == A


def test_a_hand_whose_track_is_lost_has_no_place() -> None:
    lost = {A: pose(9.0, valid=False)}
    here, there = {A: pose(0.0)}, {A: pose(0.1)}
    nudge = after((0.0, lost), (0.5, here), (1.0, lost))
    assert (nudge.chosen, nudge.leader) == ("", "")
    assert watch(watch(nudge, there, 2.0), there, 2.0 + LONG).chosen == A


def test_a_puck_beside_an_arm() -> None:
    begin = {A: rate(0.0), B: pose(0.0)}
    moved = {A: rate(0.9), B: pose(0.005)}
    assert after((0.0, begin), (1.0, moved), (1.0 + LONG, moved)).chosen == A
