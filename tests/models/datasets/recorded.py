"""Sessions on disk for tests of exports: the real toy world, driven and recorded."""

from pathlib import Path
from typing import Any

from core import verbs as v
from core.recorder import Recorder
from core.session import Session
from tests.core.driving import open_session, push, steps


def record(folder: Path, close: bool = True, **options: Any) -> tuple[Session, Recorder]:
    """A session of two episodes.

    Branch 0: the policy fails, 12 steps. Branch 1 forks at node 6 of it: 5 steps of the operator, 4 of the policy
    after handing back, then 3 of the operator again; a success, accepted. Branch 2 forks at node 9 of branch 1: 4 steps
    of the operator, accepted, then discarded. Branch 3 forks at node 8 of branch 1: 6 steps of the operator, rejected.
    Branch 4 replays branch 3. Branch 5 is the trunk of the second episode: 7 steps of the policy, accepted.
    """
    recorder = Recorder(folder, sync=False)
    session = open_session(sink=recorder, **options)
    session.apply(v.Run())
    steps(session, 12)
    session.apply(v.Mark("failure"))
    session.apply(v.RollBack(0, 6))
    session.apply(v.TakeOver())
    steps(session, 5, push(1.0, 0.4))
    session.apply(v.HandBack())
    steps(session, 4)
    session.apply(v.TakeOver())
    steps(session, 3, push(-0.5, 0.2))
    session.apply(v.SetOutcome("success"))
    session.apply(v.SetReview("accepted"))
    session.apply(v.RollBack(1, 9))
    session.apply(v.TakeOver())
    steps(session, 4, push(0.2, -1.0))
    session.apply(v.SetReview("accepted"))
    session.apply(v.Discard())
    session.apply(v.RollBack(1, 8))
    session.apply(v.TakeOver())
    steps(session, 6, push(0.0, -0.6))
    session.apply(v.SetReview("rejected"))
    session.apply(v.Pause())
    session.apply(v.Replay(3))
    while session.phase == "AUTONOMOUS":
        steps(session, 1)
    session.apply(v.NewEpisode(5))
    session.apply(v.Run())
    steps(session, 7)
    session.apply(v.SetReview("accepted"))
    if close:
        recorder.close()
    return session, recorder
