"""One episode of the data engine: a pure function of its seed."""

import numpy as np
from numpy.typing import NDArray

from core.seeds import generator
from core.task import Scene
from models.datasets.dataset_parts import EPISODE_FRAMES, Episode, PartInfo
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.play import KINDS, kind_of, start_hands, start_pose
from models.tasks.push_t.data.strokes import Hand, Sight
from models.worlds.reference.world import ReferenceState, ReferenceWorld


def part_info(world: ReferenceWorld, seed: int = 0) -> PartInfo:
    """What the parts of play in a world are of; `seed` is that of the set."""
    about = {"seed": seed, "world": world.spec.identity.to_dict(), "look": "shipped"}
    kinds = tuple(kind.name for kind in KINDS)
    return PartInfo(world.spec.task, kinds, world.spec.workcell, {"object_pose": (3,)}, about)


def record(world: ReferenceWorld, seed: int, length: int = EPISODE_FRAMES, pictures: bool = True) -> Episode:
    """Play one episode in the reference world."""
    random = generator(seed)
    kind = kind_of(random)
    pose = start_pose(KINDS[kind], random)
    scene = Scene(g.TASK, seed, {"object_pose": tuple(pose), "ee": tuple(start_hands(random, pose))})
    state = world.reset([scene], [seed])[0]
    sight = Sight(pose, world.spec.home.astype(np.float64))
    _look(sight, world, state)
    hands = Hand(0, sight, random), Hand(1, sight, random)
    script = KINDS[kind].build(*hands, random)
    frames: dict[str, list[NDArray[np.uint8]]] = {camera.name: [] for camera in world.spec.cameras} if pictures else {}
    rows = np.zeros((length, 14 + 14 + 3), np.float32)
    for i in range(length):
        if pictures:
            for name, frame in world.observe([state])[0].frames.items():
                frames[name].append(frame)
        next(script)
        action = world.spec.limits.clip(np.concatenate([hand.command for hand in hands]).astype(np.float32))
        rows[i] = np.concatenate([sight.ee, action, world.truth(state)["object_pose"]])
        (state,), _ = world.step([state], action[None, None], [seed])
        _look(sight, world, state)
    stacked = {name: np.stack(pictures_of) for name, pictures_of in frames.items()}
    return Episode(stacked, rows[:, :14], rows[:, 14:28], {"object_pose": rows[:, 28:]}, kind, seed)


def _look(sight: Sight, world: ReferenceWorld, state: ReferenceState) -> None:
    """Show the behaviours the newest truth."""
    sight.object_pose = world.truth(state)["object_pose"]
    sight.ee = world.measured([state])[0].astype(np.float64)
