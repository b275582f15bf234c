"""Qt objects in reference cycles are destroyed by the UI thread and by no other."""

import gc
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from PyQt6.QtCore import QObject
from PyQt6.QtWidgets import QApplication

from app.widgets.cyclic_gc import CycleCollector, collect_due

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
    made = CycleCollector()
    yield made
    if was:
        gc.enable()
    else:
        gc.disable()


def test_a_thread_that_allocates_destroys_no_window() -> None:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run([sys.executable, "-c", WINDOWS_IN_CYCLES], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_automatic_collector_is_off_while_it_lives(collector: CycleCollector, qapp: QApplication) -> None:
    assert not gc.isenabled()
    collector.deleteLater()
    qapp.sendPostedEvents(collector, 52)  # QEvent.Type.DeferredDelete
    assert gc.isenabled()


def test_cycles_are_collected_on_the_calling_thread(collector: CycleCollector) -> None:
    seen: list[threading.Thread] = []

    class Member:
        def __init__(self) -> None:
            self.itself = self

        def __del__(self) -> None:
            seen.append(threading.current_thread())

    gc.collect()
    for _ in range(gc.get_threshold()[0] + 100):
        Member()
    assert collect_due() > 0
    assert set(seen) == {threading.main_thread()}


def test_nothing_is_collected_below_the_threshold(collector: CycleCollector) -> None:
    gc.collect()
    assert collect_due() == 0
