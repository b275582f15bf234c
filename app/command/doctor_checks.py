"""The checks of `main.py doctor`. Each looks at one thing and knows its cure."""

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from app.command.screen import VirtualScreen, has_screen
from core.errors import MissingPackage
from devices.leader.ports import open_trouble, serial_ports
from devices.openxr.runtime_file import PLACES, BadRuntimeFile, runtime_file, would_be_launched
from devices.udev import INSTALL, RULES, forbidden

State = Literal["ok", "optional", "broken"]
ROOT: Final = Path(__file__).resolve().parents[2]
LINUX: Final = sys.platform.startswith("linux")
INSTALLED: Final = (Path("/etc/udev/rules.d"), Path("/usr/lib/udev/rules.d"), Path("/lib/udev/rules.d"))
_WINDOW: Final = """
import os, sys
from PyQt6.QtGui import QGuiApplication, QOffscreenSurface, QOpenGLContext
application = QGuiApplication(["doctor"])
context, surface = QOpenGLContext(), QOffscreenSurface()
surface.create()
made = context.create() and context.makeCurrent(surface)
version = "%d.%d" % (context.format().majorVersion(), context.format().minorVersion()) if made else ""
renderer = ""
if made:
    from OpenGL import GL
    renderer = (GL.glGetString(GL.GL_RENDERER) or b"").decode()
print("ANSWER", application.platformName(), version, renderer, sep="|")
sys.stdout.flush()
os._exit(0)
"""
PATIENCE: Final = 60.0
"""Seconds that a check in a process of its own may take."""


@dataclass(frozen=True, slots=True)
class Check:
    """What a check found."""

    name: str
    state: State
    """"ok"; "optional": missing, and only some need it; "broken"."""
    words: str
    cure: str = ""
    """The exact command that mends it."""


def python() -> Check:
    """The interpreter and the packages of this project."""
    needed = ("numpy", "zarr", "PyQt6", "OpenGL", "mujoco", "torch", "pygame", "pyspacemouse", "serial", "scservo_sdk",
              "dynamixel_sdk")  # fmt: skip
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    version = platform.python_version()
    if missing:
        return Check("Python", "broken", f"{version}, without {', '.join(missing)}", "make env")
    return Check("Python", "ok", f"{version} with every package of the project")


def screen() -> Check:
    """Whether a window can be shown."""
    if has_screen():
        return Check(
            "Screen", "ok", os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or platform.system()
        )
    return Check(
        "Screen",
        "optional",
        "none here; the demo makes a virtual one",
        "make env-test && .venv/bin/python main.py demo",
    )


def window() -> Check:
    """Qt's platform and OpenGL, in a process of its own, since Qt ends the process where it cannot start."""
    with ExitStack() as stack:
        if not has_screen() and shutil.which("Xvfb"):
            stack.enter_context(VirtualScreen(640, 480))
        environment = dict(os.environ) if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        answer = subprocess.run(
            [sys.executable, "-c", _WINDOW],
            capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False,
        )  # fmt: skip
    found = re.search(r"^ANSWER\|(.*)\|(.*)\|(.*)$", answer.stdout, re.MULTILINE)
    if found is None:
        last = (answer.stderr.strip().splitlines() or ["Qt said nothing"])[-1]
        return Check("Qt and OpenGL", "broken", last, "make env")
    name, version, renderer = found.groups()
    if not version:
        state: State = "broken" if has_screen() else "optional"
        words = f"Qt runs on {name}, without OpenGL"
        return Check("Qt and OpenGL", state, words, "sudo apt install libgl1 libegl1 libgl1-mesa-dri")
    if tuple(int(part) for part in version.split(".")) < (3, 3):
        words = f"OpenGL {version} ({renderer}); 3.3 is needed"
        return Check("Qt and OpenGL", "broken", words, "LIBGL_ALWAYS_SOFTWARE=1 make run")
    return Check("Qt and OpenGL", "ok", f"Qt on {name}, OpenGL {version} ({renderer or 'unknown renderer'})")


def hidapi() -> Check:
    """The library of SpaceMice, and whether the pucks that are here may be opened."""
    from devices.spacemouse import library

    try:
        listed = library.listed()
    except MissingPackage as error:
        cure = re.search(r"`([^`]+)`", str(error))
        return Check(
            "hidapi (SpaceMouse)", "broken", str(error).partition(". ")[0], cure.group(1) if cure else "make env"
        )
    if closed := sorted({one.path for one in listed if forbidden(one.path)}):
        return Check("hidapi (SpaceMouse)", "broken", f"no permission to open {', '.join(closed)}", INSTALL)
    count = len({one.path for one in listed})
    return Check(
        "hidapi (SpaceMouse)",
        "ok",
        f"{count} interface{'s' * (count != 1)} plugged in" if count else "no puck plugged in",
    )


def gamepads() -> Check:
    """SDL, which reads gamepads."""
    from devices.gamepad.driver import GamepadDriver

    driver = GamepadDriver()
    try:
        pads = driver.find()
    except MissingPackage as error:
        return Check("SDL (gamepads)", "broken", str(error).partition(". ")[0], "make env")
    finally:
        driver.close()
    return Check("SDL (gamepads)", "ok", ", ".join(pad.words for pad in pads) or "no pad plugged in")


def serial() -> Check:
    """Whether the boards of leader arms may be opened."""
    ports = serial_ports()
    if not ports:
        return Check("Serial ports (leader arms)", "ok", "no board plugged in")
    closed = [port for port in ports if forbidden(port.path)]
    if closed:
        words = open_trouble(closed[0].path, PermissionError())
        cure = re.search(r"`([^`]+)`", words)
        return Check(
            "Serial ports (leader arms)",
            "broken",
            f"no permission to open {closed[0].path}",
            cure.group(1) if cure else INSTALL,
        )
    return Check("Serial ports (leader arms)", "ok", ", ".join(port.words for port in ports))


def udev_rules(folders: tuple[Path, ...] = INSTALLED) -> Check:
    """The rules that let whoever sits here open devices."""
    if not LINUX:
        return Check("udev rules", "ok", "not needed on this system")
    for folder in folders:
        file = folder / RULES.name
        if file.is_file():
            if file.read_bytes() == RULES.read_bytes():
                return Check("udev rules", "ok", str(file))
            return Check("udev rules", "optional", f"{file} is an older one", INSTALL)
    return Check("udev rules", "optional", "not installed; SpaceMice and leader arms need them", INSTALL)


_HEADSET: Final = """
import os, sys
from devices.openxr.session import asked
print("ANSWER", *asked(), sep="|")
sys.stdout.flush()
os._exit(0)
"""


def openxr(places: tuple[Path, ...] = PLACES) -> Check:
    """The runtime of VR headsets, asked in a process of its own: a runtime that crashes takes only that with it."""
    name = "OpenXR (VR headset)"
    try:
        found = runtime_file(places)
    except BadRuntimeFile as error:
        return Check(name, "broken", str(error), "see docs/vr.md")
    if found is None:
        words = "no runtime; only VR needs one. Start SteamVR, Meta Quest Link, WiVRn or Monado once"
        return Check(name, "optional", words, "see docs/vr.md")
    if importlib.util.find_spec("xr") is None:
        return Check(name, "broken", "pyopenxr is not installed", "make env")
    if would_be_launched(found):
        return Check(name, "optional", f"{found.name} is set up, and not running ({found.path})", "start SteamVR")
    answer = subprocess.run(
        [sys.executable, "-c", _HEADSET], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    said = re.search(r"^ANSWER\|(.*)\|(.*)\|(.*)$", answer.stdout, re.MULTILINE)
    if said is None:
        last = (answer.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return Check(name, "broken", f"{found.name} cannot be loaded ({found.path}): {last}", "see docs/vr.md")
    runtime, headset, trouble = said.groups()
    if not headset:
        return Check(name, "optional", f"{runtime or found.name}: {trouble} ({found.path})", "see docs/vr.md")
    return Check(name, "ok", f"{runtime} with {headset}")


def torch() -> Check:
    """The library of learned worlds and policies, imported as they do."""
    module = importlib.import_module("torch")
    where = "CUDA" if module.cuda.is_available() else "CPU"
    return Check("torch", "ok", f"{importlib.metadata.version('torch')} on {where}, {module.get_num_threads()} threads")


CHECKS: Final[tuple[Callable[[], Check], ...]] = (
    python, screen, window, hidapi, gamepads, serial, udev_rules, openxr, torch,
)  # fmt: skip
"""In the order in which they are said."""
