"""Sessions on disk for tests of exports: the real toy world, driven and recorded."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import verbs as v
from core.branch_tree import owner
from core.recorder import Recorder
from core.session import Session
from core.store.archive import open_archive
from models import TASKS
from models.datasets.export.codec import encoded
from models.datasets.export.options import ExportOptions
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
    session.apply(v.SetReview("accepted", reviewer="Ada"))
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


ACCEPTED = ((1, 0, 18), (5, 0, 7))
"""(branch, first step, step after the last) of what is exported by default."""
WHO = {None: -1, "policy": 0, "operator": 1, "replay": 2}


def record_push_t(folder: Path) -> None:
    """The same story in the reference world: pictures as users have them."""
    from models.policies.hold import load as hold
    from models.tasks.push_t.task import load as push_t
    from models.worlds.reference.world import load as reference

    record(folder, world=reference(), policy=hold(), task=push_t())


def options(session: Path | list[Path], out: Path, format: str, **changes: Any) -> ExportOptions:
    """What is asked for; everything else as by default."""
    sessions = tuple(session) if isinstance(session, list) else (session,)
    return ExportOptions(sessions=sessions, out=out, format=format, **changes)  # type: ignore[arg-type]


def expected(asked: ExportOptions, spans: Sequence[tuple[int, int, int]] = ACCEPTED) -> dict[str, Any]:
    """What an export of the first session must hold, read node by node from its archive.

    Keys: episode_ends; data/<column> and data/<camera>_rgb of all rows; next/state and next/<camera>_rgb; outcomes
    (JSON); task.
    """
    archive = open_archive(asked.sessions[0])
    tree = archive.tree()
    rows: dict[str, list[Any]] = {}
    ends, outcomes = [0], []

    def put(name: str, value: Any) -> None:
        rows.setdefault(name, []).append(value)

    for branch, start, stop in spans:
        at = tree.branches[branch]
        owners = [owner(tree, branch, index) for index in range(at.length + 1)]
        who = [WHO[archive.node(head.branch, head.index).source] for head in owners[1:]]
        for step in range(start, stop):
            before, after = (archive.node(head.branch, head.index) for head in owners[step : step + 2])
            own = owners[step + 1]
            place = own.index - (
                0 if tree.branches[own.branch].parent is None else tree.branches[own.branch].fork_step + 1
            )
            wanted = archive.column("action_policy", own.branch)[place]
            state = before.observation.ee_state[None]
            driven = who[step] == 1
            ahead = who[step + 1 : step + 1 + asked.window]
            near = not driven and 1 in ahead
            mode = -1 if all(w == 1 for w in who) else int(driven)
            last = step + 1 == stop
            judged = at.outcome == "success" if last and stop == at.length and at.outcome != "open" else after.success
            put("data/state", before.observation.ee_state)
            put("next/state", after.observation.ee_state)
            put("data/action", encoded(asked.codec, after.action[None], state)[0])
            put("data/action_policy", encoded(asked.codec, wanted[None], state)[0])
            put("data/intervention", driven)
            put("data/source", who[step])
            put("data/action_mode", mode)
            put("data/intv_label", -10 if near else mode)
            put("data/trust", np.float32(after.trust))
            put("data/progress", np.float32(after.progress))
            put("data/success", judged)
            put("data/done", last)
            put("data/branch", own.branch)
            put("data/step", step)
            put("data/timestamp", (step - start) / 10)
            for camera in before.observation.frames:
                put(f"data/{camera}_rgb", before.observation.frames[camera])
                put(f"next/{camera}_rgb", after.observation.frames[camera])
        ends.append(ends[-1] + stop - start)
        outcomes.append(at.outcome)
    told = {"task": asked.task or TASKS.load(str((archive.info() or {})["task"]))().title}
    stacked = {name: np.stack([np.asarray(value) for value in values]) for name, values in rows.items()}
    return stacked | told | {"episode_ends": np.array(ends[1:], np.int64), "outcomes": json.dumps(outcomes)}
