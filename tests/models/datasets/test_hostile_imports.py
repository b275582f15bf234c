"""Whatever a data set holds: one line of words, exit code 1, and nothing that looks like a result."""

import json
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import zarr
from numcodecs import Zstd

import main
from models.datasets import zarr2
from tests.models.datasets.foreign import NAMES, Made, episodes, lerobot_v3, lerobot_v21, push_t_buffer, video

DATA, TOP = "data/chunk-000/file-000.parquet", "videos/observation.images.top/chunk-000/file-000.mp4"
META = "meta/episodes/chunk-000/file-000.parquet"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sound")
    made = episodes([6, 5])
    return {
        "v3": lerobot_v3(folder / "v3", made),
        "v21": lerobot_v21(folder / "v21", made),
        "push": push_t_buffer(folder / "push.zarr"),
    }


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def about(folder: Path, **changes: Any) -> None:
    path = folder / "meta/info.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def episode_rows(folder: Path, change: Callable[[list[dict[str, Any]]], Any]) -> None:
    import pyarrow as pa

    rows = pq.read_table(folder / META).to_pylist()
    change(rows)
    pq.write_table(pa.Table.from_pylist(rows), folder / META)


def described(folder: Path, name: str, **changes: Any) -> None:
    path = folder / "data" / name / ".zarray"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def slow_video(folder: Path) -> None:
    (made,) = episodes([11])
    video(folder / TOP, made.frames["top"], 5)


def without_a_row(folder: Path) -> None:
    table = pq.read_table(folder / DATA)
    pq.write_table(table.take([0, 1, 3, 4, 5, 6, 7, 8, 9, 10]), folder / DATA)


def bomb(folder: Path) -> None:
    """A chunk of a few bytes that says it is a gigabyte."""
    described(folder, "action", compressor={"id": "zstd", "level": 1})
    for chunk in (folder / "data/action").glob("[0-9]*"):
        chunk.write_bytes(bytes(Zstd(1).encode(np.zeros(1 << 28, np.uint8))))


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("pickle-was-run"),))


def pickled(folder: Path) -> None:
    described(folder, "action", dtype="|O", filters=[{"id": "pickle", "protocol": 5}], compressor=None)
    for chunk in (folder / "data/action").glob("[0-9]*"):
        chunk.write_bytes(pickle.dumps(Evil()))


HARM: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "truncated parquet": ("v3", lambda f: cut(f / DATA), "torn"),
    "truncated table of episodes": ("v3", lambda f: cut(f / META), "torn"),
    "no table of episodes": ("v3", lambda f: shutil.rmtree(f / "meta/episodes"), "meta/episodes"),
    "missing parquet": ("v21", lambda f: (f / "data/chunk-000/episode_000001.parquet").unlink(), "missing"),
    "missing video": ("v3", lambda f: (f / TOP).unlink(), "missing"),
    "truncated video": ("v3", lambda f: cut(f / TOP), "torn"),
    "no video at all": ("v3", lambda f: (f / TOP).write_bytes(b"#EXTM3U\n/etc/passwd\n"), "torn"),
    "wrong fps": ("v3", slow_video, "5 pictures per second"),
    "no fps": ("v3", lambda f: about(f, fps=0), "torn"),
    "too slow": ("v21", lambda f: about(f, fps=3), "3 rows per second"),
    "other version": ("v3", lambda f: about(f, codebase_version="v1.6"), "v1.6"),
    "path out of the folder": ("v3", lambda f: about(f, data_path="../../etc/{chunk_index}{file_index}"), "outside"),
    "path with a formula": ("v3", lambda f: about(f, video_path="{video_key.__class__}"), "missing"),
    "gap in v3": ("v3", lambda f: episode_rows(f, lambda rows: rows[1].update(episode_index=2)), "episode is missing"),
    "gap in v2.1": (
        "v21", lambda f: (f / "meta/episodes.jsonl").write_text('{"episode_index": 1, "length": 5}\n'), "missing",
    ),
    "huge episode": ("v3", lambda f: episode_rows(f, lambda rows: rows[0].update(length=10**12)), "claims"),
    "longer than its video": (
        "v3", lambda f: episode_rows(f, lambda r: r[1].update({"videos/observation.images.top/from_timestamp": 3.0})),
        "ends before",
    ),
    "a row is missing": ("v3", without_a_row, "rows are missing"),
    "no features": ("v3", lambda f: about(f, features={"action": {"dtype": "float32", "shape": ["x"]}}), "torn"),
    "a shape that is none": ("push", lambda f: described(f, "keypoint", shape=[24, []]), "torn"),
    "not json": ("v3", lambda f: (f / "meta/info.json").write_text("{"), "torn"),
    "pickle": ("push", pickled, "not a plain array"),
    "codec of its own": ("push", lambda f: described(f, "action", compressor={"id": "imagecodecs_jpegxl"}), "Blosc"),
    "bomb": ("push", bomb, "claims 268435456 bytes"),
    "huge chunk": ("push", lambda f: described(f, "action", chunks=[10**9, 10**3]), "not a plain array"),
    "torn chunk": ("push", lambda f: cut(f / "data/action/2.0"), "torn"),
    "missing chunk": ("push", lambda f: (f / "data/img/1.0.0.0").unlink(), "missing"),
    "cut off": ("push", lambda f: described(f, "state", shape=[20, 5]), "cut off"),
    "empty folder": ("push", lambda f: (shutil.rmtree(f), f.mkdir()), "neither"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARM)
def test_harm_is_one_line_of_words(
    name: str, sound: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    kind, harm, words = HARM[name]
    folder = tmp_path / "set"
    shutil.copytree(sound[kind], folder)
    harm(folder)
    monkeypatch.chdir(tmp_path)
    assert main.main(["import", str(folder), "--as", "data", "--out", str(tmp_path / "out")]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert len([line for line in lines if line.startswith("main.py import:")]) == 1
    assert words in lines[-1]
    assert "unexpected" not in lines[-1]
    assert not Path("pickle-was-run").exists()


def test_a_zip_bomb_is_not_unpacked(
    sound: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zarr2, "MOST_BYTES", 8 << 20)  # a bomb of 300 MB takes seconds to make
    path = tmp_path / "push.zarr.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for member in sorted(sound["push"].rglob("*")):
            if member.is_file() and member.name != "1.0.0.0":
                file.write(member, member.relative_to(sound["push"]))
        with file.open("data/img/1.0.0.0", "w", force_zip64=True) as out:
            for _ in range(30):
                out.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 20
    assert main.main(["import", str(path), "--as", "data", "--out", str(tmp_path / "out")]) == 1
    assert "unpacks to 30 MB" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("names", "width", "words"),
    [
        (["left_waist", "left_shoulder"] * 7, 14, "joint angles"),
        (["x", "y", "z", "roll", "pitch", "yaw", "gripper"], 7, "rotation vectors"),
        (None, 14, "--layout bimanual-ee"),
        (None, 6, "have no names that identify them"),
    ],
)
def test_numbers_that_are_no_end_effectors_are_refused(
    names: list[str] | None, width: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = [Made(m.frames, m.state[:, :width], m.action[:, :width]) for m in episodes([5])]
    folder = lerobot_v3(tmp_path / "set", made, names=names)
    assert main.main(["import", str(folder), "--as", "data", "--out", str(tmp_path / "out")]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--action", "actions"], "no column 'actions'; it has"),
        (["--camera", "top=wrist"], "no pictures 'wrist'"),
        (["--camera", "side=observation.images.top"], "no camera 'side'"),
        (["--camera", "top"], "NAME=COLUMN"),
        (["--layout", "arm-ee"], "has 14 numbers, this layout needs 7"),
        (["--episodes", "7"], "no episode 7"),
        (["--episodes", "x"], "numbers and ranges"),
        (["--base", "2", "0", "0", "0", "0", "0"], "outside the workspace"),
    ],
)
def test_options_that_do_not_fit_say_what_there_is(
    options: list[str], words: str, sound: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main.main(["import", str(sound["v3"]), "--as", "data", "--out", out, *options]) == 1
    assert words in capsys.readouterr().err


def test_a_session_and_a_missing_folder_are_distinguished(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    zarr.open_group(tmp_path / "v3.zarr", mode="w", zarr_format=3)
    for path, words in ((tmp_path / "v3.zarr", "Zarr v3"), (tmp_path / "none", "There is nothing")):
        assert main.main(["import", str(path), "--as", "data", "--out", str(tmp_path / "out")]) == 1
        assert words in capsys.readouterr().err


def test_positions_in_millimetres_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = [Made(m.frames, m.state * 1000, m.action * 1000) for m in episodes([5])]
    folder = lerobot_v3(tmp_path / "set", made, names=NAMES)
    assert main.main(["import", str(folder), "--as", "data", "--out", str(tmp_path / "out")]) == 1
    assert "another unit" in capsys.readouterr().err
