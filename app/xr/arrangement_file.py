"""The operator's arrangement of panels, stored as TOML beside the profile and written on a thread."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from app.xr.arrangement import Arrangement, Place, complete, default
from core import config
from core.errors import BadConfig
from core.latest_worker import LatestWorker

log = logging.getLogger(__name__)

SETTLE_S: Final = 0.5
"""Seconds between a change and its writing: a panel that is dragged is written once, not ninety times a second."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """The file: what of an Arrangement fits any room."""

    curved: bool = True
    places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a file gave."""

    arrangement: Arrangement
    trouble: str
    """Why the default is used, in words for the operator; "" where all is well."""


def beside(profile: Path) -> Path:
    """Where the arrangement of an operator is: maria.toml -> maria.headset.toml."""
    return profile.with_suffix(".headset.toml")


def load(path: Path | None, cameras: int = 2) -> Remembered:
    """The arrangement of a file, with a default place for every panel that it lacks; the default where it is torn."""
    if path is None or not path.exists():
        return Remembered(default(cameras), "")
    try:
        kept = config.load(_Kept, path)
    except BadConfig as error:
        return Remembered(default(cameras), f"{error} The panels hang where they do by default until that is mended.")
    places = MappingProxyType(dict(kept.places))
    return Remembered(complete(Arrangement(places, kept.curved), cameras), "")


def save(arrangement: Arrangement, path: Path) -> None:
    """Write an arrangement, whole or not at all; its folder is made where it is missing.

    Raises:
        OSError: the disk is full, or the folder is read-only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    config.save(_Kept(arrangement.curved, arrangement.places), path)


class Keeper:
    """Writes the latest arrangement on a thread; put() never waits."""

    def __init__(self, path: Path | None) -> None:
        """Start nothing yet.

        Args:
            path: of the file; None keeps nothing.
        """
        self._path = path
        self._worker = LatestWorker("arrangement-writer", self._write, settle_s=SETTLE_S)
        self.trouble = ""
        """Why the last arrangement could not be written, in words; "" where it was."""

    def put(self, arrangement: Arrangement) -> None:
        """Write an arrangement soon; returns at once, from any thread."""
        if self._path is not None:
            self._worker.request(arrangement)

    def stop(self) -> None:
        """Write what is still to be written, and end the thread; idempotent."""
        self._worker.stop(finish=True)

    def _write(self, arrangement: Arrangement) -> None:
        assert self._path is not None
        try:
            save(arrangement, self._path)
            self.trouble = ""
        except OSError as error:
            self.trouble = f"The panels' places could not be written to {self._path}: {error}. Is the disk full?"
            log.warning(self.trouble)
