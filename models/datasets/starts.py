"""First pictures and end effectors of recorded episodes, as starts of a learned world."""

from collections.abc import Collection, Iterator

from core.errors import BadConfig
from core.observation import Observation
from core.world import WorldSpec
from models.datasets.base_data import Plan, episode_of
from models.datasets.layouts import task_layout


def name_of(number: int) -> str:
    """What the start of an episode is called."""
    return f"episode {number}"


def starts(plan: Plan, spec: WorldSpec, skip: Collection[str] = ()) -> Iterator[tuple[str, Observation]]:
    """Name and first observation of each episode, but for those whose name is to be skipped.

    Recordings of a task in another world (models/datasets/layouts.py) look otherwise; their starts are drawn anew.

    Raises:
        BadConfig: a camera of the world is not in the data, or pictures of another world cannot be redrawn.
        BadStore: the data are torn.
    """
    theirs = task_layout(plan.layout)
    missing = [camera.name for camera in spec.cameras if camera.name not in plan.cameras]
    if theirs is None and missing:
        raise BadConfig(
            f"This world sees {', '.join(camera.name for camera in spec.cameras)}; {plan.source.folder} shows "
            f"{', '.join(plan.source.cameras)}. Say which is which: --camera {missing[0]}=COLUMN."
        )
    for episode in plan.episodes:
        if name_of(episode.number) in skip:
            continue
        found, rows = episode_of(plan, episode)
        if theirs is not None:
            yield name_of(episode.number), theirs.draw(found.truth, found.state[0])
            continue
        frames = {
            camera.name: plan.picture(next(plan.source.frames(episode, plan.cameras[camera.name], rows[:1])))
            for camera in spec.cameras
        }
        yield name_of(episode.number), Observation(frames, found.state[0])
