"""Demonstrations: successes only, and the same ones after any interruption."""

from pathlib import Path

import numpy as np
import pytest
import zarr

from core.errors import StudioError
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data import demos
from models.tasks.push_t.data.demos import FIRST_SEED, SEEDS_PER_PART, DemoConfig, demonstrate
from models.tasks.push_t.data.episodes import Episode
from models.worlds.reference.world import load


def made_up(seed: int) -> Episode | None:
    """Three to six frames; every third start fails."""
    if seed % 3 == 0:
        return None
    random, length = np.random.default_rng(seed), 3 + seed % 4
    frames = {c.name: random.integers(0, 255, (length, 128, 128, 3)).astype(np.uint8) for c in g.CAMERAS}
    rows = random.normal(size=(length, 31)).astype(np.float32)
    return Episode(frames, rows[:, :14], rows[:, 14:28], {"object_pose": rows[:, 28:]}, 0, seed)


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Seeds that were demonstrated, in order."""
    seeds: list[int] = []

    def demonstration(world: object, seed: int) -> Episode | None:
        seeds.append(seed)
        return made_up(seed)

    monkeypatch.setattr(demos, "demonstrate", demonstration)
    return seeds


def content(path: Path) -> dict[str, bytes]:
    group = zarr.open_group(path, mode="r")
    return {n: np.asarray(a[:]).tobytes() for n, a in group.members(max_depth=None) if isinstance(a, zarr.Array)}


def test_only_successes_are_kept(tried: list[int], tmp_path: Path) -> None:
    config = DemoConfig(tmp_path, 4)
    demos._fill(config, 0)
    group = zarr.open_group(config.path(0), mode="r")
    kept = group["episode_seed"][:].tolist()
    assert kept == [seed for seed in tried if seed % 3]
    assert len(kept) == 4
    assert tried == list(range(FIRST_SEED, FIRST_SEED + len(tried)))
    assert group.attrs["kinds"] == ["demo"]
    assert np.diff(group["episode_ends"][:], prepend=0).tolist() == [3 + seed % 4 for seed in kept]


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_an_interrupted_set_goes_on_to_the_same(tried: list[int], tmp_path: Path, killed_after: int) -> None:
    straight, cut = DemoConfig(tmp_path / "straight", 4), DemoConfig(tmp_path / "cut", 4)
    demos._fill(straight, 0)
    demos._fill(DemoConfig(cut.folder, killed_after), 0)
    torn = zarr.open_group(cut.path(0), mode="a")  # the next episode, without its end
    torn["frames/top"].resize((40, 128, 128, 3))
    torn["episode_seed"].resize((killed_after + 1,))
    torn["episode_seed"][killed_after] = 7
    tried.clear()
    demos._fill(cut, 0)
    assert content(cut.path(0)) == content(straight.path(0))
    assert all(seed > FIRST_SEED for seed in tried), "nothing is done twice"


def test_an_operator_that_always_fails_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demos, "demonstrate", lambda world, seed: None)
    with pytest.raises(StudioError, match="ran out of seeds"):
        demos._fill(DemoConfig(tmp_path, 1), 0)


def test_parts_share_no_seed_and_add_up() -> None:
    config = DemoConfig(Path("x"), 120)
    assert [config.count(part) for part in config.parts] == [50, 50, 20]
    assert 2 * max(config.count(part) for part in config.parts) <= SEEDS_PER_PART


def test_a_demonstration_ends_at_rest_on_the_target() -> None:
    episode = demonstrate(load(), FIRST_SEED + 1)
    assert episode is not None
    assert g.coverage(episode.truth["object_pose"][-1].astype(float)) >= g.SUCCESS_COVERAGE
    assert np.abs(episode.ee_state[-1] - g.HOME).max() < 0.06
    assert (episode.action >= g.LIMITS.low).all()
    assert (episode.action <= g.LIMITS.high).all()
    assert {name: len(frames) for name, frames in episode.frames.items()} == dict.fromkeys(
        ("top", "front"), len(episode.action)
    )
