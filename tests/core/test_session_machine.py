import shutil
import tempfile
from itertools import islice
from pathlib import Path

from hypothesis import HealthCheck, settings

from core.recorder import Recorder
from core.recording import Archive, Sink
from core.store.archive import open_archive
from core.store.compaction import compacting
from core.store.verify import verify
from tests.core.memory_archive import MemoryArchive
from tests.core.session_machine import SessionMachine

HEALTH = list(HealthCheck)


class InMemory(SessionMachine):
    def keep(self) -> tuple[Sink, Archive]:
        self.archive = MemoryArchive()
        return self.archive, self.archive

    def reopened(self) -> tuple[Sink, Archive]:
        return self.archive, self.archive


class OnDisk(SessionMachine):
    """The real store; in turn the program dies, closes it, or closes and compacts it, wholly or in part."""

    recorder: Recorder | None = None

    def keep(self) -> tuple[Sink, Archive]:
        self.folder, self.times = Path(tempfile.mkdtemp(prefix="studio-machine-")), 0
        return self.opened()

    def opened(self) -> tuple[Sink, Archive]:
        self.recorder = Recorder(self.folder / "session", sync=False)
        return self.recorder, self.recorder.archive

    def reopened(self) -> tuple[Sink, Archive]:
        assert self.recorder is not None
        self.times += 1
        if self.times % 3 == 0:
            assert self.recorder.flush()
            self.recorder.abandon()
        else:
            self.recorder.close()
            if self.times % 3 == 1:
                pieces = list(islice(compacting(self.folder / "session", sync=False), 30 * (self.times % 2) or None))
                assert pieces or self.times > 1
        self.whole()
        return self.opened()

    def whole(self) -> None:
        """Everything on disk is as it was recorded, and so is the history of undo."""
        assert verify(self.folder / "session").ok
        history = open_archive(self.folder / "session").history()
        assert [edit.label for edit in history.done] == [edit.label for edit in self.session.history.done]
        assert [edit.label for edit in history.undone] == [edit.label for edit in self.session.history.undone]

    def teardown(self) -> None:
        if self.recorder is None:
            return
        try:
            super().teardown()
            self.recorder.close()
            if hasattr(self, "session"):
                self.whole()
        finally:
            self.recorder.abandon()
            shutil.rmtree(self.folder)


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=HEALTH)
TestOnDisk = OnDisk.TestCase
TestOnDisk.settings = settings(max_examples=9, stateful_step_count=20, deadline=None, suppress_health_check=HEALTH)
