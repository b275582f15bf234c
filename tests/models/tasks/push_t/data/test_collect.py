"""The data engine: whole episodes, the same for any number of processes, resumed where they stopped."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
import zarr
from PIL import Image

from core.errors import BadStore
from core.task import Scene
from models.datasets.dataset_parts import PartWriter, parts_of, split_of, whole_frames
from models.tasks.push_t import geometry as g
from models.tasks.push_t.data.collect import EPISODES_PER_PART, SEEDS_PER_SET, CollectConfig, collect
from models.tasks.push_t.data.episodes import part_info, record
from models.tasks.push_t.data.play import KINDS
from models.tasks.push_t.data.starts import write_starts
from models.tasks.push_t.data.summary import MOVING_M, describe, read_rows, summarise
from models.tasks.push_t.evaluation import chaos
from models.tasks.push_t.scenes import start_parameters
from models.worlds.reference.world import ReferenceWorld, load

LENGTH = 32


@pytest.fixture(scope="module")
def world() -> ReferenceWorld:
    return load()


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> CollectConfig:
    """Four short episodes by one worker process."""
    config = CollectConfig(tmp_path_factory.mktemp("data") / "tiny", 4 * LENGTH, workers=1, seed=3, length=LENGTH)
    assert collect(config, report=False) == 4 * LENGTH
    return config


def same_content(a: Path, b: Path) -> bool:
    first, second = zarr.open_group(a, mode="r"), zarr.open_group(b, mode="r")
    names = [n for n, member in first.members(max_depth=None) if isinstance(member, zarr.Array)]
    return all(np.array_equal(first[n][:], second[n][:]) for n in names)


def test_a_part_has_the_promised_layout(collected: CollectConfig) -> None:
    group = zarr.open_group(collected.part(0), mode="r")
    for camera in g.CAMERAS:
        frames = group[f"frames/{camera.name}"]
        assert frames.shape == (4 * LENGTH, 128, 128, 3)
        assert frames.chunks == (32, 128, 128, 3)
        assert frames.dtype == np.uint8
    assert group["ee_state"].shape == group["action"].shape == (4 * LENGTH, 14)
    assert group["truth/object_pose"].shape == (4 * LENGTH, 3)
    assert group["episode_ends"][:].tolist() == [32, 64, 96, 128]
    assert group["episode_seed"][:].tolist() == list(range(4 * SEEDS_PER_SET, 4 * SEEDS_PER_SET + 4))
    assert group.attrs["kinds"] == [kind.name for kind in KINDS]


def test_an_episode_follows_from_its_seed(collected: CollectConfig, world: ReferenceWorld) -> None:
    group = zarr.open_group(collected.part(0), mode="r")
    episode = record(world, 4 * SEEDS_PER_SET + 2, LENGTH)
    rows = slice(2 * LENGTH, 3 * LENGTH)
    assert np.array_equal(group["action"][rows], episode.action)
    assert np.array_equal(group["truth/object_pose"][rows], episode.truth["object_pose"])
    assert np.array_equal(group["frames/front"][rows], episode.frames["front"])


def test_an_interrupted_part_goes_on_after_its_last_whole_episode(
    collected: CollectConfig, world: ReferenceWorld, tmp_path: Path
) -> None:
    path = tmp_path / "part-000.zarr"
    seeds = list(collected.seeds(0))
    first = PartWriter(path, part_info(world))
    for seed in seeds[:2]:
        first.append(record(world, seed, LENGTH), split_of(seed))
    torn = zarr.open_group(path, mode="a")  # frames of a third episode, without its end
    torn["frames/top"].resize((80, 128, 128, 3))
    torn["frames/top"][64:80] = 255
    again = PartWriter(path, part_info(world))
    assert again.episodes == 2
    for seed in seeds[2:]:
        again.append(record(world, seed, LENGTH), split_of(seed))
    assert same_content(path, collected.part(0))


def test_a_finished_set_is_left_alone(collected: CollectConfig) -> None:
    assert collect(collected, report=False) == 4 * LENGTH


def test_no_seed_is_in_two_splits_and_the_shares_are_as_stated() -> None:
    splits = np.array([split_of(seed) for seed in range(SEEDS_PER_SET, SEEDS_PER_SET + 3000)])
    assert np.array_equal(splits[:50], [split_of(seed) for seed in range(SEEDS_PER_SET, SEEDS_PER_SET + 50)])
    assert np.abs(np.bincount(splits) / 3000 - [0.9, 0.05, 0.05]).max() < 0.015


def test_sets_of_different_seeds_share_no_episode() -> None:
    a = CollectConfig(Path("a"), 10**6, seed=0)
    b = CollectConfig(Path("b"), 10**6, seed=1)
    last = a.seeds((a.episodes - 1) // EPISODES_PER_PART)
    assert len(last) > 0
    assert last.stop <= b.seeds(0).start
    assert a.seeds(0).start > 999_999, "seeds of starts and evaluations stay below"


def test_the_shares_of_the_kinds_are_whole() -> None:
    assert sum(kind.share for kind in KINDS) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", range(len(KINDS)), ids=[kind.name for kind in KINDS])
def test_every_kind_acts_inside_the_limits_and_touches_the_t(
    world: ReferenceWorld, kind: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("models.tasks.push_t.data.episodes.kind_of", lambda random: kind)
    moved = 0
    for seed in range(3):
        episode = record(world, seed, 96, pictures=False)
        assert (episode.action >= g.LIMITS.low).all()
        assert (episode.action <= g.LIMITS.high).all()
        moved += int((np.linalg.norm(np.diff(episode.truth["object_pose"][:, :2], axis=0), axis=1) > MOVING_M).sum())
    assert moved > 30


def test_the_summary_counts_and_draws(collected: CollectConfig) -> None:
    found = summarise(collected.folder)
    assert found.frames == 4 * LENGTH
    assert sum(found.episodes_of_kind.values()) == 4
    assert len(read_rows(collected.folder).steps()) == 4 * (LENGTH - 1)
    assert json.loads((collected.folder / "summary.json").read_text())["episodes"] == 4
    for name in ("summary.png", "contact_sheet.png"):
        assert np.asarray(Image.open(collected.folder / name)).std() > 1
    assert "T moves in" in describe(found, collected.folder)


def test_missing_data_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadStore, match=r"main\.py collect --set none"):
        parts_of(tmp_path / "none")
    assert whole_frames(tmp_path / "part-000.zarr") == 0


def test_shipped_starts_are_the_first_observations(world: ReferenceWorld, tmp_path: Path) -> None:
    write_starts(tmp_path / "starts.npz", 3)
    (state,) = world.reset([Scene(g.TASK, 2, start_parameters(2))], [2])
    (seen,) = world.observe([state])
    for path in (tmp_path / "starts.npz", Path("assets/starts/push_t.npz")):
        with np.load(path, allow_pickle=False) as starts:
            assert np.array_equal(starts["ee_state"][2], seen.ee_state)
            ends = starts["front_ends"]
            picture = Image.open(io.BytesIO(starts["front_png"][ends[1] : ends[2]].tobytes()))
            differ = np.abs(np.asarray(picture).astype(int) - seen.frames["front"])
            assert differ.mean() < 0.5, "another OpenGL rounds a little differently, and no more"


def test_the_chaos_table_is_saved_and_read_back(tmp_path: Path) -> None:
    rows = chaos.measure([chaos.FIRST_SEED])
    assert rows[0].steps == 1
    assert rows[0].mean_cm == pytest.approx(0.1, abs=0.05)
    chaos.write(rows, 1, {}, tmp_path / "chaos.json")
    assert chaos.read(tmp_path / "chaos.json") == rows
    with pytest.raises(BadStore, match=r"python -m models\.tasks\.push_t\.evaluation\.chaos"):
        chaos.read(tmp_path / "none.json")
