"""A program that exports until it is killed: python -m tests.models.datasets.export.killed_export."""

import os
import signal
import sys
from pathlib import Path

from models.datasets.export.run import export
from models.datasets.export.target import Target
from tests.models.datasets.recorded import options


def die(*_: object) -> bool:
    os.kill(os.getpid(), signal.SIGKILL)
    return True


class Countdown:
    def __init__(self, pictures: int) -> None:
        self.left = pictures

    def __call__(self) -> bool:
        self.left -= 1
        return self.left < 0 and die()


def main(session: str, out: str, format: str, when: str) -> None:
    asked = options(Path(session), Path(out), format, window=2)
    if when == "publish":  # all is put together, its parts are still there
        Target.__exit__ = die  # type: ignore[assignment]
        export(asked)
    export(asked, cancelled=Countdown(int(when)))


if __name__ == "__main__":
    main(*sys.argv[1:])
