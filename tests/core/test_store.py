import errno
import io
import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from core import verbs as v
from core.branch_tree import Branch, Head, Marker
from core.errors import BadStore
from core.journal import Record
from core.recorder import Recorder
from core.store.archive import FrameCache, StoreArchive, open_archive
from core.store.column_files import ColumnFiles
from core.store.columns import SHARD_ROWS, Column
from core.store.encoder import Encoder
from core.store.layout import delta_of, delta_row
from core.store.opening import journal_files, read_session
from core.store.writer import StoreWriter
from tests.core.stored import (
    Verbatim,
    expected,
    info,
    node,
    opened,
    record,
    same_stored,
    step,
    trunk,
)

FORK = Branch(1, 0, 30, 30, 0, "correction", 5, 7, name="try – näher", markers=(Marker(31, "failure", "slips"),))
TRUNK, FORKED, LATE = 70, 80, 9
"""Steps of the trunk, then of the fork, then of the trunk again."""


def told(recorder: Recorder) -> None:
    """A trunk, a fork, and the trunk goes on; labels change."""
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, TRUNK, 1)
    recorder.verb(v.RollBack(0, 30))
    recorder.moved(Head(0, 30))
    recorder.branch(FORK)
    record(recorder, 1, 30, FORKED, 1000)
    recorder.verb(v.SetSpeed(0.5))
    recorder.branch(replace(FORK, review="accepted", length=30 + FORKED))
    record(recorder, 0, TRUNK, LATE, 2000)
    recorder.moved(Head(1, 40))


def holds_all(archive: StoreArchive) -> None:
    """Everything that was passed to the recorder is there, bit for bit."""
    assert archive.head() == Head(1, 40)
    first, second = archive.tree().branches.values()
    assert first == trunk(length=TRUNK + LATE)
    assert second == replace(FORK, review="accepted", length=30 + FORKED)
    assert archive.steps == TRUNK + FORKED + LATE
    numbers = {(0, i): i for i in range(1, TRUNK + 1)} | {(1, 31 + i): 1000 + i for i in range(FORKED)}
    numbers |= {(0, TRUNK + 1 + i): 2000 + i for i in range(LATE)}
    assert same_stored(archive.node(0, 0), expected(0, start=True))
    for (branch, index), number in numbers.items():
        assert archive.holds(branch, index)
        assert same_stored(archive.node(branch, index), expected(number)), (branch, index)
    for branch, index, camera in [(0, 0, "front"), (1, 30, "top"), (1, 12, "top"), (1, 99, "front")]:
        number = numbers[1, index] if index > 30 else index
        assert np.array_equal(archive.frame(branch, index, camera), expected(number).observation.frames[camera])
    assert archive.settings == {"speed": 0.5}
    for branch, index in [(1, 30), (0, TRUNK + LATE + 1), (2, 0), (-1, 3)]:
        assert not archive.holds(branch, index)
    columns = archive.column("delta", 1), archive.column("device", 1), archive.column("action_policy", 1)
    for place in range(FORKED):
        made = step(1, 30 + place, 1000 + place)
        assert columns[0][place].tobytes() == delta_row(made.delta).tobytes()
        assert archive.device(columns[1][place]) == made.device
        assert columns[2][place].tobytes() == made.action_policy.tobytes()


def test_everything_comes_back_bit_for_bit(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    told(recorder)
    assert recorder.flush()
    assert recorder.recorded == TRUNK + FORKED + LATE
    holds_all(recorder.archive)
    holds_all(open_archive(tmp_path / "s"))  # while it is being written
    recorder.close()
    recorder.close()
    holds_all(recorder.archive)
    holds_all(open_archive(tmp_path / "s"))
    assert not (tmp_path / "s" / "journal").exists()
    again = opened(tmp_path / "s")
    assert again.archive.recovery.words() == ""
    holds_all(again.archive)
    again.abandon()


def test_plain_zarr_opens_it(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    told(recorder)
    recorder.close()
    group = zarr.open_group(tmp_path / "s", mode="r")
    nodes = 1 + TRUNK + FORKED + LATE
    attributes = group.attrs.asdict()
    assert (attributes["format"], attributes["version"], attributes["closed"]) == ("hi-wm-session", 1, True)
    assert attributes["world"]["identity"]["name"] == "hand-made"
    assert attributes["told"] == "Nothing."
    assert attributes["committed"]["nodes"] == nodes
    assert [camera["name"] for camera in attributes["cameras"]] == ["top", "front"]
    members = dict(group.members(max_depth=None))  # a file that is no part of it would warn, and fail this test
    assert {array.shape[0] for name, array in members.items() if name.startswith(("nodes/", "frames/"))} == {nodes}
    branch, index = group["nodes/branch"][:], group["nodes/index"][:]
    for row in (0, 1, 63, 64, 100, nodes - 1):
        number = row if row <= TRUNK else 1000 + row - TRUNK - 1
        number = 2000 + LATE - 1 if row == nodes - 1 else number
        kept = expected(number, start=row == 0)
        assert np.array_equal(group["frames/top"][row], kept.observation.frames["top"])
        assert np.array_equal(group["nodes/action"][row], kept.action, equal_nan=True)
        layouts = attributes["states"]["layouts"]
        pose = next(a for a in layouts if a["part"] == "world")
        assert np.array_equal(group[f"states/world/{pose['id']}/pose"][row], kept.world.arrays["pose"])
        assert np.array_equal(group[f"states/world/{pose['id']}/map"][row], kept.world.arrays["map"])
    assert np.array_equal(index[branch == 1], np.arange(31, 31 + FORKED))
    assert list(group["branches/kind"][:]) == ["rollout", "correction"]
    assert list(group["branches/name"][:]) == ["", "try – näher"]
    assert json.loads(group["branches/markers"][:][1]) == [[31, "failure", "slips"]]
    assert group["branches/length"][:].tolist() == [TRUNK + LATE, 30 + FORKED]
    assert [json.loads(text)["verb"] for text in group["verbs/verb"][:]] == ["RollBack", "SetSpeed"]
    for array in ("outline", "nothing"):
        digests = {names[array] for names in attributes["states"]["shared_sets"]}
        for digest in digests:
            assert group[f"shared/{digest}"].shape == expected(0).world.shared[array].shape


def test_many_branches_and_verbs_span_chunks(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 3, 1)
    for number in range(1, 600):
        recorder.branch(Branch(number, 0, number % 4, number % 4, 0, "proposal", number, 7, name=f"b{number}"))
        recorder.verb(v.BranchHere())
        if number == 300:
            recorder.close()
            recorder = opened(tmp_path / "s")
    recorder.branch(replace(recorder.archive.tree().branches[2], review="rejected"))
    recorder.close()
    tree = open_archive(tmp_path / "s").tree()
    assert len(tree.branches) == 600
    assert [tree.branches[n].name for n in (1, 299, 300, 599)] == ["b1", "b299", "b300", "b599"]
    assert tree.branches[2].review == "rejected"
    group = zarr.open_group(tmp_path / "s", mode="r")
    assert group["branches/name"][:].tolist() == ["", *(f"b{n}" for n in range(1, 600))]
    assert len(group["verbs/verb"][:]) == 599
    assert set(group["verbs/nodes"][:].tolist()) == {4}


def test_episodes_begin_with_their_start_or_not_at_all(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    for episode in range(3):
        recorder.episode(trunk(episode, episode), node(episode, start=True))
    recorder.flush()
    assert recorder.recorded == 0
    recorder.close()
    group = zarr.open_group(tmp_path / "s", mode="r")
    assert group["episodes/trunk"][:].tolist() == [0, 1, 2]
    assert group["episodes/scene_seed"][:].tolist() == [7, 8, 9]
    archive = open_archive(tmp_path / "s")
    assert all(same_stored(archive.node(n, 0), expected(n, start=True)) for n in range(3))
    assert archive.steps == 0


def test_a_full_disk_at_the_end_does_not_promise_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    recorder.flush()
    monkeypatch.setattr("core.store.writer.StoreWriter.close", full)
    with pytest.raises(BadStore, match=r"disk is full.*What was recorded is safe; newer steps and changes are not on"):
        recorder.close()
    recorder.abandon()


def crashed(tmp_path: Path, nodes: int) -> Path:
    """A session with its nodes only in the journal."""
    folder = tmp_path / "s"
    recorder = opened(folder)
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, nodes - 1, 1)
    recorder.flush()
    recorder.abandon()
    return folder


def test_a_torn_journal_is_cut_at_its_last_whole_record_and_reported(tmp_path: Path) -> None:
    folder = crashed(tmp_path, 6)
    path = journal_files(folder)[-1][1]
    data = path.read_bytes()
    whole = read_session(folder).contents
    last = len(data) - len(whole.pending[5]) - 12
    ends = {*range(last, last + 300), *range(last, len(data), 397), *range(len(data) - 40, len(data))}
    for end in sorted(ends):
        path.write_bytes(data[:end])
        archive = open_archive(folder)
        assert archive.steps == 4
        assert archive.recovery.cut_bytes == end - last
        assert archive.tree().branches[0].length == 4
        assert not archive.holds(0, 5)
        assert archive.head() == Head(0, 4)
    recorder = opened(folder)
    assert recorder.archive.recovery.words() == (
        f"This session was not closed; 4 steps were brought back from its journal. {len(data) - 1 - last} bytes of a "
        "record that was being written were cut off its end."
    )
    record(recorder, 0, 4, 3, 500)
    recorder.close()
    archive = open_archive(folder)
    assert [same_stored(archive.node(0, i + 1), expected(n)) for i, n in enumerate([1, 2, 3, 4, 500, 501, 502])]
    assert same_stored(archive.node(0, 4), expected(4))
    assert same_stored(archive.node(0, 5), expected(500))


def test_damage_in_the_middle_of_a_journal_costs_what_it_hit_and_nothing_is_thrown_away(tmp_path: Path) -> None:
    folder = crashed(tmp_path, 6)
    path = journal_files(folder)[-1][1]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    recorder = opened(folder)
    kept = folder / "journal" / f"{path.stem}.damaged"
    assert recorder.archive.steps < 5
    assert kept.name in recorder.archive.recovery.words()
    assert kept.read_bytes() == bytes(data), "the data behind the damage is kept"
    held = recorder.archive.steps
    record(recorder, 0, held, 2, 500)
    recorder.close()
    assert kept.read_bytes() == bytes(data)
    archive = open_archive(folder)
    assert archive.steps == held + 2
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, held + 1))
    assert open_archive(folder).recovery.words() == ""


@pytest.mark.parametrize("how", ["flipped", "cut"])
def test_a_journal_behind_a_damaged_one_does_not_keep_the_session_closed(tmp_path: Path, how: str) -> None:
    direct = Direct(tmp_path / "s")
    direct.writer.append(direct.encoder.episode(trunk(), node(0, start=True)))
    direct.steps(0, 3)
    next(direct.writer.folding())  # goes on in a new file, then dies
    direct.steps(3, 3)
    child = trunk(1, parent=0, fork_step=2, kind="correction")
    direct.writer.append(direct.encoder.branch(child) + direct.encoder.moved(Head(1, 2)))
    direct.writer.append(direct.encoder.episode(trunk(2, 1), node(9, start=True)))
    direct.writer.abandon()
    first, second = (path for _, path in journal_files(tmp_path / "s"))
    data = bytearray(first.read_bytes())
    data[len(data) * 3 // 4] ^= 1
    first.write_bytes(data if how == "flipped" else data[: len(data) * 3 // 4])
    recorder = opened(tmp_path / "s")
    words, archive = recorder.archive.recovery.words(), recorder.archive
    assert f"{first.stem}.damaged" in words
    assert f"{second.stem}.damaged" in words
    assert 1 <= archive.steps < 3
    assert archive.head() == Head(0, archive.steps)
    assert list(archive.tree().branches) == [0]
    recorder.close()
    assert open_archive(tmp_path / "s").steps == archive.steps


def test_closing_keeps_foreign_files(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    record(recorder, 0, 0, 3, 1)
    recorder.flush()
    (tmp_path / "s" / "journal" / ".DS_Store").write_bytes(b"x")
    recorder.close()
    assert open_archive(tmp_path / "s").steps == 3


def test_steps_before_a_failed_one_are_recorded(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    busy, free = threading.Event(), threading.Event()

    def hold() -> list[Record]:
        busy.set()
        assert free.wait(20.0)
        return []

    recorder.episode(trunk(), node(0, start=True))
    recorder._queue.put(hold)
    assert busy.wait(20.0)
    record(recorder, 0, 0, 3, 1)
    torn = step(0, 3, 4)
    recorder.step(replace(torn, node=replace(torn.node, observation=replace(torn.node.observation, frames={}))))
    free.set()
    with pytest.raises(BadStore, match="picture of camera"):
        recorder.close()
    assert open_archive(tmp_path / "s").steps == 3


def test_a_partial_write_of_a_row_is_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Sparing(io.FileIO):
        def write(self, data: Any) -> int:
            return super().write(bytes(data)[: max(1, len(data) // 2)])

    monkeypatch.setattr("builtins.open", lambda path, mode, buffering=-1: Sparing(path, mode.replace("b", "")))
    column, rows = Column("c", "float64", (14,)), np.arange(140.0).reshape(10, 14)
    ColumnFiles(tmp_path).write_flat(column, 3, rows)
    monkeypatch.undo()
    assert np.array_equal(ColumnFiles(tmp_path).read_flat(column, 13)[3:], rows)


def test_plain_zarr_opens_it_after_recovery(tmp_path: Path) -> None:
    folder = crashed(tmp_path, 20)
    (folder / "zarr.json.partial").write_bytes(b"{")
    opened(folder).abandon()
    assert not list(folder.rglob("*.partial"))
    assert zarr.open_group(folder, mode="r")["frames/top"].shape[0] == 20


def test_blocks_are_filled_up_after_reopening(tmp_path: Path) -> None:
    count, at = 0, [10, SHARD_ROWS - 1, SHARD_ROWS, SHARD_ROWS + 1, 3 * SHARD_ROWS + 5]
    for target in at:
        recorder = opened(tmp_path / "s")
        if count == 0:
            recorder.episode(trunk(), node(0, start=True))
            count = 1
        record(recorder, 0, count - 1, target - count, count)
        count = target
        recorder.close()
    archive = open_archive(tmp_path / "s")
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, count))
    tops = zarr.open_group(tmp_path / "s", mode="r")["frames/top"][:]
    assert all(np.array_equal(tops[i], expected(i).observation.frames["top"]) for i in range(1, count))


class Direct:
    """A writer without its thread: what a session tells is recorded at once, folding is driven by the test."""

    def __init__(self, folder: Path) -> None:
        self.writer = StoreWriter(folder, sync=False)
        self.encoder = Encoder(self.writer.contents)
        self.writer.append(self.encoder.begin(info(), Verbatim(), 0.0))

    def steps(self, first: int, count: int) -> None:
        for index in range(first, first + count):
            self.writer.append(self.encoder.step(step(0, index, index + 1)))


def test_a_crash_between_any_two_pieces_of_a_fold_loses_nothing(tmp_path: Path) -> None:
    direct, pieces = Direct(tmp_path / "s"), 0
    direct.writer.append(direct.encoder.episode(trunk(), node(0, start=True)))
    direct.steps(0, SHARD_ROWS - 1)
    for _ in direct.writer.folding():
        pass
    direct.steps(SHARD_ROWS - 1, 10)
    told = SHARD_ROWS + 10
    folding = direct.writer.folding()
    for _ in folding:
        pieces += 1
        if pieces % 8 == 0:  # recording goes on meanwhile
            direct.steps(told - 1, 1)
            direct.writer.append(direct.encoder.verb(v.Pause(), 0.0))
            told += 1
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / "s", copy)
        archive = open_archive(copy)
        assert archive.steps == told - 1
        assert all(same_stored(archive.node(0, i), expected(i)) for i in range(SHARD_ROWS - 2, told))
        if pieces % 16 == 0:
            opened(copy).close()
            assert same_stored(open_archive(copy).node(0, told - 1), expected(told - 1))
            assert zarr.open_group(copy, mode="r")["frames/front"].shape[0] == told
        shutil.rmtree(copy)
    assert pieces > 30
    for _ in direct.writer.folding():
        pass
    assert not direct.writer.contents.pending
    direct.writer.close()
    assert open_archive(tmp_path / "s").steps == told - 1


def test_a_fold_that_is_given_up_may_be_begun_again(tmp_path: Path) -> None:
    direct = Direct(tmp_path / "s")
    direct.writer.append(direct.encoder.episode(trunk(), node(0, start=True)))
    for round_number in range(3):
        direct.steps(5 * round_number, 5)
        folding = direct.writer.folding()
        for _ in range(5 + 7 * round_number):
            next(folding)
        folding.close()
    direct.writer.close()
    archive = open_archive(tmp_path / "s")
    assert archive.tree().branches[0].length == 15
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, 16))
    assert zarr.open_group(tmp_path / "s", mode="r")["branches/length"][:].tolist() == [15]


def test_another_thread_reads_what_is_being_written(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    wrong: list[object] = []
    stop = threading.Event()

    def scrub() -> None:
        cache, random = FrameCache(recorder.archive, limit=20_000), np.random.default_rng(0)
        while not stop.is_set():
            length = recorder.archive.tree().branches[0].length if recorder.archive.holds(0, 0) else 0
            if length == 0:
                continue
            index = int(random.integers(1, length + 1))
            try:
                seen = cache.frame(0, index, "top"), recorder.archive.node(0, index)
            except BadStore as error:
                wrong.append(error)
                continue
            if not np.array_equal(seen[0], expected(index).observation.frames["top"]):
                wrong.append(index)
            if not same_stored(seen[1], expected(index)):
                wrong.append(index)

    reader = threading.Thread(target=scrub)
    reader.start()
    record(recorder, 0, 0, 300, 1)
    assert recorder.flush()
    stop.set()
    reader.join()
    recorder.close()
    assert wrong == []


def test_frames_are_remembered_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = open_archive(crashed(tmp_path, 10))
    reads: list[int] = []
    real = archive.frame
    monkeypatch.setattr(archive, "frame", lambda b, i, c: (reads.append(i), real(b, i, c))[1])
    cache = FrameCache(archive, limit=3 * 40 * 40 * 3)
    for index in (1, 2, 3, 1, 4, 1, 2):
        cache.frame(0, index, "top")
    assert reads == [1, 2, 3, 4, 2]


def test_a_delta_row_is_laid_out_as_an_action() -> None:
    made = step(0, 0, 1).delta
    again = delta_of(delta_row(made))
    for name in ("translation", "rotation", "gripper"):
        assert getattr(again, name).tobytes() == np.ascontiguousarray(getattr(made, name)).tobytes()
