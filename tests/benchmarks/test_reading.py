import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks import reading
from benchmarks.other_readers import BareShelf, BufferShelf, Rows, VideoShelf
from benchmarks.reading import Reads, Result, agreement, figures_of


def rows(length: int = 9) -> Rows:
    slope = np.linspace(0, 200, 64, dtype=np.uint8)
    base = np.broadcast_to(slope[None, :, None], (64, 64, 3))
    frames = np.stack([np.roll(base, 5 * i, axis=1) for i in range(2 * length)])
    numbers = np.arange(2 * length * 14, dtype=np.float32).reshape(-1, 14)
    first = np.repeat([0, length], length)
    return Rows({"top": frames, "front": frames[::-1].copy()}, numbers, numbers + 1, first, first + length - 1)


@pytest.mark.parametrize("codec", ["AV1", "h264"])
def test_a_video_gives_the_picture_of_the_requested_row(codec: str, tmp_path: Path) -> None:
    made = rows()
    shelf = VideoShelf(made, tmp_path, codec)
    for row in (17, 3, 4, 0, 16, 9):
        off = [np.abs(shelf.frame(row, "top").astype(int) - frame).mean() for frame in made.frames["top"]]
        assert int(np.argmin(off)) == row
    frames, measured, commanded = shelf.window(9)  # the first of an episode
    assert np.array_equal(frames[0][0], frames[0][1])
    assert np.array_equal(measured, made.ee_state[[9, 9]])
    assert np.array_equal(commanded[-1], made.action[17])
    shelf.close()


def test_a_reader_that_gives_another_row_is_caught(tmp_path: Path) -> None:
    made = rows()
    shelf = BufferShelf(made, tmp_path / "a.zarr", "2 MB, lz4")
    moved = Rows({c: np.roll(f, 1, axis=0) for c, f in made.frames.items()}, *(getattr(made, n) for n in (
        "ee_state", "action", "first", "last")))  # fmt: skip
    other = BufferShelf(moved, tmp_path / "b.zarr", "one picture, zstd")
    assert agreement([shelf, shelf], range(18)) == 0
    with pytest.raises(ValueError, match="something else at row"):
        agreement([shelf, other], [4])


def test_ratios_are_against_the_fastest_of_the_others() -> None:
    def reads(frame: float, window: float) -> Reads:
        return Reads([frame], [window])

    made = {
        "session": reads(0.5, 4), "session compacted": reads(1, 3),
        "LeRobot AV1": reads(9, 20), "LeRobot h264": reads(4, 30),
        "buffer, a": reads(2, 6), "buffer, b": reads(3, 3), "bare read": reads(0.1, 0.5),
    }  # fmt: skip
    figures = {f.name: f for f in figures_of(Result(made, dict.fromkeys(made, 1.0), 0.0, ""))}
    assert figures["random_ratio"].value == 4
    assert figures["random_ratio"].holds is False
    assert figures["window_ratio"].value == 0.75
    assert figures["window_ratio"].holds is False
    assert figures["window_video_ratio"].value == 5
    assert (figures["random_bare_ratio"].value, figures["window_bare_ratio"].value) == (10, 8)


def test_the_bare_read_gives_the_same_rows(tmp_path: Path) -> None:
    made = rows()
    bare, buffer = BareShelf(made, tmp_path / "bare"), BufferShelf(made, tmp_path / "a.zarr", "2 MB, lz4")
    assert agreement([bare, buffer], range(18)) == 0
    bare.close()


def test_it_runs_and_ends_with_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reading, "OUT", tmp_path)
    assert reading.main(["--world", "toy", "--quick"]) == 0
    answer = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert answer["benchmark"] == "reading"
    assert {"random_ratio", "window_ratio"} <= answer["figures"].keys()
    assert list(tmp_path.iterdir()) == []
