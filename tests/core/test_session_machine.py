from hypothesis import HealthCheck, settings

from core.recording import Archive, Sink
from tests.core.memory_archive import MemoryArchive
from tests.core.session_machine import SessionMachine


class InMemory(SessionMachine):
    def keep(self) -> tuple[Sink, Archive]:
        self.archive = MemoryArchive()
        return self.archive, self.archive

    def reopened(self) -> tuple[Sink, Archive]:
        return self.archive, self.archive


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(
    max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
