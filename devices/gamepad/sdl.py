"""The one thread that talks to SDL: it finds pads, samples the open ones and runs their motors.

SDL has one queue of events per process, so there is one such thread, shared and counted: each borrower gives
it back, and the last one ends it. No window, no sound, no signal handler of SDL: Qt does not notice it.
"""

import atexit
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, TypeVar

from core.errors import DeviceLost, MissingPackage
from devices.gamepad.pads import Pad, Present, UnknownPad
from devices.gamepad.port import Port
from devices.gamepad.sampling import OpenPad

T = TypeVar("T")
PERIOD: Final = 0.004
"""Seconds between two samples while a pad is open; most pads report every 4 to 8 ms."""
LOOKING: Final = 0.05
"""Seconds between two looks while none is open."""
STARTING: Final = 20.0
"""Seconds that SDL may take to start; a busy machine is slow, not broken."""
SETTINGS: Final = {
    "SDL_VIDEODRIVER": "dummy",  # events need a video driver; this one opens nothing
    "SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS": "1",  # the window with the focus is Qt's, never SDL's
    "SDL_JOYSTICK_THREAD": "1",  # Windows: messages of pads need a thread of their own
    "SDL_NO_SIGNAL_HANDLERS": "1",  # SIGTERM stays ours
    "SDL_GAMECONTROLLER_USE_BUTTON_LABELS": "0",  # "a" is the south button of every make
    "SDL_JOYSTICK_HIDAPI_PS4_RUMBLE": "1",  # else PlayStation pads are mute without a cable
    "SDL_JOYSTICK_HIDAPI_PS5_RUMBLE": "1",
    "PYGAME_HIDE_SUPPORT_PROMPT": "1",
}
"""In force before pygame is imported."""


@dataclass(eq=False)
class Handle:
    """One open pad, as the outside sees it."""

    port: Port
    pad: Pad
    opened: OpenPad


class SdlThread:
    """See the module; use borrow() and give_back()."""

    def __init__(self) -> None:
        self.users = 0
        """Number of borrowers."""
        self._requests: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._ready: Future[None] = Future()
        self._stopping = threading.Event()
        self._present = Present()
        self._handles: dict[int, Handle] = {}
        self._thread = threading.Thread(target=self._run, name="gamepads", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive() and not self._stopping.is_set()

    @property
    def pads(self) -> tuple[Pad, ...]:
        """What is plugged in, in the order of the keys."""
        return self._present.pads

    @property
    def unknown(self) -> tuple[UnknownPad, ...]:
        """Joysticks that are plugged in and whose layout SDL does not know."""
        return self._present.unknown

    def start(self) -> None:
        """Start SDL and look once.

        Raises:
            MissingPackage: pygame is not there, or its SDL does not start.
        """
        self._thread.start()
        self._ready.result(STARTING)

    def stop(self) -> None:
        """End SDL and wait for it; open pads are lost. Idempotent."""
        self._stopping.set()
        self._requests.put(lambda: None)
        self._thread.join()

    def open(self, key: str, words: str) -> Handle:
        """Open a pad; its port gets samples from now on.

        Raises:
            DeviceLost: it is not plugged in.
        """
        return self._asked(lambda: self._open(key, words))

    def close(self, handle: Handle) -> None:
        """Close a pad; one that is unplugged already is no error."""
        if self.alive:
            self._asked(lambda: self._close(handle))

    def rumble(self, handle: Handle, strength: float, seconds: float) -> None:
        """Let a pad rumble, 0..1; does not wait, and a pad that cannot or is gone is no error."""
        self._requests.put(lambda: handle.opened.rumble(strength, seconds))

    def _asked(self, call: Callable[[], T]) -> T:
        answer: Future[T] = Future()

        def request() -> None:
            try:
                answer.set_result(call())
            except Exception as error:  # of the one who asked, not of this thread
                answer.set_exception(error)

        self._requests.put(request)
        while self.alive:
            with suppress(TimeoutError):
                return answer.result(LOOKING)
        raise DeviceLost("The gamepads were closed while one was being opened. Try again.")

    def _run(self) -> None:
        try:
            pygame = _started()
            self._look(pygame)
            self._ready.set_result(None)
        except BaseException as error:
            self._ready.set_exception(error)
            return
        why = "The gamepads were closed."
        try:
            while not self._stopping.is_set():
                self._serve()
                self._look(pygame)
        except Exception as error:
            why = f"SDL failed: {error}. Start the application again if the gamepads do not come back."
            raise
        finally:
            self._stopping.set()
            for handle in list(self._handles.values()):
                handle.port.lose(why)
                self._close(handle)
            _ended(pygame)

    def _serve(self) -> None:
        """Answer requests until the next sample is due."""
        due = time.monotonic() + (PERIOD if self._handles else LOOKING)
        while (rest := due - time.monotonic()) > 0 and not self._stopping.is_set():
            try:
                self._requests.get(timeout=rest)()
            except queue.Empty:
                return

    def _look(self, pygame: ModuleType) -> None:
        """Handle the events of SDL, then sample every open pad."""
        for event in pygame.event.get():
            if event.type == pygame.JOYDEVICEADDED:
                self._present.look(pygame)
            elif event.type == pygame.JOYDEVICEREMOVED:
                self._lost(event.instance_id)
            else:
                self._said(pygame, event)
        for handle in self._handles.values():
            state = handle.opened.sample()
            if state is not None:
                handle.port.put(state)

    def _lost(self, instance: int) -> None:
        """Only the event shows it: the pad's own object goes on to report a pad at rest."""
        self._present.remove(instance)
        handle = self._handles.pop(instance, None)
        if handle is not None:
            handle.port.lose(f"The {handle.pad.words} was unplugged or went to sleep. Plug it in again.")
            handle.opened.close()

    def _said(self, pygame: ModuleType, event: Any) -> None:
        handle = self._handles.get(getattr(event, "instance_id", -1))
        if handle is None:
            return
        if event.type == pygame.CONTROLLERBUTTONDOWN:
            handle.opened.pressed(event.button)
        elif event.type == pygame.CONTROLLERAXISMOTION:
            handle.opened.moved(event.axis)

    def _open(self, key: str, words: str) -> Handle:
        pad = self._present.find(key)
        if pad is None:
            raise DeviceLost(f"The {words} is not plugged in. Plug it in, or switch it on.")
        if pad.instance in self._handles:
            raise DeviceLost(f"The {words} is already in use.")
        handle = Handle(Port(words), pad, OpenPad(self._present.index_of(pad)))
        self._handles[pad.instance] = handle
        return handle

    def _close(self, handle: Handle) -> None:
        if self._handles.get(handle.pad.instance) is handle:
            del self._handles[handle.pad.instance]
            handle.opened.close()


def _started() -> ModuleType:
    os.environ.update(SETTINGS)
    try:
        import pygame
        import pygame._sdl2.controller as controllers
    except ImportError as error:
        raise MissingPackage(f"Gamepads need pygame, which does not load: {error}. Run `make env`.") from error
    try:
        pygame.display.init()  # not pygame.init(): that would open the sound card
        pygame.joystick.init()
        controllers.init()
    except pygame.error as error:
        raise MissingPackage(f"SDL, which reads the gamepads, does not start: {error}.") from error
    return pygame


def _ended(pygame: ModuleType) -> None:
    import pygame._sdl2.controller as controllers

    controllers.quit()
    pygame.joystick.quit()
    pygame.display.quit()


_lock = threading.Lock()
_shared: SdlThread | None = None


def borrow() -> SdlThread:
    """The thread of this process, started where it does not run.

    Raises:
        MissingPackage: pygame is not there, or its SDL does not start.
    """
    global _shared
    with _lock:
        if _shared is None or not _shared.alive:
            fresh = SdlThread()
            fresh.start()
            atexit.register(fresh.stop)
            _shared = fresh
        _shared.users += 1
        return _shared


def give_back(thread: SdlThread) -> None:
    """The last one who gives it back ends it."""
    global _shared
    with _lock:
        thread.users -= 1
        if thread.users > 0:
            return
        thread.stop()
        atexit.unregister(thread.stop)
        if _shared is thread:
            _shared = None
