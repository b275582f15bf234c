"""The checks of `main.py doctor`. Each looks at one thing and names its fix."""

import importlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from app.command.screen import VirtualScreen, has_screen
from core.check import Check
from devices import KINDS
from devices.udev import INSTALL, RULES

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
screen = application.primaryScreen()
room = screen.availableGeometry()
print("ANSWER", application.platformName(), version, renderer, screen.depth(), room.width(), room.height(), sep="|")
sys.stdout.flush()
os._exit(0)
"""
SMALLEST: Final = (960, 640)
"""Of the window, logical pixels; a test compares it with app.window.main_window, which imports Qt."""
PATIENCE: Final = 60.0
"""Seconds that a check in a separate process may take."""


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
    name = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY") or platform.system()
    if re.match(r"[^:/]+:\d", name):
        words = f"{name}: every picture is sent over the network, so the window is slow"
        return Check(
            "Screen", "optional", words, "run it on the computer of the screen, or in a VNC session on this one"
        )
    if has_screen():
        return Check("Screen", "ok", name)
    return Check(
        "Screen",
        "optional",
        "none here; the demo makes a virtual one",
        "make env-test && .venv/bin/python main.py demo",
    )


def window() -> Check:
    """Qt's platform and OpenGL, in a separate process, since Qt ends the process where it cannot start."""
    with ExitStack() as stack:
        if not has_screen() and shutil.which("Xvfb"):
            stack.enter_context(VirtualScreen(640, 480))
        environment = dict(os.environ) if has_screen() else {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
        answer = subprocess.run(
            [sys.executable, "-c", _WINDOW],
            capture_output=True, text=True, timeout=PATIENCE, env=environment, check=False,
        )  # fmt: skip
    found = re.search(r"^ANSWER\|(.*)\|(.*)\|(.*)\|(\d+)\|(\d+)\|(\d+)$", answer.stdout, re.MULTILINE)
    if found is None:
        last = (answer.stderr.strip().splitlines() or ["Qt gave no answer"])[-1]
        return Check("Qt and OpenGL", "broken", last, "make env")
    name, version, renderer = found.group(1, 2, 3)
    if not version:
        words = f"Qt runs on {name}, without OpenGL: the window needs none, a headset does"
        return Check("Qt and OpenGL", "optional", words, "sudo apt install libgl1 libegl1 libgl1-mesa-dri")
    if tuple(int(part) for part in version.split(".")) < (3, 3):
        words = f"OpenGL {version} ({renderer}): the window needs none, a headset needs 3.3"
        return Check("Qt and OpenGL", "optional", words, "LIBGL_ALWAYS_SOFTWARE=1 make run")
    words = f"Qt on {name}, OpenGL {version} ({renderer or 'unknown renderer'})"
    if has_screen() and (remark := screen_remark(*map(int, found.group(4, 5, 6)))):
        return Check("Qt and OpenGL", "optional", f"{words}; {remark[0]}", remark[1])
    return Check("Qt and OpenGL", "ok", words)


def screen_remark(depth: int, width: int, height: int) -> tuple[str, str] | None:
    """What is wrong with a screen of a colour depth in bits and a free area in logical pixels, and the fix."""
    if depth < 24:
        return (
            f"the screen has {depth} bits a pixel, so the pictures show fewer colours than they have",
            "set the depth of the screen to 24 bits, for a VNC server with `-depth 24`",
        )
    if width < SMALLEST[0] or height < SMALLEST[1]:
        return (
            f"the screen has {width}x{height} free pixels after scaling, the window needs {SMALLEST[0]}x{SMALLEST[1]}",
            "choose a smaller scaling of the desktop",
        )
    return None


def udev_rules(folders: tuple[Path, ...] = INSTALLED) -> Check:
    """The rules that let the user of this computer open devices."""
    if not LINUX:
        return Check("udev rules", "ok", "not needed on this system")
    for folder in folders:
        file = folder / RULES.name
        if file.is_file():
            if file.read_bytes() == RULES.read_bytes():
                return Check("udev rules", "ok", str(file))
            return Check("udev rules", "optional", f"{file} is an older one", INSTALL)
    return Check("udev rules", "optional", "not installed; SpaceMice and leader arms need them", INSTALL)


def torch() -> Check:
    """The library of learned worlds and policies, imported as they do."""
    module = importlib.import_module("torch")
    where = "CUDA" if module.cuda.is_available() else "CPU"
    return Check("torch", "ok", f"{importlib.metadata.version('torch')} on {where}, {module.get_num_threads()} threads")


def devices() -> Iterator[Callable[[], Check]]:
    """The check of every kind of device that has one, each once, in the order of devices.KINDS."""
    for where in dict.fromkeys(kind.check for kind in KINDS.values() if kind.check):
        module, _, function = where.partition(":")
        yield getattr(importlib.import_module(module), function)


def checks() -> tuple[Callable[[], Check], ...]:
    """Every check, in the order of the report."""
    return (python, screen, window, *devices(), udev_rules, torch)
