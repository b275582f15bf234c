"""Qt objects in reference cycles are destroyed by the UI thread and by no other."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QEvent, QObject
from PyQt6.QtWidgets import QApplication

from app.widgets.cyclic_gc import CycleCollector, UiCollection

WINDOWS_IN_CYCLES = """
import sys, threading
from PyQt6.QtCore import QTimer
from PyQt6.QtWidgets import QPushButton, QWidget
from app.qt import make_qt

class Window(QWidget):
    def __init__(self):
        super().__init__()
        self.button, self.itself = QPushButton("button", self), self
        self.timer = QTimer(self)
        self.timer.timeout.connect(lambda: self.button.setText("changed"))
        self.timer.start(1)
        self.show()

def allocate():
    while not over.is_set():
        kept = [[] for _ in range(5000)]

qt, over = make_qt(), threading.Event()
thread = threading.Thread(target=allocate)
thread.start()
for _ in range(150):
    window = Window()
    qt.processEvents()
    window.hide()
    del window
    qt.processEvents()
over.set()
thread.join()
"""


@pytest.fixture
def collector(qapp: QApplication) -> Iterator[QObject]:
    """A collector for one test, the automatic one switched on before and as it was afterwards."""
    was = gc.isenabled()
    gc.enable()
    made = UiCollection()
    yield made
    if was:
        gc.enable()
    else:
        gc.disable()


def test_a_thread_that_allocates_destroys_no_window() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", WINDOWS_IN_CYCLES], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_automatic_collector_is_off_while_it_lives(collector: UiCollection, qapp: QApplication) -> None:
    assert not gc.isenabled()
    collector.deleteLater()
    qapp.sendPostedEvents(collector, QEvent.Type.DeferredDelete.value)
    assert gc.isenabled()


class Cycle:
    """Refers to itself; writes down which thread ended it."""

    def __init__(self, ended: list[threading.Thread]) -> None:
        self.itself, self._ended = self, ended

    def __del__(self) -> None:
        self._ended.append(threading.current_thread())


def make_cycles(ended: list[threading.Thread]) -> None:
    """More than the automatic collector would leave."""
    for _ in range(gc.get_threshold()[0] + 100):
        Cycle(ended)


def test_cycles_are_collected_on_the_calling_thread(collector: UiCollection) -> None:
    ended: list[threading.Thread] = []
    gc.collect()
    make_cycles(ended)
    assert CycleCollector().collect_due() > 0
    assert set(ended) == {threading.main_thread()}


def test_nothing_is_collected_below_the_threshold(collector: UiCollection) -> None:
    gc.collect()
    assert CycleCollector().collect_due() == 0


def test_old_cycles_are_collected_when_much_has_been_added(collector: UiCollection) -> None:
    ended: list[threading.Thread] = []
    old, due = Cycle(ended), CycleCollector()
    gc.collect()
    del old
    kept = []
    for _ in range(1000):
        kept.append([[] for _ in range(gc.get_threshold()[0] + 1)])
        due.collect_due()
        if ended:
            break
    assert ended == [threading.main_thread()]
