"""Where a gamepad is plugged in, so that it is known again: SDL's path and serial number, made stable.

SDL numbers pads in the order of their arrival, and Linux names their files so too; only the USB port (or, without
a cable, the pad's own address) stays. pygame shows neither path nor serial number, so the SDL library that pygame
has loaded is asked directly; where that is not possible a pad is known by its kind alone.
"""

import ctypes
import sys
from functools import cache
from pathlib import Path

import pygame

LIBRARIES = ("../pygame.libs/libSDL2-2*.so*", ".dylibs/libSDL2-2*.dylib", "SDL2.dll")
"""Beside the pygame package, on Linux, macOS and Windows."""
NOT_PADS = frozenset({2, 4, 5, 6, 7, 9})
"""SDL_JoystickType of a wheel, flight stick, dance pad, guitar, drum kit and throttle: they have no gamepad layout."""


@cache
def sdl_library() -> ctypes.CDLL | None:
    """The SDL that pygame runs on; None where pygame was built on one of the system."""
    folder = Path(pygame.__file__).parent
    found = [path for pattern in LIBRARIES for path in sorted(folder.glob(pattern))]
    if not found:
        return None
    library = ctypes.CDLL(str(found[0].resolve()))
    library.SDL_JoystickFromInstanceID.restype = ctypes.c_void_p
    library.SDL_JoystickFromInstanceID.argtypes = [ctypes.c_int32]
    for name in ("SDL_JoystickPath", "SDL_JoystickGetSerial"):
        getattr(library, name).restype = ctypes.c_char_p
        getattr(library, name).argtypes = [ctypes.c_void_p]
    return library


def joystick_type(index: int) -> int:
    """SDL_JoystickType of a device by its index; 0, unknown, where SDL cannot be asked."""
    library = sdl_library()
    return int(library.SDL_JoystickGetDeviceType(index)) if library is not None else 0


def place_of(instance: int) -> str:
    """Where the open pad of an SDL instance is plugged in; "" where that is not known."""
    library = sdl_library()
    handle = library.SDL_JoystickFromInstanceID(instance) if library is not None else None
    if library is None or not handle:
        return ""
    path, serial = library.SDL_JoystickPath(handle), library.SDL_JoystickGetSerial(handle)
    return stable(_text(path), _text(serial))


def stable(path: str, serial: str, system: Path = Path("/sys")) -> str:
    """A name that outlives a replug into the same port.

    Args:
        path: SDL's, for example "/dev/input/event5".
        serial: the pad's own number, "" where it has none.
        system: the folder in which Linux describes devices.
    """
    if not path.startswith("/dev/"):
        return path.lower() if path and sys.platform == "win32" else serial or path
    device = Path(path).name
    physical, unique = _from_files(system / "class" / "input" / device / "device")
    if not physical and not unique:
        physical, unique = _from_event(system / "class" / "hidraw" / device / "device" / "uevent")
    port = physical.partition("/")[0]
    return port if port.startswith("usb-") else unique or serial or port


def _from_files(folder: Path) -> tuple[str, str]:
    """Port and own address of an input device."""
    return _content(folder / "phys"), _content(folder / "uniq")


def _from_event(file: Path) -> tuple[str, str]:
    """Port and own address of a raw HID device."""
    lines = dict(line.split("=", 1) for line in _content(file).splitlines() if "=" in line)
    return lines.get("HID_PHYS", ""), lines.get("HID_UNIQ", "")


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""


def _text(value: bytes | None) -> str:
    return value.decode("utf-8", "replace") if value else ""
