"""A window on a separate screen, typed on under a keyboard layout of X11; prints what the keys did as JSON.

`python -m tests.app.commands.typed_on_layout LAYOUT`, for example ru. XTest makes the presses, below Qt.
"""

import ctypes
import json
import subprocess
import sys
import time
from collections.abc import Callable

from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QApplication, QWidget

from app.commands.command import DRIVE, Place
from app.commands.key_router import KeyRouter
from app.commands.latin_shortcuts import LatinShortcuts
from devices.keyboard.device import Keyboard

W, A, S, D, G, Q = 25, 38, 39, 40, 42, 24
"""Keycodes of X11, by what a US keyboard writes."""


def main(layout: str) -> None:
    """Hold the keys of W A S D Q one after the other, then press that of G; print what moved and what was triggered."""
    application = QApplication([])
    window = QWidget()
    window.show()
    triggered: list[str] = []
    action = QAction("Go to step", window)
    action.setShortcut(QKeySequence("G"))
    action.triggered.connect(lambda: triggered.append("go_to_step"))
    window.addAction(action)
    shortcuts, router, keyboard = LatinShortcuts(window), KeyRouter(window), Keyboard()
    keyboard.connect()
    router.set_feed(keyboard)
    router.set_state(Place(DRIVE, "CORRECTING"), True)
    library, test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
    library.XOpenDisplay.restype = ctypes.c_void_p
    library.XSetInputFocus.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_ulong]
    library.XSync.argtypes = [ctypes.c_void_p, ctypes.c_int]
    test.XTestFakeKeyEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
    display = library.XOpenDisplay(None)

    def until(happened: Callable[[], bool], patience: float = 5.0) -> None:
        end = time.monotonic() + patience
        while not happened() and time.monotonic() < end:
            application.processEvents()

    def put(code: int, down: bool) -> None:
        test.XTestFakeKeyEvent(display, code, int(down), 0)
        library.XSync(display, 0)

    subprocess.run(["setxkbmap", layout], check=True)  # after Qt is connected: a server without clients forgets it
    until(window.isVisible)
    library.XSetInputFocus(display, int(window.winId()), 1, 0)
    library.XSync(display, 0)
    until(window.isActiveWindow)
    held = []
    for code in (W, A, S, D, Q):
        put(code, True)
        until(lambda: bool(keyboard.held))
        held.append("".join(keyboard.held))
        put(code, False)
        until(lambda: not keyboard.held)
    put(G, True)
    put(G, False)
    until(lambda: bool(triggered))
    print(json.dumps({"held": held, "left": sorted(keyboard.held), "triggered": triggered}))
    del shortcuts


if __name__ == "__main__":
    main(sys.argv[1])
