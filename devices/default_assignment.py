"""The assignment where the operator chose none: a function of what is connected and of the profile."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from devices import KINDS
from devices.combine import Assignment, Side, device_key, driver_of
from devices.discovery import Discovered
from devices.kind import LAST
from devices.profile import Profile
from devices.verb_bindings import verb_of

KEYBOARD: Final = "keyboard"
ALONE: Final = Assignment(KEYBOARD, KEYBOARD)
"""The keyboard drives both arms; in a profile it means "what is plugged in"."""


def by_itself(profile: Profile, connected: Sequence[Discovered]) -> Assignment:
    """The assignment of the profile where its devices are here, else the natural one of what is connected.

    Args:
        profile: the operator's.
        connected: what can be read now, in any order.
    """
    keys = {device_key(found) for found in connected} | {KEYBOARD}
    named = profile.assignment
    if named != ALONE and named.driving and set(named.driving) <= keys:
        return named
    kinds = sorted({found.driver for found in connected}, key=_rank)
    for kind in kinds:
        mine = sorted((found for found in connected if found.driver == kind), key=device_key)
        return natural(mine, profile.handedness)
    return ALONE


def natural(found: Sequence[Discovered], handedness: Side) -> Assignment:
    """One two-handed device drives both arms; two drive an arm each; one hand takes turns between the arms."""
    first = device_key(found[0])
    if len(found) > 1:
        return Assignment(first, device_key(found[1]))
    if found[0].hands == 2:
        return Assignment(first, first)
    return Assignment(first, first, handedness, handedness)


def with_switch(assignment: Assignment, profile: Profile) -> Assignment:
    """The assignment with the button that changes its arm, where one hand drives both.

    That is the operator's, the assignment's own, or the usual one of the device as long as it means nothing else.
    """
    hand = assignment.hands[0]
    if hand is None or hand != assignment.hands[1]:
        return assignment
    kind = KINDS.get(driver_of(hand[0]))
    usual = kind.usual_switch if kind is not None else ""
    own = profile.switch or assignment.switch
    return replace(assignment, switch=own or ("" if verb_of(profile.bindings, usual) else usual))


def without_usual_switch(assignment: Assignment, profile: Profile) -> Assignment:
    """The assignment as it is written down: a switch that with_switch() would give it anyhow is not its own."""
    bare = replace(assignment, switch="")
    return bare if with_switch(bare, profile) == assignment else assignment


def with_arm(assignment: Assignment, arm: int, key: str | None, hands: int) -> Assignment:
    """The assignment with another device on an arm, 0 left or 1 right; None lets the arm hold still.

    A two-handed device gives its hand of that side; where the arms are swapped, they are not any more.
    """
    left, right = assignment.hands
    chosen = [left, right]
    side: Side = "left" if arm == 0 else "right"
    other = chosen[1 - arm]
    hand: Side = side if hands == 2 or other is None or other[0] != key else other[1]
    chosen[arm] = None if key is None else (key, hand)
    (first, second) = chosen
    return Assignment(
        None if first is None else first[0], None if second is None else second[0],
        "left" if first is None else first[1], "right" if second is None else second[1],
        False, assignment.mirror, assignment.shared, assignment.switch,
    )  # fmt: skip


def _rank(driver: str) -> tuple[int, str]:
    return (KINDS[driver].rank if driver in KINDS else LAST, driver)
