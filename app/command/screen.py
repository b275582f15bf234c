"""Is there a screen, and if not, a virtual one."""

import os
import shutil
import subprocess
import sys
from types import TracebackType

from core.errors import MissingPackage


def has_screen() -> bool:
    """Whether a window can be shown here. Only Linux can be without a screen."""
    return not sys.platform.startswith("linux") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


class VirtualScreen:
    """An Xvfb server for the length of a with-block; DISPLAY and QT_QPA_PLATFORM point at it meanwhile.

    The server ends with the thread that started it at the latest, also where this process is killed.
    """

    def __init__(self, width: int, height: int, depth: int = 24) -> None:
        self._size = f"{width}x{height}x{depth}"
        self._server: subprocess.Popen[bytes] | None = None
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> "VirtualScreen":
        """Start the server and wait until it accepts clients.

        Raises:
            MissingPackage: Xvfb is not installed, or it did not start.
        """
        if shutil.which("Xvfb") is None:
            raise MissingPackage(
                "The demo without a screen needs Xvfb, which is not installed. "
                "Run `make env-test`, or as root `apt-get install xvfb`."
            )
        reader, writer = os.pipe()
        command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", self._size, "-nolisten", "tcp", "-noreset"]
        if shutil.which("setpriv") is not None:
            command = ["setpriv", "--pdeathsig", "TERM", *command]
        self._server = subprocess.Popen(
            command, pass_fds=(writer,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl+C is for the program; its screen ends after it
        )  # fmt: skip
        os.close(writer)
        with os.fdopen(reader) as answer:
            number = answer.readline().strip()  # ends with the server too: its end of the pipe closes
        if not number:
            raise MissingPackage(
                f"Xvfb did not start with a screen of {self._size}. Run `Xvfb -displayfd 1` to see what it says; "
                "a full /tmp or a missing /tmp/.X11-unix are the usual causes."
            )
        self._set({"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb", "WAYLAND_DISPLAY": None})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server and put the environment back."""
        for name, value in self._before.items():
            self._put(name, value)
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)

    def _set(self, values: dict[str, str | None]) -> None:
        self._before = {name: os.environ.get(name) for name in values}
        for name, value in values.items():
            self._put(name, value)

    @staticmethod
    def _put(name: str, value: str | None) -> None:
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
