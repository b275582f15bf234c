"""Collect reference cycles on the UI thread only.

CPython runs its cyclic garbage collector in any thread that allocates. A Qt object inside a cycle would then be
destroyed by a thread other than its own, which Qt does not allow: the process ends with a segmentation fault.
"""

import gc

from PyQt6.QtCore import QObject, QTimer

INTERVAL_MS = 500
"""Between two looks at the counters; a collection of the youngest generation takes about a millisecond."""


class CycleCollector(QObject):
    """Replaces the automatic collector for the life of this object, which belongs to the UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_due)
        self._timer.start(INTERVAL_MS)
        self.destroyed.connect(gc.enable)


def collect_due() -> int:
    """Collect the oldest generation whose threshold is exceeded; the number of unreachable objects found.

    The thresholds are those of the automatic collector. Call it on the UI thread.
    """
    due = [n for n, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most]
    return gc.collect(due[-1]) if due else 0
