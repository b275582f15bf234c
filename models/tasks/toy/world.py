"""A world small enough to test everything against: a block on a table, pushed by two hands. numpy only."""

import hashlib
import pathlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.action import ACTION_DIM, ActionLimits, arm_slice
from core.errors import BadStore, PartFailed
from core.identity import Identity
from core.observation import Observation
from core.seeds import generator
from core.task import Scene
from core.workcell import Workcell
from core.world import PackedState, WorldSpec
from models.tasks.toy.task import BLOCK_COLOUR, BLOCK_RADIUS, CAMERAS, NAME, TARGET, locate, plane_points

HAND_RADIUS = 0.025
LAG = 0.6
"""Fraction of the way to the commanded pose that a hand covers in one step."""
SUBSTEPS = 4
NOISE = 0.002
"""Metres of randomness in a push."""
TABLE_LOW, TABLE_HIGH = np.array([0.2, -0.3]), np.array([0.8, 0.3])
HOME = np.array([0.34, 0.20, 0.04, 0, 0, 0, 0.5, 0.34, -0.20, 0.04, 0, 0, 0, 0.5], np.float32)
LIMITS = ActionLimits(
    np.array([0.22, -0.28, 0.01, -0.5, -0.5, -np.pi, 0.0] * 2, np.float32),
    np.array([0.78, 0.28, 0.20, 0.5, 0.5, np.pi, 1.0] * 2, np.float32),
)
_BACKGROUND = np.array([40, 44, 52], np.float32)
_MARK = np.array([58, 150, 92], np.float32)
_HANDS = (np.array([84, 150, 240], np.float32), np.array([168, 120, 232], np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class ToyState:
    """Everything that the next step depends on."""

    ee: NDArray[np.float32]
    """(14,) measured hands."""
    block: NDArray[np.float64]
    """(2,) metres."""


class ToyWorld:
    """Quasi-static pushing of one block; its noise is a function of the step's seed."""

    def __init__(self) -> None:
        source = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
        self._spec = WorldSpec(
            identity=Identity("toy", source, f"numpy {np.__version__}"),
            kind="toy",
            training_inputs="Everything: its physics is written by hand.",
            task=NAME,
            workcell=Workcell("toy", CAMERAS, 0.1, LIMITS, HOME),
        )
        self._points = {camera.name: plane_points(camera) for camera in CAMERAS}

    @property
    def spec(self) -> WorldSpec:
        """What this world shows, takes and promises."""
        return self._spec

    def reset(self, scenes: Sequence[Scene], seeds: Sequence[int]) -> list[ToyState]:
        """The block where the scene says, the hands at home."""
        return [self._start(scene) for scene in scenes]

    def _start(self, scene: Scene) -> ToyState:
        if "block" in scene.parameters:
            return ToyState(HOME, np.asarray(scene.parameters["block"], np.float64))
        if scene.observation is not None:
            return self.encode([scene.observation], np.empty((0, ACTION_DIM), np.float32))
        raise PartFailed(f"The toy world cannot start scene {scene.seed} of {scene.task!r}: it says no block position.")

    def encode(self, observations: Sequence[Observation], actions: NDArray[np.float32]) -> ToyState:
        """The block where the top camera sees it."""
        block = locate(observations[-1])
        if block is None:
            raise PartFailed("The toy world sees no block in the top picture; show it one.")
        return ToyState(observations[-1].ee_state, block)

    def step(
        self, states: Sequence[ToyState], actions: NDArray[np.float32], seeds: Sequence[int]
    ) -> tuple[list[ToyState], NDArray[np.float32]]:
        """Move the hands towards their targets and the block out of their way."""
        after = [self._advance(state, chunk, seed) for state, chunk, seed in zip(states, actions, seeds, strict=True)]
        return after, np.array([_trust(state) for state in after], np.float32)

    def _advance(self, state: ToyState, chunk: NDArray[np.float32], seed: int) -> ToyState:
        random = generator(seed)
        ee, block = state.ee, state.block
        for action in chunk:
            moved = (ee + LAG * (LIMITS.clip(action) - ee)).astype(np.float32)
            pushed = block
            for part in range(1, SUBSTEPS + 1):
                hands = ee + (moved - ee) * (part / SUBSTEPS)
                for arm in (0, 1):
                    pushed = _pushed(pushed, hands[arm_slice(arm)][:3].astype(np.float64))
            noise = random.normal(0.0, NOISE, 2)
            block = block if pushed is block else np.clip(pushed + noise, TABLE_LOW, TABLE_HIGH)
            ee = moved
        return ToyState(ee, block)

    def observe(self, states: Sequence[ToyState]) -> list[Observation]:
        """Both cameras, flat discs on the table."""
        return [Observation({name: self._draw(name, state) for name in self._points}, state.ee) for state in states]

    def _draw(self, camera: str, state: ToyState) -> NDArray[np.uint8]:
        points = self._points[camera]
        picture = np.broadcast_to(_BACKGROUND, (*points.shape[:2], 3))
        ring = np.abs(np.linalg.norm(points - TARGET, axis=-1) - BLOCK_RADIUS) - 0.008
        picture = _painted(picture, ring, _MARK)
        picture = _painted(picture, np.abs(points - state.block).max(-1) - BLOCK_RADIUS, BLOCK_COLOUR)
        for arm in (0, 1):
            hand = state.ee[arm_slice(arm)]
            size = HAND_RADIUS * (0.7 + 0.3 * float(hand[6])) + 0.05 * float(hand[2])
            picture = _painted(picture, np.linalg.norm(points - hand[:2], axis=-1) - size, _HANDS[arm])
        return picture.astype(np.uint8)

    def measured(self, states: Sequence[ToyState]) -> NDArray[np.float32]:
        """(B, 14) hands."""
        return np.array([state.ee for state in states], np.float32).reshape(len(states), ACTION_DIM)

    def object_poses(self, states: Sequence[ToyState]) -> NDArray[np.float64]:
        """(B, 3); the block never turns."""
        return np.array([[*state.block, 0.0] for state in states], np.float64).reshape(len(states), 3)

    def pack(self, state: ToyState) -> PackedState:
        """Two arrays, 72 bytes."""
        return PackedState({"ee": state.ee, "block": state.block})

    def unpack(self, packed: PackedState) -> ToyState:
        """The inverse of pack, bit for bit."""
        return ToyState(
            _array(packed.arrays, "ee", (ACTION_DIM,)).astype(np.float32),
            _array(packed.arrays, "block", (2,)).astype(np.float64),
        )


def _array(arrays: Mapping[str, NDArray[np.generic]], name: str, shape: tuple[int, ...]) -> NDArray[np.generic]:
    if name not in arrays or arrays[name].shape != shape or not np.isfinite(np.asarray(arrays[name], float)).all():
        raise BadStore(f"A stored state of the toy world is torn: {name!r} is not {shape} finite numbers.")
    return arrays[name]


def _pushed(block: NDArray[np.float64], hand: NDArray[np.float64]) -> NDArray[np.float64]:
    """The block moved out of a hand that is low enough to touch it; the same object where none touches."""
    away = block - hand[:2]
    distance = float(np.linalg.norm(away))
    reach = BLOCK_RADIUS + HAND_RADIUS
    if hand[2] > 0.06 or distance >= reach:
        return block
    direction = away / distance if distance > 1e-9 else np.array([1.0, 0.0])
    return np.asarray(hand[:2] + direction * reach)


def _trust(state: ToyState) -> float:
    """High in the middle of the table, low at its edge: a stand-in with the shape of the real thing."""
    margin = float(np.minimum(state.block - TABLE_LOW, TABLE_HIGH - state.block).min())
    return float(np.clip(0.2 + margin / 0.1, 0.0, 1.0))


def _painted(
    picture: NDArray[np.float32], distance: NDArray[np.float64], colour: NDArray[np.float32]
) -> NDArray[np.float32]:
    """The picture with ``colour`` where the signed distance in metres is negative, with a soft edge."""
    alpha = np.clip(0.5 - distance / 0.02, 0.0, 1.0)[..., None].astype(np.float32)
    return np.asarray(picture * (1.0 - alpha) + colour * alpha, np.float32)


def load() -> ToyWorld:
    """The toy world."""
    return ToyWorld()
