"""Random sequences of verbs against a small model of dicts; subclass and say what keeps the session.

The model knows the rules of forking in words and keeps every node as packed bytes. Whatever the session
does next must follow from the packed node at the head alone: so a rollback, an undo or a reopened session
that restored anything else (world, policy, control, seeds) is found by its next step.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from numpy.typing import NDArray

from core import verbs as v
from core.branch_tree import Branch, Head, Marker
from core.control import command, reanchored
from core.control_record import pack_control, unpack_control
from core.errors import IllegalVerb
from core.observation import Observation
from core.reading import DeviceReading
from core.recording import Archive, Sink
from core.seeds import step_seed
from core.session import Session
from core.step import Step, StoredNode
from tests.contracts.world_contract import same_packed
from tests.core.driving import PatientTask, at, open_session, push, same_node

FORKING = {"policy": "rollout", "operator": "correction"}
CONTINUES = {"policy": ("rollout", "correction", "proposal"), "operator": ("correction", "proposal")}
LABELS: dict[v.Verb, dict[str, Any]] = {
    v.Rename("a"): {"name": "a"},
    v.SetReview("accepted"): {"review": "accepted", "reviewer": ""},
    v.SetReview("rejected", reviewer="Ada"): {"review": "rejected", "reviewer": "Ada"},
    v.SetNote("slips"): {"note": "slips"},
    v.SetColor(3): {"color": 3},
    v.SetPinned(True): {"pinned": True},
    v.SetHidden(True): {"hidden": True},
}
"""Verbs on the head's branch, and the fields that they set."""
counts = st.integers(1, 5)
picks = st.integers(0, 10**6)
directions = st.floats(-1, 1)


class Endless(PatientTask):
    """Never ends an attempt, so that only verbs do."""

    def judge(self, observations: Any) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        progress, success = super().judge(observations)
        return progress, np.zeros_like(success)


@dataclass
class Undoable:
    """What a verb on labels did."""

    before: Branch
    after: Branch
    left: Head
    reached: Head


class SessionMachine(RuleBasedStateMachine):
    """Rules are verbs; the invariant is that session, model and archive agree."""

    memory = 40_000
    """Bytes: a handful of nodes, so that most states come back from the archive."""

    def keep(self) -> tuple[Sink, Archive]:
        """Something empty that keeps a session."""
        raise NotImplementedError

    def reopened(self) -> tuple[Sink, Archive]:
        """The same after it was closed and opened again."""
        raise NotImplementedError

    # The model

    @initialize(seed=st.integers(0, 20))
    def begin(self, seed: int) -> None:
        self.branches: dict[int, Branch] = {}
        self.nodes: dict[Head, StoredNode] = {}
        self.done: list[Undoable] = []
        self.undone: list[Undoable] = []
        self.handed_back = False
        self.session = self.open(*self.keep(), seed)
        self.started(seed)

    def open(self, sink: Sink, archive: Archive, seed: int = 0) -> Session:
        return open_session(sink=sink, archive=archive, seed=seed, task=Endless(), memory=self.memory)

    def started(self, scene_seed: int) -> None:
        """An episode began."""
        number = len(self.branches)
        self.branches[number] = replace(
            self.session.tree.branches[number],
            id=number, parent=None, fork_step=0, length=0, kind="rollout", scene_seed=scene_seed,
            seed=step_seed(scene_seed, number), episode=sum(b.parent is None for b in self.branches.values()),
        )  # fmt: skip
        self.head = Head(number, 0)
        self.nodes[self.head] = self.session.codec.pack(self.session.node)
        block = self.session.parts.task.scene(scene_seed).parameters["block"]
        assert np.array_equal(self.session.node.world_state.block, block)

    def owner(self, head: Head) -> Head:
        branch = self.branches[head.branch]
        if branch.parent is not None and head.index <= branch.fork_step:
            return self.owner(Head(branch.parent, head.index))
        return head

    def line(self, branch: int) -> list[int]:
        parent = self.branches[branch].parent
        return [branch] if parent is None else [branch, *self.line(parent)]

    def goes_on(self, source: str) -> bool:
        """Whether a step continues the branch of the head."""
        branch = self.branches[self.head.branch]
        if branch.discarded or self.head.index != branch.length:
            return False
        if branch.parent is not None and branch.length == branch.fork_step and branch.kind != "replay":
            return True
        node = self.owner(self.head)
        forked = any(
            b.parent is not None and self.owner(Head(b.parent, b.fork_step)) == node for b in self.branches.values()
        )
        return branch.kind in CONTINUES[source] and not forked

    def branched(self, kind: str, seed: int | None = None) -> Branch:
        node, number = self.owner(self.head), len(self.branches)
        parent = self.branches[node.branch]
        branch = replace(
            parent, id=number, parent=parent.id, fork_step=node.index, length=node.index, kind=kind, name="",
            outcome="open", review="unreviewed", reviewer="", markers=(), discarded=False,
            note="", color=-1, pinned=False, hidden=False,
            seed=step_seed(parent.scene_seed, number) if seed is None else seed,
        )  # fmt: skip
        self.branches[number] = branch
        return branch

    def recent(self, count: int) -> list[Observation]:
        first = max(0, self.head.index - count + 1)
        heads = [self.owner(Head(self.head.branch, i)) for i in range(first, self.head.index + 1)]
        return [self.nodes[head].observation for head in heads]

    # One step, predicted from packed bytes

    def step(self, source: str, reading: DeviceReading | None, hand: Any = None) -> Any:
        """Take a step, hold it against the prediction; the control state after it."""
        parts, before = self.session.parts, self.nodes[self.owner(self.head)]
        continues = self.goes_on(source)
        branch = self.branches[self.head.branch] if continues else self.branched(FORKING[source])
        fresh = branch.length == branch.fork_step
        if fresh and branch.parent is not None:
            branch = self.branches[branch.id] = replace(branch, kind=FORKING[source])
        seed = step_seed(branch.seed, self.head.index)
        policy, control = parts.policy.unpack(before.policy), unpack_control(before.control)
        if source == "policy":
            if fresh or self.handed_back or before.source in ("operator", "replay"):
                (policy,) = parts.policy.start([self.recent(parts.policy.spec.observations)])
            actions, _, (policy,) = parts.policy.act([before.observation], [policy], [step_seed(seed, 1)])
            action, self.handed_back = actions[0], False
        else:
            out = command(
                reading,
                reanchored(control) if hand is None else hand,
                self.session.control_config,
                parts.world.spec.limits,
                parts.world.spec.dt,
            )
            action, control = out.action, out.state
        (world,), trust = parts.world.step([parts.world.unpack(before.world)], action[None, None], [seed])
        step = self.session.tick(reading)
        assert step is not None
        self.check(step, branch, source, action, world, float(trust[0]), policy)
        if source == "operator":
            assert same_packed(pack_control(step.node.control_state), pack_control(control))
        else:
            assert np.array_equal(step.node.control_state.target, action.astype(np.float64))
        self.taken(branch)
        return step.node.control_state

    def check(
        self, step: Step, branch: Branch, source: str, action: Any, world: Any, trust: float, policy: Any
    ) -> None:
        parts = self.session.parts
        assert (step.branch, step.index, step.node.source) == (branch.id, self.head.index, source)
        assert np.array_equal(step.node.action, action)
        assert same_packed(parts.world.pack(step.node.world_state), parts.world.pack(world))
        assert same_packed(parts.policy.pack(step.node.policy_state), parts.policy.pack(policy))
        assert step.node.trust == trust

    def taken(self, branch: Branch) -> None:
        self.branches[branch.id] = replace(self.branches[branch.id], length=self.head.index + 1)
        self.head = Head(branch.id, self.head.index + 1)
        self.nodes[self.head] = self.session.codec.pack(self.session.node)

    def moved_to(self, head: Head) -> None:
        self.head, self.handed_back = head, False

    # Rules

    @rule(count=counts)
    def drive(self, count: int) -> None:
        self.session.apply(v.Run())
        for _ in range(count):
            self.step("policy", None)
        self.session.apply(v.Pause())

    @rule()
    def step_once(self) -> None:
        self.session.apply(v.StepOnce())
        self.step("policy", push(1.0))

    @rule(count=counts, x=directions, y=directions, hand=st.booleans(), hand_back=st.integers(0, 3))
    def correct(self, count: int, x: float, y: float, hand: bool, hand_back: int) -> None:
        self.session.apply(v.TakeOver())
        anchored = None
        for i in range(count):
            anchored = self.step("operator", at(x + 0.02 * y * i) if hand else push(x, y), anchored)
        if hand_back:
            self.session.apply(v.HandBack())
            self.handed_back = True
            for _ in range(hand_back):
                self.step("policy", at(9.0))
        self.session.apply(v.Pause())

    @rule(branch=picks, index=picks)
    def roll_back(self, branch: int, index: int) -> None:
        at_branch = self.branches[branch % len(self.branches)]
        head = Head(at_branch.id, index % (at_branch.length + 1))
        empty = at_branch.length == at_branch.fork_step == head.index
        self.session.apply(v.RollBack(head.branch, head.index))
        self.moved_to(head if empty else self.owner(head))

    @rule(branch=picks)
    def go_on_with(self, branch: int) -> None:
        at_branch = self.branches[branch % len(self.branches)]
        self.session.apply(v.Continue(at_branch.id))
        self.moved_to(Head(at_branch.id, at_branch.length))

    @rule(elsewhere=st.none() | st.tuples(picks, picks))
    def branch_here(self, elsewhere: tuple[int, int] | None) -> None:
        left = self.head
        if elsewhere is None:
            self.session.apply(v.BranchHere())
        else:
            at_branch = self.branches[elsewhere[0] % len(self.branches)]
            node = Head(at_branch.id, elsewhere[1] % (at_branch.length + 1))
            self.session.apply(v.BranchHere(node.branch, node.index))
            self.moved_to(node)
        branch = self.branched("rollout")
        self.moved_to(Head(branch.id, branch.fork_step))
        self.did(Undoable(replace(branch, discarded=True), branch, left, self.head))

    @rule(verb=st.sampled_from([v.Mark("failure"), v.Mark("note", "n"), *LABELS]))
    def label(self, verb: v.Verb) -> None:
        before = self.branches[self.head.branch]
        self.session.apply(verb)
        match verb:
            case v.Mark(kind, text):
                others = [m for m in before.markers if (m.index, m.kind) != (self.head.index, kind)]
                marks = sorted([*others, Marker(self.head.index, kind, text)], key=lambda m: m.index)
                outcome = "failure" if kind == "failure" else before.outcome
                after = replace(before, markers=tuple(marks), outcome=outcome)
            case _:
                after = replace(before, **LABELS[verb])
        if after != before:
            self.branches[before.id] = after
            self.did(Undoable(before, after, self.head, self.head))

    @rule(branch=picks, index=picks, kind=st.sampled_from(["failure", "note"]))
    def unmark(self, branch: int, index: int, kind: Any) -> None:
        marked = [b for b in self.branches.values() if b.markers]
        chosen = (marked or [self.branches[0]])[branch % max(1, len(marked))]
        place = chosen.markers[index % len(chosen.markers)].index if chosen.markers else 0
        self.session.apply(v.RemoveMarker(kind, chosen.id, place))
        before = self.branches[self.owner(Head(chosen.id, place)).branch]
        after = replace(before, markers=tuple(m for m in before.markers if (m.index, m.kind) != (place, kind)))
        if after != before:
            self.branches[before.id] = after
            self.did(Undoable(before, after, self.head, self.head))

    @rule(branch=picks)
    def restore(self, branch: int) -> None:
        before = self.branches[branch % len(self.branches)]
        self.session.apply(v.Restore(before.id))
        if before.discarded:
            after = self.branches[before.id] = replace(before, discarded=False)
            self.did(Undoable(before, after, self.head, self.head))

    @rule(branch=picks)
    def propose(self, branch: int) -> None:
        original = self.branches[branch % len(self.branches)]
        if original.length == original.fork_step:
            return
        self.session.apply(v.Propose(original.id))
        here, self.head = self.head, Head(original.id, original.fork_step)
        empty, self.head = self.branched("proposal", original.seed), here
        copy = replace(empty, name=original.name, length=original.length)
        self.branches[copy.id] = copy
        for i in range(original.fork_step + 1, original.length + 1):
            self.nodes[Head(copy.id, i)] = replace(self.nodes[Head(original.id, i)], source="replay")
        assert [(s.branch, s.index) for s in self.session.take_copied()] == [
            (copy.id, i) for i in range(original.fork_step, original.length)
        ]
        self.did(Undoable(replace(copy, discarded=True), copy, here, here))

    @rule(branch=picks)
    def discard(self, branch: int) -> None:
        before = self.branches[branch % len(self.branches)]
        left = self.head
        self.session.apply(v.Discard(before.id))
        if not before.discarded:
            after = self.branches[before.id] = replace(before, discarded=True)
            self.evicted(after)
            self.did(Undoable(before, after, left, self.head))

    def evicted(self, branch: Branch) -> bool:
        """Nobody stays in the trash lane; where an episode goes, its scene starts again."""
        if branch.id not in self.line(self.head.branch):
            return False
        if branch.parent is None:
            self.handed_back = False
            self.started(branch.scene_seed)
        else:
            self.moved_to(self.owner(Head(branch.parent, branch.fork_step)))
        return True

    def did(self, edit: Undoable) -> None:
        self.done.append(edit)
        self.undone.clear()

    @precondition(lambda self: self.done)
    @rule()
    def undo(self) -> None:
        self.session.apply(v.Undo())
        edit = self.done.pop()
        self.undone.append(edit)
        self.relabelled(edit.after, edit.before, edit.reached, edit.left)

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self) -> None:
        self.session.apply(v.Redo())
        edit = self.undone.pop()
        self.done.append(edit)
        self.relabelled(edit.before, edit.after, edit.left, edit.reached)

    @precondition(lambda self: self.done or self.undone)
    @rule(to=picks)
    def jump(self, to: int) -> None:
        to %= len(self.done) + len(self.undone) + 1
        if to == len(self.done):
            self.session.apply(v.JumpInHistory(to))
        while to < len(self.done):
            edit = self.done.pop()
            self.undone.append(edit)
            self.session.apply(v.JumpInHistory(len(self.done)))
            self.relabelled(edit.after, edit.before, edit.reached, edit.left)
        while to > len(self.done):
            edit = self.undone.pop()
            self.done.append(edit)
            self.session.apply(v.JumpInHistory(len(self.done)))
            self.relabelled(edit.before, edit.after, edit.left, edit.reached)

    def relabelled(self, was: Branch, version: Branch, here: Head, there: Head) -> None:
        now = self.branches[version.id]
        self.branches[version.id] = replace(version, length=now.length, kind=now.kind)
        if version.discarded and not was.discarded and self.evicted(version):
            return
        if self.head == here != there:
            self.moved_to(there)

    @rule(branch=picks, later=st.integers(0, 3), stop=st.integers(0, 12))
    def replay(self, branch: int, later: int, stop: int) -> None:
        original = self.branches[branch % len(self.branches)]
        if original.length == original.fork_step:
            return
        left = self.head
        start = min(original.fork_step + later, original.length - 1)
        self.session.apply(v.Replay(original.id, start if later else None))
        self.moved_to(Head(original.id, start))
        copy = self.branched("replay", original.seed)
        self.moved_to(Head(copy.id, copy.fork_step))
        self.did(Undoable(replace(copy, discarded=True), copy, left, self.head))
        for index in range(start, min(original.length, start + stop)):
            assert self.session.tick(None) is not None
            self.taken(copy)
            a, b = (self.session.codec.unpack(self.nodes[Head(x, index + 1)]) for x in (original.id, copy.id))
            assert same_node(self.session, replace(a, source="replay"), b), "a replay is bit for bit"
        if self.session.phase == "AUTONOMOUS":
            self.session.apply(v.Pause())
        else:
            assert "bit for bit" in self.session.take_messages()[-1].text

    @rule(seed=st.none() | st.integers(0, 50))
    def new_episode(self, seed: int | None) -> None:
        self.session.apply(v.NewEpisode(seed))
        following = 1 + max(b.scene_seed for b in self.branches.values() if b.parent is None)
        self.moved_to(self.head)
        self.started(following if seed is None else seed)

    @rule()
    def same_scene(self) -> None:
        self.session.apply(v.SameScene())
        self.moved_to(self.head)
        self.started(self.branches[self.head.branch].scene_seed)

    @rule(verb=st.sampled_from([v.HandBack(), v.RollBack(10**9, 0), v.SetSpeed(99.0)]))
    def refused(self, verb: v.Verb) -> None:
        told = self.session.revision
        with pytest.raises(IllegalVerb):
            self.session.apply(verb)
        assert self.session.revision == told

    @rule()
    def reopen(self) -> None:
        self.session = self.open(*self.reopened())
        assert not self.session.take_messages()
        self.handed_back = False

    # What always holds

    @invariant()
    def agrees(self) -> None:
        assert dict(self.session.tree.branches) == self.branches
        assert self.session.head == self.head
        assert self.session.phase == "PAUSED"

    @invariant()
    def the_head_is_restored(self) -> None:
        kept, now = self.nodes[self.owner(self.head)], self.session.codec.pack(self.session.node)
        for name in ("world", "policy", "control"):
            assert same_packed(getattr(kept, name), getattr(now, name)), name
        assert np.array_equal(kept.observation.frames["top"], now.observation.frames["top"])

    def teardown(self) -> None:
        if not hasattr(self, "session"):
            return
        for head, kept in self.nodes.items():
            now = self.session.codec.pack(self.session.node_at(head.branch, head.index))
            assert all(same_packed(getattr(kept, name), getattr(now, name)) for name in ("world", "policy", "control"))
