"""Looks about once a second what is plugged in, and reports what was plugged in and unplugged."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, runtime_checkable

from core.errors import MissingPackage
from devices import drivers as driver_table
from devices.discovery import Discovered, Driver, Reporting

EVERY: Final = 1.0
"""Seconds between two looks."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one look found different."""

    appeared: tuple[Discovered, ...] = ()
    """Plugged in since the last look."""
    gone: tuple[Discovered, ...] = ()
    """Unplugged since the last look."""
    present: tuple[Discovered, ...] = ()
    """Everything that is plugged in."""
    problems: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Driver -> why it cannot look, or what it sees and cannot read, in words: everything that holds now."""


@runtime_checkable
class Closing(Protocol):
    """A driver that keeps something open between its looks."""

    def close(self) -> None:
        """Close it; idempotent."""


class DeviceWatcher:
    """Asks every driver on a separate thread; where one raises, the others are asked all the same."""

    def __init__(
        self,
        told: Callable[[Change], None],
        drivers: Mapping[str, Driver] | None = None,
        every: float = EVERY,
        ready: Mapping[str, Driver] | None = None,
    ) -> None:
        """Get ready; start() begins.

        Args:
            told: is given every change, on the watcher's thread.
            drivers: by name; None: those of all devices.KINDS, loaded on the watcher's thread.
            every: seconds between two looks.
            ready: drivers that are made already and take the place of those of their names.
        """
        self._told, self._every = told, every
        self._drivers: dict[str, Driver] = {**(drivers or {}), **(ready or {})}
        self._table = driver_table()
        self._unloaded = [name for name in self._table if name not in self._drivers] if drivers is None else []
        self._present: dict[str, tuple[Discovered, ...]] = {}
        self._problems: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look now and then until stop(); what is there already appears in the first change."""
        if self._thread is None:
            self._stopping.clear()
            self._thread = threading.Thread(target=self._run, name="device watcher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop looking and close the drivers; returns when the thread has ended. Idempotent."""
        thread, self._thread = self._thread, None
        self._stopping.set()
        if thread is not None:
            thread.join()

    def driver(self, name: str) -> Driver:
        """A driver that has found something."""
        return self._drivers[name]

    def look(self) -> Change:
        """Ask every driver once, for a caller without a thread; not beside a started one."""
        before = _all(self._present)
        self._load()
        for name, driver in self._drivers.items():
            try:
                self._present[name] = tuple(driver.find())
            except Exception as error:  # whatever a library raises, the others are asked
                self._problems[name] = str(error) or type(error).__name__
            else:
                self._report(name, driver.unusable if isinstance(driver, Reporting) else ())
        now = _all(self._present)
        return Change(_without(now, before), _without(before, now), now, MappingProxyType(dict(self._problems)))

    def close(self) -> None:
        """Close the drivers, for a caller without a thread; a later look() opens them again. Idempotent."""
        for driver in self._drivers.values():
            if isinstance(driver, Closing):
                driver.close()

    def _run(self) -> None:
        problems: Mapping[str, str] = {}
        while not self._stopping.is_set():
            change = self.look()
            if change.appeared or change.gone or change.problems != problems:
                self._told(change)
            problems = change.problems
            self._stopping.wait(self._every)
        self.close()

    def _load(self) -> None:
        """Load the drivers that are not yet; one whose library is missing is not tried again."""
        waiting, self._unloaded = self._unloaded, []
        for name in waiting:
            try:
                self._drivers[name] = self._table.load(name)()
            except MissingPackage as error:
                self._problems[name] = str(error)

    def _report(self, name: str, unusable: Sequence[str]) -> None:
        if unusable:
            self._problems[name] = " ".join(unusable)
        else:
            self._problems.pop(name, None)


def _all(present: Mapping[str, tuple[Discovered, ...]]) -> tuple[Discovered, ...]:
    return tuple(found for name in present for found in present[name])


def _without(some: Iterable[Discovered], others: Iterable[Discovered]) -> tuple[Discovered, ...]:
    known = {(found.driver, found.key) for found in others}
    return tuple(found for found in some if (found.driver, found.key) not in known)
