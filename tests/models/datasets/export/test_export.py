import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from core import verbs as v
from core.errors import BadConfig, BadStore, StoreBusy
from core.store.lock import WriterLock
from core.world import WorldSpec
from models.datasets.export import lerobot as export_lerobot
from models.datasets.export.options import FORMATS, REVIEWS
from models.datasets.export.run import Cancelled, Progress, export, make_plan
from models.tasks.toy.policy import ToyPolicy
from models.tasks.toy.world import ToyWorld
from tests.core.driving import steps
from tests.models.datasets.reading import READ, lerobot, lines, replay_buffer, robomimic, same
from tests.models.datasets.recorded import expected, options, record


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions") / "toy"
    record(folder)
    return folder


@pytest.mark.parametrize("format", FORMATS)
def test_what_was_recorded_comes_back(session: Path, tmp_path: Path, format: str) -> None:
    asked = options(session, tmp_path / "out", format, window=3)
    told: list[Progress] = []
    done = export(asked, say=told.append)
    same(READ[format](tmp_path / "out"), expected(asked), exact_pictures=format != "lerobot")
    assert (done.episodes, done.steps, done.interventions, done.resumed) == (2, 25, 8, 0)
    assert [line["branch"] for line in lines(tmp_path / "out")] == [1, 5]
    assert told[-1].finishing
    assert (told[-1].episodes, told[-1].steps) == (2, 25)
    assert not list(tmp_path.glob("*.partial"))
    assert not (tmp_path / "out" / "parts").exists()


def test_the_lineage_names_where_an_episode_comes_from(session: Path, tmp_path: Path) -> None:
    plan = make_plan(options(session, tmp_path / "out", "robomimic", review=REVIEWS))
    lineage = [episode.lineage for episode in plan.episodes]
    assert [line["branch"] for line in lineage] == [0, 1, 3, 4, 5], "discarded branch 2 is never exported"
    by_branch = {line["branch"]: line for line in lineage}
    assert by_branch[3]["parent_uuid"] == by_branch[1]["uuid"]
    assert by_branch[1]["fork_step"] == 6
    assert by_branch[1]["world"]["name"] == "toy"
    assert by_branch[1]["policy"]["sha256"] == ToyPolicy().spec.identity.sha256
    said = [by_branch[1][name] for name in ("outcome", "review", "reviewer")]
    assert said == ["success", "accepted", "Ada"]
    assert len({line["uuid"] for line in lineage}) == len(lineage)
    copy = tmp_path / "elsewhere"
    shutil.copytree(session, copy)
    again = make_plan(options(copy, tmp_path / "out", "robomimic"))
    assert again.episodes[0].lineage["uuid"] == by_branch[1]["uuid"], "a copy has the same identifiers"


def test_corrections_only(session: Path, tmp_path: Path) -> None:
    """Branch 1 holds two stretches of the operator; the window brings the steps before each along."""
    for window, spans in ((0, [(1, 6, 11), (1, 15, 18)]), (2, [(1, 4, 11), (1, 13, 18)])):
        asked = options(session, tmp_path / f"out{window}", "diffusion-policy", what="corrections", window=window)
        export(asked)
        same(replay_buffer(asked.out), expected(asked, spans))


def test_a_delta_codec_is_named_beside_the_data(session: Path, tmp_path: Path) -> None:
    asked = options(session, tmp_path / "out", "robomimic", codec="delta", next_obs=True)
    export(asked)
    found, want = robomimic(asked.out), expected(asked)
    same(found, want)
    for name in ("next/state", "next/top_rgb", "next/front_rgb"):
        assert found[name].tobytes() == want[name].tobytes()
    assert json.loads((asked.out / "export.json").read_text())["action_codec"]["name"] == "bimanual-ee-delta-rotvec-v1"


def test_many_files_of_a_lerobot_dataset(session: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits so small that each episode begins new files: indices and timestamps still lead to the right rows."""
    real = export_lerobot.LeRobotWriter
    monkeypatch.setattr(export_lerobot, "LeRobotWriter", lambda plan, folder: real(plan, folder, 1e-6, 1e-6))
    asked = options(session, tmp_path / "out", "lerobot", review=REVIEWS, video="h264")
    export(asked)
    spans = [(0, 0, 12), (1, 0, 18), (3, 0, 14), (4, 0, 14), (5, 0, 7)]
    same(lerobot(asked.out), expected(asked, spans), exact_pictures=False)
    assert len(list((asked.out / "data/chunk-000").iterdir())) == len(spans)
    assert len(list((asked.out / "videos/observation.images.top/chunk-000").iterdir())) == len(spans)


def test_tables_of_a_lerobot_dataset(session: Path, tmp_path: Path) -> None:
    asked = options(session, tmp_path / "out", "lerobot", task="Push the block onto the mark")
    export(asked)
    info = json.loads((asked.out / "meta/info.json").read_text())
    assert (info["codebase_version"], info["fps"], info["total_frames"], info["splits"]) == (
        "v3.0",
        10,
        25,
        {"train": "0:2"},
    )
    tasks = pq.read_table(asked.out / "meta/tasks.parquet")
    assert tasks["__index_level_0__"].to_pylist() == ["Push the block onto the mark"]
    data = pq.read_table(asked.out / "data/chunk-000/file-000.parquet")
    assert data["index"].to_pylist() == list(range(25))
    frame = data["frame_index"].to_numpy()
    assert np.array_equal(data["timestamp"].to_numpy(), (frame / 10).astype(np.float32))
    assert data["next.done"].to_pylist() == [row in (17, 24) for row in range(25)]
    assert data["next.success"].to_pylist()[17] is True
    statistics = json.loads((asked.out / "meta/stats.json").read_text())
    assert set(info["features"]) == set(statistics)
    assert statistics["action"]["count"] == [25]
    action = np.stack(data["action"].to_pylist())
    assert np.allclose(statistics["action"]["mean"], action.mean(0), atol=1e-6)
    assert statistics["action_policy"]["count"] == [17], "the policy was not asked while the operator drove"
    assert "NaN" not in (asked.out / "meta/stats.json").read_text()


@pytest.mark.parametrize(("format", "when"), [("diffusion-policy", "44"), ("lerobot", "44"), ("robomimic", "44"),
                                              ("lerobot", "publish")])  # fmt: skip
def test_a_killed_export_is_gone_on_with(session: Path, tmp_path: Path, format: str, when: str) -> None:
    """36 pictures make the first episode; the kill hits the second, or the moment before the rename."""
    words = [str(session), str(tmp_path / "out"), format, when]
    killed = subprocess.run([sys.executable, "-m", "tests.models.datasets.export.killed_export", *words])
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists(), "a half export is never taken for a whole one"
    assert (tmp_path / "out.partial").is_dir()
    asked = options(session, tmp_path / "out", format, window=2)
    assert export(asked).resumed == (2 if when == "publish" else 1)
    same(READ[format](asked.out), expected(asked), exact_pictures=format != "lerobot")
    assert [line["episode_index"] for line in lines(asked.out)] == [0, 1]
    assert not (asked.out / "parts").exists()


def test_a_cancelled_export_goes_on_or_begins_anew(session: Path, tmp_path: Path) -> None:
    asked = options(session, tmp_path / "out", "diffusion-policy")
    with pytest.raises(Cancelled, match="after 1 of 2 episodes"):
        export(asked, cancelled=iter([False] * 40 + [True]).__next__)
    with open(tmp_path / "out.partial/lineage.jsonl", "a") as file:
        file.write('{"episode_index": 1, "le')  # as a kill in the midst of a line leaves it
    other = replace(asked, codec="delta")  # what is there would not fit
    assert export(other).resumed == 0
    same(replay_buffer(other.out), expected(other))
    shutil.rmtree(other.out)
    with pytest.raises(Cancelled):
        export(asked, cancelled=iter([False] * 40 + [True]).__next__)
    with open(tmp_path / "out.partial/lineage.jsonl", "a") as file:
        file.write('{"episode_index": 1, "le')
    assert export(asked).resumed == 1
    same(replay_buffer(asked.out), expected(asked))


def test_nothing_that_is_there_is_lost(session: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("years")
    with pytest.raises(BadStore, match="is not an export of this program"):
        export(options(session, mine, "robomimic"), overwrite=True)
    assert (mine / "thesis.txt").read_text() == "years"
    with pytest.raises(BadConfig, match="lies in the session"):
        export(options(session, session / "export", "robomimic"))
    asked = options(session, tmp_path / "out", "robomimic")
    export(asked)
    before = (asked.out / "image.hdf5").read_bytes()
    with pytest.raises(BadStore, match="--overwrite"):
        export(asked)
    with pytest.raises(Cancelled):
        export(replace(asked, codec="delta"), overwrite=True, cancelled=lambda: True)
    assert (asked.out / "image.hdf5").read_bytes() == before, "the old one stays until the new one is whole"
    export(replace(asked, codec="delta"), overwrite=True)
    same(robomimic(asked.out), expected(replace(asked, codec="delta")))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"]


def test_two_exports_do_not_write_one_folder(session: Path, tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    lock = WriterLock(tmp_path / "out.partial")
    with pytest.raises(StoreBusy, match="Another program is exporting into"):
        export(options(session, tmp_path / "out", "robomimic"))
    lock.release()
    export(options(session, tmp_path / "out", "robomimic"))


@pytest.mark.parametrize(("changes", "words"), [
    ({"review": ("needs_work",)}, "none is marked 'needs_work'. Accept the good ones"),
    ({"outcome": ("timeout",)}, "none ended as timeout"),
    ({"review": ("unreviewed",), "what": "corrections"}, "the operator drove no step"),
])  # fmt: skip
def test_nothing_to_export_is_reported_with_the_reason(
    session: Path, tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadConfig, match=words):
        export(options(session, tmp_path / "out", "lerobot", **changes))
    assert not list(tmp_path.iterdir())


def changed(spec: WorldSpec, **changes: object) -> WorldSpec:
    """The spec with another workcell."""
    return replace(spec, workcell=replace(spec.workcell, **changes))


class Slow(ToyWorld):
    """The toy world at another rate."""

    dt = 0.3

    @property
    def spec(self) -> WorldSpec:
        return changed(super().spec, dt=self.dt)


class Small(ToyWorld):
    """The toy world with one camera less."""

    @property
    def spec(self) -> WorldSpec:
        return changed(super().spec, cameras=super().spec.cameras[:1])


class Renamed(ToyWorld):
    """The toy world under another identity."""

    @property
    def spec(self) -> WorldSpec:
        return replace(super().spec, identity=replace(super().spec.identity, sha256="f" * 64))


def test_several_sessions_are_one_data_set(session: Path, tmp_path: Path) -> None:
    record(tmp_path / "second")
    asked = options([session, tmp_path / "second"], tmp_path / "out", "lerobot")
    assert export(asked).episodes == 4
    first = expected(asked)
    found = lerobot(asked.out)
    assert found["episode_ends"].tolist() == [18, 25, 43, 50]
    for name, value in first.items():
        if name.startswith("data/") and not name.endswith(("_rgb", "timestamp")):
            assert found[name].tobytes() == np.concatenate([value, value]).tobytes(), name
    assert len({line["session_uuid"] for line in lines(asked.out)}) == 2
    with pytest.raises(BadStore, match="are the same recording"):
        export(options([session, session], tmp_path / "twice", "lerobot"))


def only_some_steps(folder: Path, world: ToyWorld) -> None:
    from core.recorder import Recorder
    from tests.core.driving import open_session

    recorder = Recorder(folder, sync=False)
    recorded = open_session(sink=recorder, world=world)
    recorded.apply(v.Run())
    steps(recorded, 3)
    recorded.apply(v.SetReview("accepted"))
    recorder.close()


@pytest.mark.parametrize(("world", "words"), [
    (Slow(), r"their frames per second differ, 10 and 3\.33333"),
    (Small(), r"their cameras differ, top 32x32, front 32x32 and top 32x32"),
    (Renamed(), r"their worlds differ, toy \(.*\) and toy \(ffffffffffff\)"),
])  # fmt: skip
def test_sessions_that_differ_are_refused(session: Path, tmp_path: Path, world: ToyWorld, words: str) -> None:
    only_some_steps(tmp_path / "other", world)
    with pytest.raises(BadStore, match=words):
        export(options([session, tmp_path / "other"], tmp_path / "out", "robomimic"))


def test_a_rate_that_lerobot_does_not_know(tmp_path: Path) -> None:
    only_some_steps(tmp_path / "slow", Slow())
    with pytest.raises(BadConfig, match=r"has 3\.333 \(a step is 0\.3 s\)"):
        export(options(tmp_path / "slow", tmp_path / "out", "lerobot"))
    assert export(options(tmp_path / "slow", tmp_path / "out", "diffusion-policy")).steps == 3


def test_an_export_while_the_session_is_being_recorded(tmp_path: Path) -> None:
    """The steps that were there when it began are exported; recording goes on meanwhile."""
    session, recorder = record(tmp_path / "session", close=False)
    recorder.flush()
    stop = threading.Event()

    def go_on() -> None:
        while not stop.is_set():
            session.apply(v.NewEpisode(3))
            session.apply(v.Run())
            steps(session, 20)
            recorder.flush()  # a disk that is behind would stop the rollout

    writer = threading.Thread(target=go_on)
    writer.start()
    try:
        for number in range(3):
            asked = options(tmp_path / "session", tmp_path / f"out{number}", "diffusion-policy", window=2)
            assert export(asked).episodes == 2
    finally:
        stop.set()
        writer.join()
        recorder.close()
    for number in range(3):
        asked = options(tmp_path / "session", tmp_path / f"out{number}", "diffusion-policy", window=2)
        same(replay_buffer(asked.out), expected(asked))


def test_an_empty_folder_and_a_torn_frame(tmp_path: Path, session: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadStore, match="is empty; there is nothing to export"):
        export(options(tmp_path / "empty", tmp_path / "out", "robomimic"))
    torn = tmp_path / "torn"
    shutil.copytree(session, torn)
    for shard in (torn / "frames/top").glob("c.*"):
        os.truncate(shard, 8)
    with pytest.raises(BadStore, match=r"picture of node .* is missing or torn"):
        export(options(torn, tmp_path / "out", "robomimic"))
    assert not (tmp_path / "out").exists()


class Foreign(ToyWorld):
    """The toy world whose actions mean something else."""

    @property
    def spec(self) -> WorldSpec:
        return changed(super().spec, codec="joint-angles-v7")


def test_actions_that_mean_something_else_are_refused(tmp_path: Path) -> None:
    only_some_steps(tmp_path / "foreign", Foreign())
    with pytest.raises(BadStore, match="codec 'joint-angles-v7'; exports know 'bimanual-ee-absolute-rotvec-v1'"):
        export(options(tmp_path / "foreign", tmp_path / "out", "robomimic"))
