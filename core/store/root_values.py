"""Whether the root's attributes can be what this program wrote: types, sizes, names that stay inside the folder."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.camera import Camera
from core.store.layout import Layout, checked_size
from core.store.serialization import workcell_values

MOST_ROWS: Final = 1 << 40
"""Rows, branches and verbs of a session; more are damage."""


def require_values(values: Mapping[str, Any]) -> None:
    """Check everything that the program reads from the root's attributes.

    Raises:
        ValueError: an attribute is missing or cannot be; the text names it.
    """
    for name, check in _ATTRIBUTES.items():
        if name not in values:
            raise ValueError(f"it does not say {name!r}")
        try:
            check(values[name])
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise ValueError(f"its {name!r} cannot be: {error}") from error
    if values["task"] is not None:
        try:
            _world(values["world"])
            _identity(values["policy"]["identity"])
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise ValueError(f"what it says of world and policy cannot be: {error}") from error
    if values.get("checks") is not None:
        _checks(values["checks"])


def _number(value: object) -> None:
    if type(value) not in (int, float) or not math.isfinite(value):  # type: ignore[arg-type]
        raise ValueError(f"{_shown(value)} is no number")


def _count(value: object) -> None:
    if type(value) is not int or not 0 <= value < MOST_ROWS:
        raise ValueError(f"{_shown(value)} is no count")


def _flag(value: object) -> None:
    if type(value) is not bool:
        raise ValueError(f"{_shown(value)} is neither true nor false")


def _text(value: object) -> None:
    if type(value) is not str:
        raise ValueError(f"{_shown(value)} is no text")


def _task(value: object) -> None:
    if value is not None:
        _text(value)


def _openings(value: list[Mapping[str, Any]]) -> None:
    for opening in value:
        _number(opening["wall_time"])
        _identity(opening["world"])
        _identity(opening["policy"])
        _text(opening.get("operator", ""))


def _settings(value: Mapping[str, Any]) -> None:
    known: dict[str, Callable[[object], None]] = {"speed": _number, "freeze_on_idle": _flag, "device": _text}
    for name, check in known.items():
        if value.get(name) is not None:
            check(value[name])


def _head(value: list[int] | None) -> None:
    if value is not None:
        branch, index = value
        _count(branch)
        _count(index)


def _states(value: Mapping[str, Any]) -> None:
    for device in value["devices"]:
        _text(device)
    for number, layout in enumerate(value["layouts"]):
        if Layout.from_dict(layout).id != number:
            raise ValueError(f"layout {number} has another number")
    for names in value["shared_sets"]:
        for name, digest in names.items():
            _text(name)
            if type(digest) is not str or not 8 <= len(digest) <= 128 or not set(digest) <= set("0123456789abcdef"):
                raise ValueError(f"{_shown(digest)} is no hash")


def _committed(value: Mapping[str, Any]) -> None:
    for name in value:
        _count(value[name])
    if value["episodes"] > value["branches"] or value["episodes"] > value["nodes"]:
        raise ValueError("it has more episodes than branches or nodes")


def _checks(value: Mapping[str, Any]) -> None:
    try:
        _count(value["rows"])
        _count(value["crc32"])
        for path in value["columns"]:
            _text(path)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ValueError(f"its 'checks' cannot be: {error}") from error


def _world(value: Mapping[str, Any]) -> None:
    _identity(value["identity"])
    cell = workcell_values(value)
    _number(cell["dt"])
    if cell["dt"] <= 0:
        raise ValueError(f"a step of {cell['dt']} seconds")
    _text(cell["codec"])
    names = [camera["name"] for camera in cell["cameras"]]
    for camera in cell["cameras"]:
        _camera(camera["name"], camera["height"], camera["width"])
        Camera.from_dict(camera)
    if len(set(names)) < len(names):
        raise ValueError("two cameras have one name")


def _camera(name: str, height: int, width: int) -> None:
    _text(name)
    if not name or name in (".", "..") or set(name) & set("/\\\0") or len(name) > 100:
        raise ValueError(f"a camera cannot be called {_shown(name)}")
    checked_size("uint8", (height, width, 3))
    if height < 1 or width < 1:
        raise ValueError(f"the camera {name!r} has no pixels")


def _identity(value: Mapping[str, Any]) -> None:
    for name in ("name", "sha256", "backend"):
        _text(value[name])
    _count(value.get("threads", 1))


def _shown(value: object) -> str:
    """A value as it is quoted in words, cut where it is long."""
    words = repr(value) if isinstance(value, int | float | str | None) else f"a {type(value).__name__}"
    return words if len(words) <= 40 else f"{words[:40]}..."


_ATTRIBUTES: Final[dict[str, Callable[[Any], None]]] = {
    "created": _number,
    "closed": _flag,
    "task": _task,
    "openings": _openings,
    "settings": _settings,
    "head": _head,
    "states": _states,
    "committed": _committed,
}
