"""The runtime of the tests marked openxr: one service per module, at rest again before every test."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from benchmarks.monado import Controller, Hands, Scene, Service, ready

PATIENCE_S = 30.0


def until(done: Callable[[], Any], what: str = "it", seconds: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, f"{what} did not happen within {seconds:.0f} s"
        time.sleep(0.005)


@dataclass
class Rig:
    """A service, and the head and hands in front of it."""

    service: Service
    hands: Hands

    def hand(self, side: str, **changes: Any) -> None:
        """Change what one hand does."""
        changed = replace(self.controller(side), **changes)
        self.hands.send(replace(self.hands.scene, **{side: changed}))

    def controller(self, side: str) -> Controller:
        return self.hands.scene.left if side == "left" else self.hands.scene.right

    def rest(self) -> None:
        self.hands.send(Scene())

    def kill(self) -> None:
        """The runtime crashes."""
        self.hands.close()
        self.service.kill()

    def revive(self) -> None:
        self.service.start()
        self.hands = Hands(self.service.port)


def rig_fixture(**options: Any) -> Any:
    """A fixture of a module's own service."""

    @pytest.fixture(scope="module")
    def rig() -> Iterator[Rig]:
        if not ready():
            pytest.fail("Monado is not set up in this process. Run: make test-openxr", pytrace=False)
        before = dict(os.environ)
        with Service(**options) as service:
            os.environ.update(service.environment)
            rig = Rig(service, Hands(service.port))
            yield rig
            rig.hands.close()
        os.environ.clear()
        os.environ.update(before)

    return rig
