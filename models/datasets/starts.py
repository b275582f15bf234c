"""First pictures and end effectors of recorded episodes, as starts of a learned world."""

from collections.abc import Collection, Iterator
from typing import Any

import numpy as np

from core.errors import BadConfig
from core.observation import Observation
from core.task import Scene
from core.world import WorldSpec
from models.datasets.base_data import Plan, episode_of
from models.tasks.push_t import geometry as g


def name_of(number: int) -> str:
    """What the start of an episode is called."""
    return f"episode {number}"


def starts(plan: Plan, spec: WorldSpec, skip: Collection[str] = ()) -> Iterator[tuple[str, Observation]]:
    """Name and first observation of each episode, but for those whose name is to be skipped.

    The planar Push-T looks otherwise than any world here, and no second camera sees it; where it says how its T lies,
    the simulator draws that start.

    Raises:
        BadConfig: a camera of the world is not in the data, or pictures of another world cannot be redrawn.
        BadStore: the data are torn.
    """
    drawer = _Drawer() if plan.layout == "push-t" else None
    missing = [camera.name for camera in spec.cameras if camera.name not in plan.cameras]
    if drawer is None and missing:
        raise BadConfig(
            f"This world sees {', '.join(camera.name for camera in spec.cameras)}; {plan.source.folder} shows "
            f"{', '.join(plan.source.cameras)}. Say which is which: --camera {missing[0]}=COLUMN."
        )
    for episode in plan.episodes:
        if name_of(episode.number) in skip:
            continue
        found, rows = episode_of(plan, episode)
        if drawer is not None:
            if found.truth is None:
                raise BadConfig(
                    f"{plan.source.folder} shows the planar Push-T and does not say how its T lies (a state of 5 "
                    "numbers); a learned world cannot start from pictures that look otherwise. Use --as data."
                )
            yield name_of(episode.number), drawer.draw(found.truth[0], found.state[0])
            continue
        frames = {
            camera.name: plan.picture(next(plan.source.frames(episode, plan.cameras[camera.name], rows[:1])))
            for camera in spec.cameras
        }
        yield name_of(episode.number), Observation(frames, found.state[0])


class _Drawer:
    """The simulator, loaded only where it draws."""

    def __init__(self) -> None:
        from models.worlds.reference.world import load

        self._world: Any = load()

    def draw(self, pose: "np.typing.NDArray[np.float32]", ee: "np.typing.NDArray[np.float32]") -> Observation:
        """What a T at a planar pose (3,) and hands (14,) look like."""
        where = {"object_pose": tuple(map(float, pose)), "ee": tuple(map(float, g.LIMITS.clip(ee)))}
        (state,) = self._world.reset([Scene(g.TASK, 0, {**where, "look": "shipped"})], [0])
        seen: Observation = self._world.observe([state])[0]
        return seen
