import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from core.recorder import Recorder
from core.recording import Archive, Sink
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
    """The real store; every other time the program dies instead of closing it."""

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
        if self.times % 2:
            self.recorder.close()
        else:
            assert self.recorder.flush()
            self.recorder.abandon()
        return self.opened()

    def teardown(self) -> None:
        if self.recorder is None:
            return
        try:
            super().teardown()
            self.recorder.close()
        finally:
            self.recorder.abandon()
            shutil.rmtree(self.folder)


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=HEALTH)
TestOnDisk = OnDisk.TestCase
TestOnDisk.settings = settings(max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=HEALTH)
