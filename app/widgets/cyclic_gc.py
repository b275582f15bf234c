"""Collect reference cycles on the UI thread only.

CPython runs its cyclic garbage collector in any thread that allocates. A Qt object inside a cycle would then be
destroyed by a thread other than its own, which Qt does not allow: the process ends with a segmentation fault.
"""

import gc

from PyQt6.QtCore import QObject, QTimer

INTERVAL_MS = 500
"""Between two looks at the counters; a collection of the two young generations takes about a millisecond."""
GROWTH = 1.25
"""A full collection, which takes about 70 ms, waits until the oldest generation grew by this factor (as CPython's)."""


class UiCollection(QObject):
    """Replaces the automatic collector for the life of this object, which belongs to the UI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._collector = CycleCollector()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._collector.collect_due)
        self._timer.start(INTERVAL_MS)
        self.destroyed.connect(gc.enable)


class CycleCollector:
    """Collects where the thresholds of the automatic collector are exceeded, on the thread that calls it."""

    def __init__(self) -> None:
        self._kept = 0
        """Objects that the last full collection kept."""

    def collect_due(self) -> int:
        """Collect the oldest generation that is due; the number of unreachable objects found."""
        counts = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = max((n for n, (count, most) in enumerate(counts) if count > most), default=-1)
        if due < 0:
            return 0
        if due < 2:
            return gc.collect(due)
        if len(gc.get_objects(generation=2)) < GROWTH * self._kept:
            return gc.collect(1)
        found = gc.collect()
        self._kept = len(gc.get_objects(generation=2))
        return found
