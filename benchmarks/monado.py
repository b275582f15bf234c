"""A Monado service of our own with scripted head and hands: a real OpenXR runtime without a headset.

Set up by .ci/monado.py, which sets its paths in the environment. One service and one client at a time.
"""

import os
import re
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

VARIABLES: Final = ("HI_WM_MONADO", "HI_WM_MONADO_LOADER", "HI_WM_MONADO_LIBRARIES", "XR_RUNTIME_JSON")
HEADER: Final = b"mndrmt3\0"
GREETING: Final = 752
"""Bytes that the remote driver sends to a new connection."""
PATIENCE: Final = 20.0
UPRIGHT: Final = (0.0, 0.0, 0.0, 1.0)


def ready() -> bool:
    """Whether this process runs on the libraries of a Monado that was set up."""
    return all(os.environ.get(name) for name in VARIABLES)


@dataclass(frozen=True, slots=True)
class Controller:
    """What one controller does: an Index controller, in OpenXR axes."""

    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Metres."""
    orientation: tuple[float, float, float, float] = UPRIGHT
    """xyzw."""
    active: bool = True
    squeeze: float = 0.0
    trigger: float = 0.0
    stick: tuple[float, float] = (0.0, 0.0)
    trackpad_force: float = 0.0
    pressed: frozenset[str] = frozenset()
    """Of a, b, stick, trigger, system."""

    def pack(self) -> bytes:
        """120 bytes, little-endian."""
        down = {name: name in self.pressed for name in ("system", "a", "b", "trigger", "stick")}
        flags = [False, self.active]
        for name in ("system", "a", "b", "trigger", "stick"):
            flags += [down[name], down[name]]
        flags += [self.trackpad_force > 0]
        return struct.pack(
            "<7f3f3f5ff f f 2f f 2f 13? 3x",
            *self.orientation, *self.position, *(0.0,) * 6, *(0.0,) * 5, self.trigger, self.squeeze, self.squeeze,
            *self.stick, self.trackpad_force, 0.0, 0.0, *flags,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """Head and both hands at an instant."""

    left: Controller = field(default_factory=lambda: Controller((-0.2, 1.3, -0.4)))
    right: Controller = field(default_factory=lambda: Controller((0.2, 1.3, -0.4)))
    head: tuple[float, float, float] = (0.0, 1.6, 0.0)
    gaze: tuple[float, float, float, float] = UPRIGHT

    def pack(self) -> bytes:
        """376 bytes: one packet of the remote driver."""
        head = b"\0" * 96 + struct.pack("<7f?3x", *self.gaze, *self.head, False)
        return HEADER + head + self.left.pack() + self.right.pack()


class Hands:
    """Sends what head and hands do; the driver keeps the newest for ever."""

    def __init__(self, port: int) -> None:
        self.scene = Scene()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        left = GREETING
        while left:
            got = self._socket.recv(left)
            if not got:
                raise ConnectionError("Monado's remote driver hung up. Is another client connected?")
            left -= len(got)
        self.send(self.scene)

    def send(self, scene: Scene) -> None:
        """From now on this is where everything is."""
        self.scene = scene
        self._socket.sendall(scene.pack())

    def close(self) -> None:
        """Let go of the driver."""
        self._socket.close()


class Service:
    """One monado-service; a context manager that cleans up after itself."""

    def __init__(self, *, window: bool = False, display: str | None = None, full_screen: bool = False) -> None:
        """Get ready; start() begins.

        Args:
            window: show both eyes in a window of an X server, at 60 Hz; else the null compositor at 20 Hz.
            display: that X server.
            full_screen: the window fills it.
        """
        if not ready():
            raise RuntimeError("Monado is not set up in this process. Run: make test-openxr, or python3 .ci/monado.py")
        self._folder = tempfile.TemporaryDirectory(prefix="hi-wm-monado-")
        self._where = Path(self._folder.name)
        self.port = free_port()
        run, conf = self._where / "run", self._where / "config"
        run.mkdir(mode=0o700)
        (conf / "monado").mkdir(parents=True)
        remote = f'{{"version": 0, "port": {self.port}, "view_count": 2}}'
        (conf / "monado/config_v0.json").write_text(f'{{"active": "remote", "remote": {remote}}}')
        values = {"XDG_RUNTIME_DIR": str(run), "XDG_CONFIG_HOME": str(conf), "P_OVERRIDE_ACTIVE_CONFIG": "remote",
                  "XRT_NO_STDIN": "1"}  # fmt: skip
        values |= {"XRT_COMPOSITOR_FORCE_XCB": "1"} if window else {"XRT_COMPOSITOR_NULL": "1"}
        values |= {"XRT_COMPOSITOR_XCB_FULLSCREEN": "1"} if full_screen else {}
        values |= {"DISPLAY": display} if display is not None else {}
        self.environment: Mapping[str, str] = MappingProxyType(values)
        """Environment of the service and of its clients."""
        self.log = self._where / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when a runtime would find it.

        Raises:
            RuntimeError: it did not come up, with its last words.
        """
        command = [os.environ["HI_WM_MONADO_LOADER"], "--library-path", os.environ["HI_WM_MONADO_LIBRARIES"],
                   os.environ["HI_WM_MONADO"]]  # fmt: skip
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={**os.environ, **self.environment}
            )
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._process.poll() is None:
            if (self._where / "run/monado_comp_ipc").exists():
                return
            time.sleep(0.02)
        words = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
        self.kill()
        raise RuntimeError(f"monado-service did not come up. Its last words:\n{words}")

    def bring_to_front(self, process: int) -> None:
        """Show the session of a process, and no other.

        Raises:
            RuntimeError: the service does not know it.
        """
        listed = re.search(rf"id: (\d+)\s.*pid: {process}\s", self._control())
        if listed is None:
            raise RuntimeError(f"Monado knows no session of process {process}.")
        self._control("-p", listed[1])

    def _control(self, *words: str) -> str:
        tool = Path(os.environ["HI_WM_MONADO"]).with_name("monado-ctl")
        command = [os.environ["HI_WM_MONADO_LOADER"], "--library-path", os.environ["HI_WM_MONADO_LIBRARIES"], str(tool)]
        surroundings = {**os.environ, **self.environment}
        return subprocess.run(
            [*command, *words], capture_output=True, text=True, check=True, env=surroundings, timeout=PATIENCE
        ).stdout

    def kill(self) -> None:
        """End it as a crash would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
        (self._where / "run/monado_comp_ipc").unlink(missing_ok=True)

    def __enter__(self) -> "Service":
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.kill()
        self._folder.cleanup()


def free_port() -> int:
    """A free TCP port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
