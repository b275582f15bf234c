import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import main
from app.scenes.starts import recorded_start
from core.recorder import Recorder
from core.session import Session
from core.store.archive import open_archive
from core.verbs import NewEpisode, Run, SameScene
from models.policies.hold import load as hold
from models.tasks.push_t import geometry as g
from models.tasks.push_t.judge import verdict
from models.tasks.push_t.task import load as push_t
from models.worlds.transport.world import load as transport
from tests.models.datasets.foreign import Made, episodes, lerobot_v3, push_t_buffer


def imported(folder: Path, out: Path, *options: str) -> int:
    """On a separate thread: where the simulator draws, its context is current, and this thread's is Qt's."""
    command = ["import", str(folder), "--as", "scenes", "--out", str(out), *options]
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(main.main, command).result()


@pytest.fixture(scope="module")
def made() -> list[Made]:
    return episodes([4, 3, 3])


@pytest.fixture(scope="module")
def source(made: list[Made], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lerobot_v3(tmp_path_factory.mktemp("scenes") / "set", made)


@pytest.fixture(scope="module")
def planar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return push_t_buffer(tmp_path_factory.mktemp("planar") / "push.zarr")


def test_every_first_picture_is_a_start_that_the_learned_world_steps(
    source: Path, made: list[Made], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sessions" / "imported"
    assert imported(source, out, "--world", "transport", "--json") == 0
    assert json.loads(capsys.readouterr().out)["starts"] == 3
    archive = open_archive(out)
    assert [branch.name for branch in archive.tree().branches.values()] == ["episode 0", "episode 1", "episode 2"]
    world = transport()
    for number, one in enumerate(made):
        seen = recorded_start(archive, number, 0, world.spec.cameras)
        assert np.allclose(seen.ee_state, one.state[0], atol=1e-6)
        state = world.encode([seen], np.empty((0, 14), np.float32))
        (after,), trust = world.step([state], g.LIMITS.clip(one.action[0])[None, None], [0])
        assert trust is not None
        assert 0 < trust[0] <= 1
        original = push_t().scene(number).observation
        assert original is not None
        there, drawn = verdict(original).detection, verdict(world.observe([after])[0]).detection
        assert there is not None
        assert drawn is not None
        assert np.abs(drawn.pose[:2] - there.pose[:2]).max() < 0.02


def test_the_session_of_starts_is_gone_on_from(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "imported"
    assert imported(source, out, "--world", "transport", "--episodes", "0,1") == 0
    from app.opening.scene_book import SceneBook

    recorder = Recorder(out)
    try:
        book = SceneBook(push_t(), tmp_path / "imported.scenes")
        session = Session(transport(), hold(), book, sink=recorder, archive=recorder.archive)
        assert session.tree.branches[session.head.branch].name == "episode 0"
        session.apply(SameScene())
        session.apply(Run())
        assert session.tick(None) is not None
        session.apply(NewEpisode(session.tree.branches[1].scene_seed))
        assert session.node.observation.frames["top"].shape == (128, 128, 3)
    finally:
        recorder.close()
    assert open_archive(out).steps == 1


def test_the_same_command_adds_only_what_is_missing(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "imported"
    assert imported(source, out, "--world", "transport", "--episodes", "0") == 0
    assert imported(source, out) == 0
    assert imported(source, out) == 0
    assert capsys.readouterr().out.count("3 starts") == 2
    assert len(open_archive(out).tree().branches) == 3


def test_planar_push_t_is_drawn_as_this_world_looks(planar: Path, tmp_path: Path) -> None:
    out = tmp_path / "imported"
    assert imported(planar, out, "--world", "transport") == 0
    archive = open_archive(out)
    assert len(archive.tree().branches) == 2
    found = verdict(recorded_start(archive, 0, 0, transport().spec.cameras))
    assert found.coverage > 0.9  # its first T lies on the goal


def test_how_fast_it_was_recorded_does_not_matter_for_a_start(made: list[Made], tmp_path: Path) -> None:
    folder = lerobot_v3(tmp_path / "slow", made[:1], fps=5)
    assert imported(folder, tmp_path / "out", "--world", "transport") == 0


def test_starts_without_an_object_or_a_camera_are_refused_in_words(
    made: list[Made], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = made[0]
    blank = Made({name: frames * 0 + 90 for name, frames in one.frames.items()}, one.state, one.action)
    assert imported(lerobot_v3(tmp_path / "blank", [blank]), tmp_path / "out", "--world", "transport") == 1
    assert "In none of the 1 starts" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert imported(tmp_path / "blank", tmp_path / "all", "--world", "transport", "--keep-unseen") == 0
    assert len(open_archive(tmp_path / "all").tree().branches) == 1
    capsys.readouterr()
    blind = Made({"top": one.frames["top"]}, one.state, one.action)
    assert imported(lerobot_v3(tmp_path / "blind", [blind]), tmp_path / "out", "--world", "transport") == 1
    assert "--camera front=COLUMN" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_planar_push_t_without_its_pose_is_refused_in_words(
    made: list[Made], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = np.full((4, 2), 256, np.float32)
    folder = lerobot_v3(tmp_path / "pusht", [Made({"top": made[0].frames["top"]}, pixels, pixels)], names=None)
    assert imported(folder, tmp_path / "out", "--world", "transport") == 1
    assert "without the pose of its T" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
