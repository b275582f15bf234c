"""A session: verbs and readings in, steps out. Synchronous, on one thread, without a clock.

``apply`` carries out a verb. ``tick`` takes one step where the phase asks for one; it is ``prepare`` ->
``imagine`` -> ``accept``, which a runtime may call apart so that a slow world does not hold up verbs.
Whatever raises leaves tree, head and states as they were.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core import control, verbs
from core.action import ACTION_DIM, BimanualDelta
from core.branch_tree import (
    Branch,
    BranchTree,
    Head,
    Kind,
    branch_of,
    extended,
    owner,
    with_branch,
)
from core.branching import Makers, new_branch, new_trunk
from core.control import ControlConfig
from core.destination import after_edit, before_failure, destination, named
from core.edits import Edit, LabelVerb, creation, edit_of, relabelled
from core.errors import IllegalVerb
from core.events import Message
from core.history import Change, History, changed
from core.next_step import Standing, of_operator, of_policy, of_replay, resting
from core.phases import after
from core.policy import Policy
from core.reading import DeviceReading
from core.recording import Archive, NoSink, SessionInfo, Sink
from core.replay_check import Playback, compared, verdict
from core.resume import Continuation, continuation, nearest
from core.settings import Settings, with_setting
from core.state_cache import DEFAULT_LIMIT, StateCache
from core.step import Node, Step, StoredNode
from core.step_request import Codec, Parts, StepRequest, StepResult, imagine, opening
from core.task import Task
from core.verbs import Phase, Verb
from core.world import World


@dataclass(frozen=True, slots=True)
class ClutchStatus:
    """Relation of the last reading to the arms, for the display."""

    clutch: tuple[bool, bool] = (False, False)
    limit_hits: tuple[bool, bool] = (False, False)
    frozen: bool = False
    """The world is not stepped because the hands rest."""
    idle: bool = False
    """The hands rest."""


class Session:
    """The tree, its head and the node there. See the module."""

    def __init__(
        self,
        world: World,
        policy: Policy,
        task: Task,
        *,
        sink: Sink | None = None,
        archive: Archive | None = None,
        seed: int = 0,
        settings: Settings | None = None,
        control_config: ControlConfig | None = None,
        memory: int = DEFAULT_LIMIT,
        operator: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Continue the archive, or start the scene of ``seed`` where it is empty or absent.

        Args:
            world: Imagines.
            policy: Drives on its own.
            task: Gives scenes and judges.
            sink: Receives every step and change; None records nothing.
            archive: Gives back what left memory and what an earlier session recorded.
            seed: Scene of the first episode of a new session.
            settings: Speed, freeze on idle, device.
            control_config: How a hand becomes a command.
            memory: Bytes of nodes kept in memory; more goes to the archive.
            operator: Who sits at it.
            clock: Wall time of the steps, seconds since the epoch.

        Raises:
            WrongIdentity: the archive was made by another world or for another task.
            StudioError: the first scene cannot be started.
        """
        self.parts = Parts(world, policy, task)
        self.settings = settings or Settings()
        self.control_config = control_config or ControlConfig()
        self._makers = Makers(world.spec.identity, policy.spec.identity, operator)
        self.codec, self._clock = Codec(self.parts), clock
        self._sink: Sink = sink or NoSink()
        self._phase: Phase = "PAUSED"
        self._tree, self._history = BranchTree(), History()
        self._messages: list[Message] = []
        self._copied: list[Step] = []
        self._playback: Playback | None = None
        self._once = 0  # steps that were asked for one by one
        self._restart_policy = False
        self._moved = True
        self._ticket = self._revision = 0
        self._hands = ClutchStatus()
        self._plan: NDArray[np.float32] | None = None
        self._cache = StateCache(archive, self._unpack, memory)
        earlier = None if archive is None else continuation(archive, self.parts)
        self._sink.begin(SessionInfo(task.name, world.spec, policy.spec, operator), self.codec)
        if earlier is None:
            self._begin(seed)
        else:
            self._continue(earlier)
        self._cache.state_bytes = self.codec.state_bytes(self._node)

    # What callers may read; all of it is frozen.

    @property
    def phase(self) -> Phase:
        """Who drives now."""
        return self._phase

    @property
    def tree(self) -> BranchTree:
        """All branches."""
        return self._tree

    @property
    def head(self) -> Head:
        """The current node of the tree."""
        return self._head

    @property
    def node(self) -> Node:
        """The node at the head."""
        return self._node

    @property
    def hands(self) -> ClutchStatus:
        """Relation of the last reading to the arms."""
        return self._hands

    @property
    def plan(self) -> NDArray[np.float32] | None:
        """(H, 14) of the policy at the last step, None where it did not drive."""
        return self._plan

    @property
    def history(self) -> History:
        """What Undo and Redo would do."""
        return self._history

    @property
    def revision(self) -> int:
        """Grows whenever tree or head changed other than by one more step of the head's branch."""
        return self._revision

    @property
    def recorded(self) -> int:
        """Steps that are on disk."""
        return self._sink.recorded

    @property
    def wants_step(self) -> bool:
        """Whether tick would try to take a step."""
        return self._phase != "PAUSED" or self._once > 0

    def node_at(self, branch: int, index: int) -> Node:
        """Any node of the tree.

        Raises:
            IllegalVerb: there is no such node.
            BadStore: its state is neither in memory nor in the archive.
        """
        return self._node_at(owner(self._tree, branch, index))

    def take_messages(self) -> list[Message]:
        """Words for the user since the last call."""
        messages, self._messages = self._messages, []
        return messages

    def take_copied(self) -> list[Step]:
        """Steps since the last call that a verb made without the head."""
        steps, self._copied = self._copied, []
        return steps

    # Verbs.

    def apply(self, verb: Verb) -> None:
        """Carry out a verb.

        Raises:
            IllegalVerb: the phase or the tree does not allow it.
            StudioError: the world cannot start the scene, or the store cannot give a state back.
        """
        phase = after(self._phase, verb)
        match verb:
            case verbs.StepOnce():
                self._stop_playback()
                if not self._once:
                    self._interrupt_step()
                self._once += 1
            case verbs.Run() | verbs.Pause() | verbs.TakeOver() | verbs.HandBack():
                self._stop_playback()
                self._interrupt_step()
                self._restart_policy = self._restart_policy or isinstance(verb, verbs.HandBack)
            case verbs.RollBack(branch, index):
                self._go(destination(self._tree, branch, index))
            case verbs.RollBackToFailure(before):
                there, words = before_failure(self._tree, self._head.branch, before, self._node_at)
                self._go(there)
                self._say("info", words)
            case verbs.Continue(branch):
                number = self._head.branch if branch is None else branch
                self._go(destination(self._tree, number, branch_of(self._tree, number).length))
            case verbs.BranchHere(branch, index):
                self._branch_at(named(self._tree, self._head, branch, index))
            case verbs.Undo() | verbs.Redo():
                phase = self._take_back("undo" if isinstance(verb, verbs.Undo) else "redo", phase)
            case verbs.JumpInHistory(done):
                phase = self._jump(done, phase)
            case verbs.Replay(branch, index):
                self._start_replay(self._head.branch if branch is None else branch, index)
            case verbs.Propose(branch):
                self._propose(self._head.branch if branch is None else branch)
            case verbs.NewEpisode(seed):
                self._begin(self._next_seed() if seed is None else seed)
            case verbs.SameScene():
                self._begin(self._tree.branches[self._head.branch].scene_seed)
            case verbs.SetSpeed() | verbs.SetFreezeOnIdle() | verbs.SetDevice() | verbs.SetControl():
                self._set(verb)
            case _:
                phase = self._label(verb, phase)
        self._phase = phase
        self._sink.verb(verb)

    def interrupt(self) -> None:
        """Pause after a failure, in any phase."""
        self._stop_playback()
        self._interrupt_step()
        self._phase = "PAUSED"

    def _interrupt_step(self) -> None:
        """Drop a step that is being imagined; the hands re-anchor, so what they do meanwhile counts for nothing."""
        self._ticket += 1
        self._once = 0
        self._control = control.reanchored(self._node.control_state)
        self._hands = ClutchStatus()

    def _go(self, head: Head) -> None:
        """Move the head to another node: its world, policy and control states and its seeds."""
        node = self._node_at(owner(self._tree, head.branch, head.index))
        self._stop_playback()
        self._head, self._node, self._moved, self._restart_policy = head, node, True, False
        self._revision += 1
        self._interrupt_step()
        self._sink.moved(head)

    def _branch_at(self, at: Head) -> None:
        kind: Kind = "correction" if self._phase == "CORRECTING" else "rollout"
        self._grow(new_branch(self._tree, at, kind, self._makers), "branch")

    def _grow(self, branch: Branch, label: str) -> None:
        """A new branch, and the head at its start."""
        head, old = Head(branch.id, branch.fork_step), self._head
        self._require(Head(branch.id if branch.parent is None else branch.parent, branch.fork_step))
        self._put(branch)
        self._go(head)
        self._remember(Change("do", creation(f"{label} {branch.id}", branch, old, head)))

    def _label(self, verb: LabelVerb, phase: Phase) -> Phase:
        edit = edit_of(self._tree, self._head, verb)
        if edit is None:
            return phase
        moved = self._relabel(edit)
        self._remember(Change("do", replace(edit, head_after=self._head)))
        return "PAUSED" if moved else phase

    def _take_back(self, move: Literal["undo", "redo"], phase: Phase) -> Phase:
        edits = self._history.done if move == "undo" else self._history.undone
        if not edits:
            raise IllegalVerb(f"There is nothing to {move}.")
        moved = self._relabel(edits[-1].reversed() if move == "undo" else edits[-1])
        self._remember(Change(move))
        return "PAUSED" if moved else phase

    def _jump(self, done: int, phase: Phase) -> Phase:
        all_of_it = len(self._history.done) + len(self._history.undone)
        if not 0 <= done <= all_of_it:
            raise IllegalVerb(f"The history has {all_of_it} entries; {done} of them cannot be done.")
        while len(self._history.done) != done:
            phase = self._take_back("undo" if len(self._history.done) > done else "redo", phase)
        return phase

    def _remember(self, change: Change) -> None:
        self._history = changed(self._history, change)
        self._sink.edited(change)

    def _relabel(self, edit: Edit) -> bool:
        """Carry out an edit, and move the head if the edit requires it. Returns whether it did.

        The head leaves a branch that goes to the trash lane; where a whole episode goes, its scene starts again.
        """
        old, version, start = self._head, edit.after, None
        there = after_edit(self._tree, old, edit)
        if there is None:
            there, start = old, opening(self.parts, self.parts.task.scene(version.scene_seed))
        if there != old:
            self._require(there)
        self._put(relabelled(self._tree, edit).branches[version.id])
        if start is not None:
            self._begin(version.scene_seed, start)
        elif there != old:
            self._go(there)
        return self._head != old

    def _start_replay(self, branch: int, index: int | None = None) -> None:
        original = branch_of(self._tree, branch)
        start = original.fork_step if index is None else index
        if original.length == original.fork_step:
            raise IllegalVerb(f"Branch {branch} holds no steps; there is nothing to replay.")
        if not original.fork_step <= start < original.length:
            raise IllegalVerb(
                f"Branch {branch} can be replayed from its nodes {original.fork_step} to {original.length - 1}; "
                f"{start} is not one of them."
            )
        if original.world != self._makers.world:
            self._say("warning", f"Branch {branch} was imagined by another world; its replay will differ.")
        copy = new_branch(self._tree, Head(branch, start), "replay", self._makers, seed=original.seed)
        self._grow(copy, "replay")
        self._playback = Playback(original.id, copy.id)

    def _propose(self, branch: int) -> None:
        """Duplicate a branch; its nodes are values, so the copy holds the same ones."""
        original = branch_of(self._tree, branch)
        if original.length == original.fork_step:
            raise IllegalVerb(f"Branch {branch} holds no steps; there is nothing to duplicate.")
        self._sink.check()
        nodes = [self._node_at(Head(branch, i + 1)) for i in range(original.fork_step, original.length)]
        nothing = np.full(ACTION_DIM, np.nan, np.float32)
        copy = new_branch(self._tree, Head(branch, original.fork_step), "proposal", self._makers, seed=original.seed)
        copy = replace(copy, name=original.name, world=original.world, policy=original.policy)
        self._put(copy)
        for index, node in enumerate(nodes, original.fork_step):
            copied = replace(node, source="replay")
            step = Step(copy.id, index, copied, nothing, BimanualDelta.zero(), self._clock(), "")
            self._append(step)
            self._copied.append(step)
        self._sink.moved(self._head)
        made = self._tree.branches[copy.id]
        self._remember(Change("do", creation(f"proposal {copy.id}", made, self._head, self._head)))

    def _begin(self, scene_seed: int, start: Node | None = None) -> None:
        """Start an episode, at a node where that was made already."""
        node = start if start is not None else opening(self.parts, self.parts.task.scene(scene_seed))
        trunk = new_trunk(self._tree, scene_seed, self._makers)
        self._tree = with_branch(self._tree, trunk)
        self._cache.put(trunk.id, 0, node)
        self._sink.episode(trunk, node)
        self._go(Head(trunk.id, 0))

    def _continue(self, earlier: Continuation) -> None:
        """Restore tree, history and head of an earlier session."""
        self._tree, self._history = earlier.tree, earlier.history
        self._head, self._node, trouble = nearest(earlier.tree, earlier.head, self._node_at)
        if trouble:
            self._say("warning", trouble)
        self._control = control.reanchored(self._node.control_state)
        if earlier.warning:
            self._say("warning", earlier.warning)

    def _next_seed(self) -> int:
        return 1 + max(branch.scene_seed for branch in self._tree.branches.values() if branch.parent is None)

    def _set(self, verb: verbs.SetSpeed | verbs.SetFreezeOnIdle | verbs.SetDevice | verbs.SetControl) -> None:
        match verb:
            case verbs.SetControl(config):
                self.control_config = config
                return
            case verbs.SetDevice():
                self._ticket += 1  # a step in flight would bring the anchors of the other device back
                self._control = control.reanchored(self._control)
        self.settings = with_setting(self.settings, verb)

    # Steps.

    def tick(self, reading: DeviceReading | None) -> Step | None:
        """Take one step where the phase asks for one; None where the phase asks for no step.

        Raises:
            StudioError: a part failed, or an action was not fit to apply; nothing was recorded, and the
                session is PAUSED.
        """
        try:
            request = self.prepare(reading)
            return None if request is None else self.accept(request, imagine(self.parts, request))
        except Exception:
            self.interrupt()
            raise

    def prepare(self, reading: DeviceReading | None) -> StepRequest | None:
        """What the next step depends on; None where the phase asks for no step.

        Raises:
            StudioError: the step could not be recorded, or what it depends on is gone.
        """
        if not self.wants_step:
            return None
        self._sink.check()
        if self._playback is not None:
            return of_replay(self._standing, self._node_at, self._playback)
        if self._phase == "CORRECTING":
            return self._driven(reading)
        observations = self.parts.policy.spec.observations
        return of_policy(self._standing, self._node_at, observations, restart=self._restart_policy)

    def accept(self, request: StepRequest, result: StepResult) -> Step | None:
        """Append a step that was imagined; None where a verb came in between and it is dropped."""
        if request.ticket != self._ticket:
            return None
        node, branch = result.node, request.target
        step = Step(
            branch=branch.id, index=request.index, node=node, action_policy=result.action_policy,
            delta=request.delta, wall_time=self._clock(), device=request.device,
        )  # fmt: skip
        known = self._tree.branches.get(branch.id)
        if known is None or known.kind != branch.kind:
            self._put(branch if known is None else replace(known, kind=branch.kind))
        self._append(step)
        self._head, self._node, self._control = Head(branch.id, request.index + 1), node, node.control_state
        self._moved = self._restart_policy = False
        self._once = max(0, self._once - 1)
        self._plan = result.plan
        if self._playback is not None:
            self._compare(self._playback, request, node)
        self._conclude(request, node)
        return step

    @property
    def _standing(self) -> Standing:
        return Standing(self._ticket, self._tree, self._head, self._node, self._makers, self._moved)

    def _driven(self, reading: DeviceReading | None) -> StepRequest | None:
        if reading is not None and reading.device != self.settings.device:
            reading = None
        spec = self.parts.world.spec
        out = control.command(reading, self._control, self.control_config, spec.limits, spec.dt)
        frozen = self.settings.freeze_on_idle and out.idle
        engaged = (out.state.anchors[0].anchored, out.state.anchors[1].anchored)
        self._hands = ClutchStatus(engaged, out.limit_hits, frozen, out.idle)
        if frozen:
            self._control = resting(self._control, out)
            return None
        return of_operator(self._standing, out, self.settings.device)

    def _compare(self, playback: Playback, request: StepRequest, node: Node) -> None:
        """Hold a replayed node against the original, and say how it went at the end."""
        if request.original is not None:
            playback = compared(playback, self.codec, self._head.index, request.original, node)
        original = self._tree.branches[playback.original]
        if self._head.index < original.length:
            self._playback = playback
            return
        self._messages.append(verdict(playback, original.length - original.fork_step))
        self._playback, self._phase = None, "PAUSED"

    def _conclude(self, request: StepRequest, node: Node) -> None:
        """Success and time-out, as the task says."""
        branch, task = self._tree.branches[self._head.branch], self.parts.task
        if node.success and branch.outcome in ("open", "timeout"):
            self._end(replace(branch, outcome="success"), f"Success: {task.title} is solved.", request)
        elif (
            request.source == "policy"
            and branch.outcome == "open"
            and branch.length - branch.fork_step >= task.max_steps
        ):
            words = f"Timed out after {task.max_steps} steps without success. Roll back and correct, or run on."
            self._end(replace(branch, outcome="timeout"), words, request)

    def _end(self, branch: Branch, words: str, request: StepRequest) -> None:
        self._put(branch)
        if request.source != "replay":
            self._phase = "PAUSED"
            self._say("info", words)

    # Helpers.

    def _put(self, branch: Branch) -> None:
        """A branch is new or has new labels."""
        self._tree = with_branch(self._tree, branch)
        self._revision += 1
        self._sink.branch(branch)

    def _append(self, step: Step) -> None:
        """A branch is one step longer."""
        self._tree = extended(self._tree, step.branch)
        self._cache.put(step.branch, step.index + 1, step.node)
        self._sink.step(step)

    def _stop_playback(self) -> None:
        self._playback = None

    def _say(self, level: str, text: str) -> None:
        self._messages.append(Message(level, text))

    def take_moves(self) -> tuple[tuple[int, int, bool], ...]:
        """(branch, node, whether into memory) of states that went to disk or came back since the last call."""
        return self._cache.take_moves()

    def _node_at(self, head: Head) -> Node:
        """A node by its owner."""
        return self._cache.get(head.branch, head.index)

    def _require(self, head: Head) -> None:
        """Raise, before anything is changed, where the head could not go there."""
        self._node_at(owner(self._tree, head.branch, head.index))

    def _unpack(self, branch: int, stored: StoredNode) -> Node:
        mine = self._tree.branches[branch].policy == self._makers.policy
        return self.codec.unpack(stored) if mine else self.codec.unpack_foreign(stored)
