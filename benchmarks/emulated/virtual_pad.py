"""Gamepads that SDL itself makes up: everything above them is the real SDL and the real pygame."""

import ctypes

from core.errors import StudioError
from devices.gamepad.kind import BUTTONS
from devices.gamepad.place import sdl_library

RUMBLE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint16, ctypes.c_uint16)
AXES = {"left_x": 0, "left_y": 1, "right_x": 2, "right_y": 3, "left_trigger": 4, "right_trigger": 5}
UNKNOWN, GAMEPAD, WHEEL = 0, 1, 2


class NoVirtualPads(StudioError):
    """SDL makes no virtual pads here."""


class Description(ctypes.Structure):
    """SDL_VirtualJoystickDesc, version 1."""

    _fields_ = (
        ("version", ctypes.c_uint16), ("type", ctypes.c_uint16), ("naxes", ctypes.c_uint16),
        ("nbuttons", ctypes.c_uint16), ("nhats", ctypes.c_uint16), ("vendor_id", ctypes.c_uint16),
        ("product_id", ctypes.c_uint16), ("padding", ctypes.c_uint16), ("button_mask", ctypes.c_uint32),
        ("axis_mask", ctypes.c_uint32), ("name", ctypes.c_char_p), ("userdata", ctypes.c_void_p),
        ("update", ctypes.c_void_p), ("set_player_index", ctypes.c_void_p), ("rumble", RUMBLE),
        ("rumble_triggers", ctypes.c_void_p), ("set_led", ctypes.c_void_p), ("send_effect", ctypes.c_void_p),
    )  # fmt: skip


def bundled() -> ctypes.CDLL:
    """The SDL that pygame brings along.

    Raises:
        NoVirtualPads: pygame runs on the system's SDL.
    """
    library = sdl_library()
    if library is None:
        raise NoVirtualPads(
            "Gamepads cannot be emulated: pygame runs on the system's SDL here. Install pygame from its wheel."
        )
    library.SDL_JoystickOpen.restype = ctypes.c_void_p
    library.SDL_JoystickSetVirtualAxis.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int16]
    library.SDL_JoystickSetVirtualButton.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_uint8]
    library.SDL_JoystickInstanceID.argtypes = [ctypes.c_void_p]
    library.SDL_JoystickClose.argtypes = [ctypes.c_void_p]
    return library


class VirtualPad:
    """A virtual gamepad; SDL must have started."""

    def __init__(self, name: str = "Test pad", product: int = 0x0B12, kind: int = GAMEPAD) -> None:
        self.sdl = bundled()
        self.rumbled: list[tuple[int, int]] = []
        self._callback = RUMBLE(self._rumble)
        self._description = Description(
            version=1, type=kind, naxes=6, nbuttons=15, vendor_id=0x045E, product_id=product, name=name.encode(),
            rumble=self._callback,
        )  # fmt: skip
        self._handle: int | None = None
        self.plug()

    def plug(self) -> None:
        index = self.sdl.SDL_JoystickAttachVirtualEx(ctypes.byref(self._description))
        assert index >= 0, "SDL made no virtual joystick"
        self._handle = self.sdl.SDL_JoystickOpen(index)
        assert self._handle
        self._instance = self.sdl.SDL_JoystickInstanceID(self._handle)

    def unplug(self) -> None:
        if self._handle is None:
            return
        index = self._index()
        if index is not None:  # else SDL ended meanwhile and took it along
            self.sdl.SDL_JoystickDetachVirtual(index)
            self.sdl.SDL_JoystickClose(self._handle)
        self._handle = None

    def push(self, **axes: float) -> None:
        """Sticks -1..1, right and down positive; triggers 0..1."""
        for name, value in axes.items():
            raw = round(value * 65535) - 32768 if name.endswith("trigger") else round(value * 32767)
            assert self.sdl.SDL_JoystickSetVirtualAxis(self._handle, AXES[name], raw) == 0

    def press(self, *buttons: str) -> None:
        for button in buttons:
            assert self.sdl.SDL_JoystickSetVirtualButton(self._handle, BUTTONS.index(button), 1) == 0

    def release(self, *buttons: str) -> None:
        for button in buttons:
            assert self.sdl.SDL_JoystickSetVirtualButton(self._handle, BUTTONS.index(button), 0) == 0

    def _index(self) -> int | None:
        count = self.sdl.SDL_NumJoysticks()
        ids = [self.sdl.SDL_JoystickGetDeviceInstanceID(index) for index in range(count)]
        return ids.index(self._instance) if self._instance in ids else None

    def _rumble(self, _userdata: int | None, low: int, high: int) -> int:
        self.rumbled.append((low, high))
        return 0
