"""What corrections took, read from sessions, and the order of what is left."""

from pathlib import Path

import numpy as np
import pytest

from core import verbs
from core.recorder import Recorder
from core.session import Session
from core.step_request import Parts
from core.store.archive import open_archive
from models.failures.effort import Effort, driven_seconds, effort
from models.failures.finding import Failure, Grade, Proposal
from models.failures.handled import Handled, read_handled, write_handled
from models.failures.listing import Attempted, Listing
from models.failures.queue import Key, Summary, queue, summary, with_effort
from models.failures.search import SearchConfig, search
from models.tasks.toy.operator import ToyOperator
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.task import ToyTask
from models.tasks.toy.world import ToyWorld

ONE, TWO = Key("failures-000", 0), Key("failures-000", 1)


def attempted(seed: int, key: Key, grade: Grade, trust: float) -> Attempted:
    failure = Failure("stalled", grade, 90, False, (Proposal(30, "second try"), Proposal(10, "before the cause")))
    return Attempted(seed, 0, False, 100, 0.4, 0.9, trust, (0.0, 0.0), key.session, key.branch, failure)


def listing() -> Listing:
    success = Attempted(5, 0, True, 50, 1.0, 1.0, None, (0.0, 0.0))
    return Listing({}, (attempted(0, ONE, "near miss", 0.9), success, attempted(1, TWO, "gross", 0.2)))


def test_seconds_are_those_of_stretches_that_hands_drove() -> None:
    hands = np.array([False, True, True, True, False, True])
    wall = np.array([0.0, 10.0, 11.0, 13.0, 50.0, 60.0])
    assert driven_seconds(hands, wall, 0.1) == pytest.approx(3.0 + 2 * 0.1)
    assert driven_seconds(np.zeros(0, np.bool_), np.zeros(0), 0.1) == 0.0


def test_the_queue_leaves_out_what_is_corrected_and_keeps_it_at_the_end() -> None:
    near, _, gross = listing().attempts
    before = queue(listing(), [])
    assert [(one.rank, one.key) for one in before] == [(1, ONE), (2, TWO)]
    assert before[0].alike == (1, 3), "one near miss among three attempts"
    done = with_effort([], near, Effort(31, (3,), 1, 12.0, True), 40.0)
    after = queue(listing(), done)
    assert [(one.rank, one.key, one.attempt) for one in after] == [(1, TWO, gross), (0, ONE, near)]
    assert after[1].handled == Handled(0, 0, "corrected", (3,), 12.0, 31, 1, True, 40.0)


def test_more_work_on_a_failure_replaces_its_effort_and_adds_to_its_time(tmp_path: Path) -> None:
    near, _, gross = listing().attempts
    handled = with_effort([], near, Effort(10, (3,), 0, 4.0, False), 20.0)
    handled = with_effort(handled, near, Effort(31, (3, 5), 1, 12.0, True), 10.0)
    assert handled == [Handled(0, 0, "corrected", (3, 5), 12.0, 31, 1, True, 30.0)]
    handled = with_effort(handled, gross, Effort(11, (4,), 0, 6.0, False), 10.0)
    assert summary(handled) == Summary(2, 1, 9.0, 20.0, 21.0, 0.5)
    assert summary([Handled(0, 0, "skipped")]) is None
    write_handled(tmp_path, handled)
    assert read_handled(tmp_path) == handled


def test_effort_is_read_from_the_session(tmp_path: Path) -> None:
    parts = Parts(ToyWorld(), ToyPolicy(), ToyTask())
    found = search(SearchConfig(tmp_path, attempts=3, max_steps=30), parts)
    worst = found.failures[0]
    assert worst.branch is not None
    folder = tmp_path / worst.session
    assert effort(open_archive(folder), worst.branch) == Effort()
    recorder = Recorder(folder)
    try:
        session = Session(parts.world, parts.policy, parts.task, sink=recorder, archive=recorder.archive)
        for steps, discarded in ((4, True), (6, False)):
            drive(session, worst.branch, steps)
            if discarded:
                session.apply(verbs.Discard())
    finally:
        recorder.close()
    done = effort(open_archive(folder), worst.branch)
    assert (done.steps, len(done.branches), done.retries, done.solved) == (10, 1, 1, False)
    assert 0 < done.seconds < 60


def drive(session: Session, branch: int, steps: int) -> None:
    """The scripted operator corrects from node 10."""
    operator = ToyOperator()
    operator.connect()
    session.apply(verbs.RollBack(branch, 10))
    session.apply(verbs.TakeOver())
    for _ in range(steps):
        session.tick(operator.read())
    session.apply(verbs.Pause())
