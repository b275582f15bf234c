import threading
from collections.abc import Iterator

import pytest

from core.registry import Registry
from devices.discovery import Discovered
from devices.watcher import Change, DeviceWatcher
from tests.devices.scripted import Scripted
from tests.devices.test_reader import until

ONE, TWO = Discovered("stub", "usb-1", "Stub one", 1), Discovered("stub", "usb-2", "Stub two", 1)


class Stub:
    def __init__(self, *found: Discovered) -> None:
        self.found: list[Discovered] = list(found)
        self.broken: Exception | None = None
        self.asked, self.closed = 0, 0
        self.thread = ""

    def find(self) -> list[Discovered]:
        self.asked += 1
        self.thread = threading.current_thread().name
        if self.broken is not None:
            raise self.broken
        return list(self.found)

    def device(self, found: Discovered) -> Scripted:
        return Scripted(name=found.key)


class ClosingStub(Stub):
    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def stub() -> Stub:
    return Stub(ONE)


@pytest.fixture
def told() -> list[Change]:
    return []


@pytest.fixture
def watcher(stub: Stub, told: list[Change]) -> Iterator[DeviceWatcher]:
    watcher = DeviceWatcher(told.append, {"stub": stub}, every=0.001)
    watcher.start()
    until(lambda: told)
    yield watcher
    watcher.stop()


def test_what_is_there_already_appears(watcher: DeviceWatcher, told: list[Change], stub: Stub) -> None:
    assert told[0] == Change((ONE,), (), (ONE,), {})
    assert stub.thread == "device watcher"
    asked = stub.asked
    until(lambda: stub.asked > asked + 3)
    assert len(told) == 1, "nothing changed, nothing is reported"


def test_connected_and_removed_devices_are_reported(watcher: DeviceWatcher, told: list[Change], stub: Stub) -> None:
    stub.found = [ONE, TWO]
    until(lambda: len(told) == 2)
    assert (told[1].appeared, told[1].gone, told[1].present) == ((TWO,), (), (ONE, TWO))
    stub.found = [TWO]
    until(lambda: len(told) == 3)
    assert (told[2].appeared, told[2].gone, told[2].present) == ((), (ONE,), (TWO,))


def test_a_driver_that_raises_is_reported_once_and_its_devices_stay(
    watcher: DeviceWatcher, told: list[Change], stub: Stub
) -> None:
    stub.broken = OSError("bus is down")
    until(lambda: len(told) == 2)
    assert told[1] == Change((), (), (ONE,), {"stub": "bus is down"})
    asked = stub.asked
    until(lambda: stub.asked > asked + 3)
    assert len(told) == 2
    stub.broken = None
    until(lambda: len(told) == 3)
    assert told[2] == Change((), (), (ONE,), {}), "what is repaired is a problem no more"
    stub.broken = OSError("bus is down")
    until(lambda: len(told) == 4)
    assert dict(told[3].problems) == {"stub": "bus is down"}


class ReportingStub(Stub):
    unusable: tuple[str, ...] = ()


def test_hardware_that_cannot_be_read_is_a_problem_as_long_as_it_is_plugged_in() -> None:
    stub = ReportingStub(ONE)
    watcher = DeviceWatcher(lambda _: None, {"stub": stub})
    stub.unusable = ("Pad of unknown layout. Give it one.", "Another pad.")
    assert dict(watcher.look().problems) == {"stub": "Pad of unknown layout. Give it one. Another pad."}
    stub.unusable = ()
    assert watcher.look() == Change((), (), (ONE,), {})


def test_one_broken_driver_does_not_hide_the_others() -> None:
    broken, other = Stub(), Stub(TWO)
    broken.broken = ValueError()
    change = DeviceWatcher(lambda _: None, {"broken": broken, "other": other}).look()
    assert change.appeared == (TWO,)
    assert dict(change.problems) == {"broken": "ValueError"}


def test_it_ends_with_its_thread_and_lets_the_drivers_go() -> None:
    stub = ClosingStub(ONE)
    watcher = DeviceWatcher(lambda _: None, {"stub": stub}, every=60.0)
    watcher.start()
    watcher.start()
    until(lambda: stub.asked == 1)
    watcher.stop()
    watcher.stop()
    assert stub.closed == 1
    assert not any(thread.name == "device watcher" for thread in threading.enumerate())
    watcher.start()
    until(lambda: stub.asked == 2)
    watcher.stop()


def test_a_missing_library_is_reported_once_and_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Registry("driver", {"puck": "package_that_is_not_there:Driver"})
    monkeypatch.setattr("devices.watcher.driver_table", lambda: table)
    watcher = DeviceWatcher(lambda _: None)
    problems = watcher.look().problems
    assert "make env" in problems["puck"]
    monkeypatch.setattr(Registry, "load", lambda self, name: pytest.fail("it was tried again"))
    assert watcher.look() == Change((), (), (), problems)


def test_every_driver_of_the_table_can_be_polled() -> None:
    told: list[Change] = []
    watcher = DeviceWatcher(told.append, every=60.0)
    watcher.start()
    watcher.stop()
    assert all(isinstance(change, Change) for change in told)
