"""Yardsticks without a window: a matrix product, a bare file, a thread hand-over, the start of an empty Qt window.

As with benchmarks/yardsticks.py, a benchmark measures one of these in the same run as its figure, alternating with it.
"""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PEAK_SIZE: Final = 1024
"""Edge of the square matrices whose product is this machine's peak."""
PATIENCE_S: Final = 60.0
WINDOW: Final = """
import time
import PyQt6.QtWidgets as widgets

class Window(widgets.QWidget):
    def paintEvent(self, event):
        print(time.time(), flush=True)
        app.quit()

app = widgets.QApplication([])
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
"""
"""A program that prints the moment, seconds since the epoch, at which its empty window was painted first."""


class BareAppend:
    """A file to which bytes are appended by one system call, without fsync: the least that a write can cost."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o644)

    def measure(self, payload: bytes) -> float:
        """Milliseconds of one append."""
        began = time.perf_counter()
        written = os.write(self._file, payload)
        took = time.perf_counter() - began
        if written != len(payload):
            raise OSError(f"Only {written} of {len(payload)} bytes were written: the disk is full.")
        return 1e3 * took

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def matrix_peak(repeats: int = 5) -> float:
    """GFLOP/s of the fastest of some single-precision matrix products on one thread.

    It sets torch to one thread for the rest of the process.
    """
    return 2 * PEAK_SIZE**3 / (1e-3 * matrix_product(repeats)) / 1e9


def matrix_product(repeats: int = 5) -> float:
    """Milliseconds of the fastest of those products."""
    import torch

    torch.set_num_threads(1)
    a, b = torch.rand(PEAK_SIZE, PEAK_SIZE), torch.rand(PEAK_SIZE, PEAK_SIZE)
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        torch.mm(a, b)
        times.append(1e3 * (time.perf_counter() - began))
    return min(times)


def hand_over() -> float:
    """Milliseconds from setting an event until another thread, which waits for it, runs."""
    ready, event = threading.Event(), threading.Event()
    woken: list[float] = []

    def wait() -> None:
        ready.set()
        event.wait()
        woken.append(time.perf_counter())

    thread = threading.Thread(target=wait, name="hand-over", daemon=True)
    thread.start()
    ready.wait()
    time.sleep(0.001)  # the other thread is inside its wait by then
    began = time.perf_counter()
    event.set()
    thread.join()
    return 1e3 * (woken[0] - began)


def empty_window(environment: Mapping[str, str] | None = None) -> float:
    """Seconds from the start of a Python process until the first paint of its empty Qt window.

    Raises:
        RuntimeError: the process showed no window; what it wrote.
    """
    began = time.time()
    words = [sys.executable, "-c", WINDOW]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"the empty window did not start: {done.stderr.strip()}")
    return float(done.stdout.split()[0]) - began
