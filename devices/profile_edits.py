"""Changes of a profile as an operator makes them: a profile goes in, another one comes out, or words say why not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from devices import KINDS
from devices.combine import driver_of
from devices.keyboard.kind import KEY
from devices.profile import Profile, usual_feel
from devices.verb_bindings import Bindings, bindings_with, check_button, phases_of, same_button

SWITCH: Final = "switch_arm"
"""Name, among those of the verbs, of the button that changes the arm."""
PAIRS: Final = {"take_over": "hand_back", "run": "pause"}
"""Verbs that are never possible together, and share their buttons where the operator gives them no others."""


def with_feel(profile: Profile, key: str, name: str, value: float) -> Profile:
    """Another value of a setting of FEEL, for a device or for all of a driver; a usual value is not written down.

    Raises:
        ValueError: it is out of range.
    """
    settings = {**profile.feel.get(key, {}), name: value}
    if key == driver_of(key) and value == getattr(usual_feel(key), name):
        del settings[name]
    return replace(profile, feel=_without_empty({**profile.feel, key: settings}))


def with_usual_feel(profile: Profile, key: str) -> Profile:
    """A device, or all of a driver, as if nothing had been said of it."""
    return replace(profile, feel={device: values for device, values in profile.feel.items() if device != key})


def is_usual(profile: Profile, key: str, name: str) -> bool:
    """Whether nothing else is said of a setting of this device, or of all of its driver."""
    return name not in profile.feel.get(key, {})


def rows(bound: Bindings) -> list[tuple[str, ...]]:
    """The verbs as they are shown, in the bindings' order: pairs that share their buttons are one row.

    A kind of device that usually has different buttons for the two of a pair, as LeRobot's events, does not count.
    """
    shared = {one: two for one, two in PAIRS.items() if _comparable(bound, one, two) == _comparable(bound, two, one)}
    return [(verb, shared[verb]) if verb in shared else (verb,) for verb in bound if verb not in shared.values()]


def _comparable(bound: Bindings, verb: str, other: str) -> set[str]:
    """The buttons of a verb, without those of kinds whose usual buttons of the other verb are different."""
    apart = {kind.name for kind in KINDS.values() if kind.bindings.get(verb) != kind.bindings.get(other)}
    return {button for button in bound[verb] if driver_of(button.rpartition("/")[0]) not in apart}


def buttons_of(profile: Profile, verbs: Sequence[str]) -> tuple[str, ...]:
    """The buttons of a row, which all of its verbs have."""
    if SWITCH in verbs:
        return (profile.switch,) if profile.switch else ()
    all_of_them = [profile.bindings[verb] for verb in verbs]
    return tuple(one for one in all_of_them[0] if all(one in buttons for buttons in all_of_them))


def taken_by(profile: Profile, verbs: Sequence[str], button: str) -> tuple[str, ...]:
    """The others that a button already means, in a phase in which it would mean one of these, too."""
    others = [
        other
        for other, buttons in profile.bindings.items()
        if other not in verbs
        and any(same_button(button, one) for one in buttons)
        and any(verb == SWITCH or phases_of(verb) & phases_of(other) for verb in verbs)
    ]
    switches = (profile.switch, profile.assignment.switch)
    if SWITCH not in verbs and any(switch and same_button(button, switch) for switch in switches):
        others.append(SWITCH)
    return tuple(others)


def with_button(profile: Profile, verbs: Sequence[str], button: str) -> Profile:
    """One more button for verbs; the switch of arms has only one. What it meant before it means no more.

    Raises:
        ValueError: it is no button, or it moves an arm.
    """
    check_button(button, "this")
    freed = profile
    for other in taken_by(profile, verbs, button):
        freed = without_button(freed, (other,), button)
    if SWITCH in verbs:
        return replace(freed, switch=button)
    kept = {verb: freed.bindings[verb] for verb in verbs}
    added = {verb: buttons if button in buttons else (*buttons, button) for verb, buttons in kept.items()}
    stale = verbs if button.startswith(f"{KEY}/") else ()  # the table of keys would win over this key
    keys = {name: own for name, own in freed.keys.items() if name not in stale}
    return replace(freed, bindings={**freed.bindings, **added}, keys=keys)


def without_button(profile: Profile, verbs: Sequence[str], button: str) -> Profile:
    """A button less for verbs, whatever name it was given by."""
    if SWITCH in verbs:
        return replace(profile, switch="", assignment=replace(profile.assignment, switch=""))
    by_verb = profile.bindings
    kept = {verb: tuple(one for one in by_verb[verb] if not same_button(button, one)) for verb in verbs}
    return replace(profile, bindings={**profile.bindings, **kept})


def with_usual_buttons(profile: Profile) -> Profile:
    """Every verb with its usual buttons, and the usual switch of arms."""
    return replace(without_button(profile, (SWITCH,), ""), bindings=bindings_with())


def _without_empty(feel: Mapping[str, Mapping[str, float]]) -> dict[str, Mapping[str, float]]:
    return {key: values for key, values in feel.items() if values}
