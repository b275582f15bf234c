"""Changes of the keys of one command in an operator's profile, and why a key is refused, in words."""

from collections.abc import Mapping
from dataclasses import replace

from app.commands.command import MOVING
from app.commands.key_bindings import Rows, clash, normal, own_keys, pages_of
from devices.keyboard.device import Motion
from devices.keyboard.kind import KEY
from devices.profile import Profile
from devices.verb_bindings import usual_buttons

Keys = tuple[str, ...]


def keys_now(profile: Profile, rows: Rows) -> dict[str, Keys]:
    """Name of every command -> its keys in a profile, as Qt writes them."""
    own = own_keys(profile.bindings, profile.keys)
    return {row.name: own.get(row.name, tuple(map(normal, row.keys))) for row in rows}


def with_keys(profile: Profile, name: str, keys: Keys) -> Profile:
    """Other keys for a command; none for a command without keys.

    Commands that devices carry out have their keys among their buttons, all others in the table of keys. "No key" and
    the key "/", which cannot be written as a button, are in the table of keys for both.

    Raises:
        ValueError: the key has another meaning among the buttons of the profile.
    """
    table = {other: own for other, own in profile.keys.items() if other != name}
    if name not in profile.bindings:
        return replace(profile, keys={**table, name: keys})
    as_buttons = tuple(f"{KEY}/{key.lower()}" for key in keys)
    written = bool(keys) and not any("/" in key for key in keys)
    buttons = (*_without_keys(profile.bindings[name]), *(as_buttons if written else ()))
    return replace(
        profile, keys=table if written else {**table, name: keys}, bindings={**profile.bindings, name: buttons}
    )


def with_usual_keys(profile: Profile, name: str) -> Profile:
    """The usual keys for a command; its buttons on devices stay.

    Raises:
        ValueError: one of them has another meaning among the buttons of the profile.
    """
    keys = {other: own for other, own in profile.keys.items() if other != name}
    if name not in profile.bindings:
        return replace(profile, keys=keys)
    return replace(profile, keys=keys, bindings={**profile.bindings, name: _usual_buttons(profile, name)})


def with_all_usual_keys(profile: Profile) -> Profile:
    """The usual keys for every command; buttons on devices stay.

    Raises:
        ValueError: one of them moves an arm in this profile.
    """
    return replace(profile, keys={}, bindings={name: _usual_buttons(profile, name) for name in profile.bindings})


def refusal(name: str, keys: Keys, profile: Profile, rows: Rows, motions: Mapping[str, Motion]) -> str:
    """Why a command cannot have these keys beside those of all other commands, in words; "" where it can."""
    row = next(row for row in rows if row.name == name)
    wanted = {other: own for other, own in own_keys(profile.bindings, profile.keys).items() if other != name}
    words = (clash(name, keys, wanted, rows, page) for page in pages_of(rows))
    found = next((text for text in words if text), "")
    if found:
        return f"{found}. Choose another key, or change the other command first."
    moving = {normal(key): motion for key, motion in motions.items()} if row.phases & MOVING else {}
    for key in keys:
        if key in moving:
            return f"The key {key!r} moves the {moving[key].words} while hands drive. Choose another key."
    return ""


def _without_keys(buttons: Keys) -> Keys:
    return tuple(button for button in buttons if not button.startswith(f"{KEY}/"))


def _usual_buttons(profile: Profile, name: str) -> Keys:
    usual, others = usual_buttons(name), _without_keys(profile.bindings[name])
    if others == _without_keys(usual):  # in the order in which nothing has to be written down
        return usual
    return (*(button for button in usual if button.startswith(f"{KEY}/")), *others)
