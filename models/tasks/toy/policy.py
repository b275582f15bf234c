"""A hand-written policy for the toy task: walks behind the block and pushes, a little off. numpy only."""

import hashlib
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, arm_slice
from core.errors import BadStore
from core.identity import Identity
from core.observation import Observation
from core.policy import PolicySpec
from core.seeds import generator
from core.world import PackedState
from models.tasks.toy.task import NAME, TARGET, locate
from models.tasks.toy.world import HOME, LIMITS

HORIZON = 8
EXECUTED = 4
"""Actions of a plan that are carried out before the next look."""
STRIDE = 0.03
"""Metres per step."""
BEHIND = 0.085
"""Metres behind the block from which it pushes."""
ERROR = 0.055
"""Metres that it aims beside the block: what makes it fail about every other time."""


@dataclass(frozen=True, slots=True, eq=False)
class ToyPolicyState:
    """The unfinished plan and where the block was last seen."""

    plan: NDArray[np.float32]
    """(HORIZON, 14)."""
    used: int
    """Actions of the plan that are done; EXECUTED where it must look again."""
    seen: NDArray[np.float64]
    """(2,) metres."""


class ToyPolicy:
    """Receding horizon over a two-line plan."""

    def __init__(self) -> None:
        source = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
        self._spec = PolicySpec(Identity("toy", source, f"numpy {np.__version__}"), NAME, 2, HORIZON)

    @property
    def spec(self) -> PolicySpec:
        """What this policy looks at and how far it plans."""
        return self._spec

    def start(self, recent: Sequence[Sequence[Observation]]) -> list[ToyPolicyState]:
        """No plan yet; the block where the newest picture that shows it has it."""
        return [
            ToyPolicyState(np.repeat(observations[-1].ee_state[None], HORIZON, 0), EXECUTED, _last_seen(observations))
            for observations in recent
        ]

    def act(
        self, observations: Sequence[Observation], states: Sequence[ToyPolicyState], seeds: Sequence[int]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32], list[ToyPolicyState]]:
        """The next action of the plan; a new plan where it is used up."""
        actions, plans, after = [], [], []
        for observation, state, seed in zip(observations, states, seeds, strict=True):
            if state.used >= EXECUTED:
                seen = locate(observation)
                seen = state.seen if seen is None else seen
                state = ToyPolicyState(_plan(observation, seen, seed), 0, seen)
            actions.append(state.plan[state.used])
            left = state.plan[state.used :]
            plans.append(np.concatenate([left, np.repeat(left[-1:], state.used, 0)]))
            after.append(ToyPolicyState(state.plan, state.used + 1, state.seen))
        return np.stack(actions), np.stack(plans), after

    def looks(self, states: Sequence[ToyPolicyState]) -> NDArray[np.bool_]:
        """(B,) whether the plan is used up."""
        return np.array([state.used >= EXECUTED for state in states], np.bool_)

    def pack(self, state: ToyPolicyState) -> PackedState:
        """Three arrays."""
        return PackedState({"plan": state.plan, "used": np.array([state.used], np.int64), "seen": state.seen})

    def unpack(self, packed: PackedState) -> ToyPolicyState:
        """The inverse of pack, bit for bit."""
        try:
            plan, used, seen = (packed.arrays[name] for name in ("plan", "used", "seen"))
        except KeyError as error:
            raise BadStore(f"A stored state of the toy policy is torn: {error} is missing.") from error
        if plan.shape != (HORIZON, ACTION_DIM) or used.shape != (1,) or seen.shape != (2,):
            raise BadStore("A stored state of the toy policy is torn: its arrays have the wrong shapes.")
        return ToyPolicyState(plan.astype(np.float32), int(used[0]), seen.astype(np.float64))


def _last_seen(observations: Sequence[Observation]) -> NDArray[np.float64]:
    for observation in reversed(observations):
        place = locate(observation)
        if place is not None:
            return place
    return TARGET


def _plan(observation: Observation, block: NDArray[np.float64], seed: int) -> NDArray[np.float32]:
    """(HORIZON, 14): the nearer hand walks behind the block, then pushes it; the other goes home."""
    random = generator(seed)
    hands = observation.ee_state.reshape(2, 7)[:, :2].astype(np.float64)
    away = TARGET - block
    forward = away / max(float(np.linalg.norm(away)), 1e-6)
    side = np.array([-forward[1], forward[0]])
    aim = block + side * random.normal(0.0, ERROR)
    arm = int(np.argmin(np.linalg.norm(hands - (block - forward * BEHIND), axis=1)))
    hand, plan = hands[arm], np.repeat(HOME[None], HORIZON, 0)
    for step in range(HORIZON):
        relative = hand - aim
        ahead, beside = float(relative @ forward), float(relative @ side)
        if ahead > -0.05 and abs(beside) < BEHIND:  # beside or in front: first out of the way
            goal = aim + side * (np.copysign(BEHIND + 0.03, beside)) - forward * 0.02
        elif ahead > -0.05 or abs(beside) > 0.025:
            goal = aim - forward * (BEHIND + 0.01)
        else:
            goal = hand + forward * STRIDE
        stride = goal - hand
        hand = hand + stride * min(1.0, STRIDE / max(float(np.linalg.norm(stride)), 1e-9))
        plan[step, arm_slice(arm)][:2] = hand
    return LIMITS.clip(plan)


def load() -> ToyPolicy:
    """The toy policy."""
    return ToyPolicy()
