from dataclasses import replace

import pytest

from app.xr import arrangement as hang
from app.xr.hanging import IDLE, HandNow, Hanging, after, recentred
from app.xr.pose import Pose, about

SIZE = (560, 616)
AIM = Pose((0.3, -0.05, -0.4))
"""Points at the right camera."""


@pytest.fixture
def rest() -> Hanging:
    return Hanging(hang.default())


def layers(hanging: Hanging) -> dict[str, hang.Layer]:
    return {name: hang.place(hanging.arrangement, name, SIZE) for name in ("camera 0", "camera 1")}


def follow(was: Hanging, *hands: HandNow, free: bool = True, seconds: float = 0.1) -> Hanging:
    """Frames in which the right hand does this."""
    for now in hands:
        was = after(was, (IDLE, now), layers(was), seconds, free=free)
    return was


def where(hanging: Hanging) -> tuple[float, ...]:
    return hanging.arrangement.places["camera 1"].pose.position


OPEN, SQUEEZED = HandNow(AIM), HandNow(AIM, 1.0)


def test_a_pointed_panel_is_grabbed_carried_and_released(rest: Hanging) -> None:
    held = follow(rest, OPEN, SQUEEZED)
    assert held.busy == (False, True)
    moved = follow(held, replace(SQUEEZED, aim=Pose((0.3, 0.15, -0.4))))
    assert where(moved)[1] == pytest.approx(where(rest)[1] + 0.2, abs=1e-9)
    dropped = follow(moved, OPEN)
    assert dropped.busy == (False, False)
    assert where(dropped) == pytest.approx(where(moved))
    assert where(follow(dropped, HandNow(Pose((0.0, 0.9, 0.0))))) == pytest.approx(where(moved))


def test_hands_that_drive_take_nothing_and_drop_what_they_hold(rest: Hanging) -> None:
    assert follow(rest, OPEN, SQUEEZED, free=False).busy == (False, False)
    assert follow(follow(rest, OPEN, SQUEEZED), SQUEEZED, free=False).busy == (False, False)


def test_a_trigger_that_was_squeezed_before_takes_nothing(rest: Hanging) -> None:
    away = HandNow(Pose((0.0, 0.0, 0.0), about((0.0, 1.0, 0.0), 3.0)), 1.0)
    assert follow(rest, away, SQUEEZED).busy == (False, False)


def test_one_panel_has_one_hand(rest: Hanging) -> None:
    held = after(rest, (OPEN, OPEN), layers(rest), 0.1, free=True)
    held = after(held, (SQUEEZED, SQUEEZED), layers(held), 0.1, free=True)
    assert sorted(held.busy) == [False, True]


def test_the_stick_of_a_hand_that_holds_pushes_resizes_and_bends(rest: Hanging) -> None:
    held = follow(rest, OPEN, SQUEEZED)
    assert where(follow(held, replace(SQUEEZED, stick=(0.0, 1.0))))[2] < where(held)[2] - 0.05
    grown = follow(held, replace(SQUEEZED, stick=(1.0, 0.0)))
    assert grown.arrangement.places["camera 1"].scale > 1.1
    still = follow(held, replace(SQUEEZED, stick=(0.2, 0.1)))
    assert still.arrangement.places["camera 1"] == held.arrangement.places["camera 1"]
    clicked = follow(held, replace(SQUEEZED, click=True), replace(SQUEEZED, click=True))
    assert clicked.arrangement.curved != held.arrangement.curved


def test_a_hand_out_of_sight_keeps_what_it_holds_where_it_is(rest: Hanging) -> None:
    held = follow(rest, OPEN, SQUEEZED)
    lost = follow(held, HandNow(None, 1.0))
    assert lost.busy == (False, True)
    assert where(lost) == where(held)


def test_recentring_lets_go(rest: Hanging) -> None:
    head = Pose((1.0, 0.2, 0.0), about((0.0, 1.0, 0.0), 0.5))
    front = recentred(follow(rest, OPEN, SQUEEZED), head)
    assert front.busy == (False, False)
    assert front.arrangement.anchor.position == head.position
