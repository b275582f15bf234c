from pathlib import Path

import numpy as np

from core.observation import same_observation
from core.task import Scene
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.starts import write_starts
from models.tasks.push_t.scenes import start_parameters
from models.tasks.push_t.task import STARTS, shipped_start
from models.worlds.reference.world import load


def test_what_is_written_is_what_a_scene_gets(tmp_path: Path) -> None:
    path = tmp_path / "new" / "starts.npz"
    assert write_starts(path, 2) == path.stat().st_size
    world = load()
    for seed in (0, 1):
        (state,) = world.reset([Scene(g.TASK, seed, start_parameters(seed))], [seed])
        read = shipped_start(seed, path)
        assert read is not None
        assert same_observation(read, world.observe([state])[0]), "PNG loses nothing"
    assert shipped_start(2, path) is None


def test_the_shipped_file_holds_one_start_per_seed() -> None:
    with np.load(STARTS) as file:
        seeds = file["seeds"]
        assert np.array_equal(seeds, np.arange(len(seeds)))
        assert len(seeds) >= 100
        for camera in g.CAMERAS:
            ends = file[f"{camera.name}_ends"]
            assert (np.diff(ends) > 0).all()
            assert ends[-1] == len(file[f"{camera.name}_png"])
