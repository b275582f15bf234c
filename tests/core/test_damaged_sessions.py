"""Sessions that came damaged, or from a stranger: every tool answers in words, and one bad one hides no good one."""

import json
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from app.review.loader import load
from app.sessions.rows import read_row
from core.errors import BadStore
from core.recorder import Recorder
from core.regular_files import irregular, parse_json, read_bytes
from core.store import small_tables as table
from core.store.archive import open_archive
from core.store.columns import compressed, content_size, decompressed, frame_length, shard_rows
from core.store.repair import repair
from core.store.root import sealed
from core.store.serialization import workcell_values
from core.store.verify import verify
from main import main
from tests.core.stored import opened
from tests.core.test_store import told


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("damaged") / "bad"
    recorder = opened(folder)
    told(recorder)
    recorder.close()
    return folder


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    """A folder of two sessions, "bad" and "good"; the tests damage the first."""
    shutil.copytree(whole, tmp_path / "bad")
    shutil.copytree(whole, tmp_path / "good")
    return tmp_path


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def rewrite_root(session: Path, change: Callable[[dict], None]) -> None:  # type: ignore[type-arg]
    """As an attacker who knows the format: the seal and the copy fit what was changed."""
    values = json.loads((session / "zarr.json").read_text())["attributes"]
    values.pop("seal")
    change(values)
    for path, attributes in (("zarr.json", sealed(values)), ("checks/zarr.json", {"root": sealed(values)})):
        text = json.dumps({"zarr_format": 3, "node_type": "group", "attributes": attributes})
        (session / path).write_text(text)


def rewrite_camera(session: Path, **values: object) -> None:
    def change(root: dict) -> None:  # type: ignore[type-arg]
        dict(workcell_values(root["world"]))["cameras"][0].update(values)

    rewrite_root(session, change)


def rewrite_column(session: Path, name: str, change: Callable[[list], None]) -> None:  # type: ignore[type-arg]
    """Change cells of a column of the table of branches."""
    column = next(column for column in table.BRANCHES if column.name == name)
    cells = table.read_chunk(session / "branches", column, 0)
    change(cells)
    table.write_chunk(session / "branches", column, 0, cells)


def cycle(parents: list[int]) -> None:
    parents[1], parents[2] = 2, 1


def put(place: int, value: object) -> Callable[[list], None]:  # type: ignore[type-arg]
    return lambda cells: cells.__setitem__(place, value)


def few_names(session: Path) -> None:
    (session / "branches/name/c.0").write_bytes(compressed(b"\x01\0\0\0\x02\0\0\0ab"))


def deep(session: Path) -> None:
    (session / "zarr.json").write_text("[" * 100_000)
    (session / "checks/zarr.json").unlink()


def sparse(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    path.touch()
    os.truncate(path, 40 << 30)


def link(path: Path, target: str) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    path.symlink_to(target)


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a shard that is cut in half": lambda s: halve(s / "frames/top/c.1.0.0.0"),
    "fewer names than branches": few_names,
    "a root that is nested 100,000 deep": deep,
    "a sparse journal of 40 GB": lambda s: sparse(s / "journal/00000099.journal"),
    "a sparse shard of 40 GB": lambda s: sparse(s / "frames/top/c.1.0.0.0"),
    "a sparse block of 40 GB": lambda s: sparse(s / "nodes/action/c.0.0"),
    "a sparse root of 40 GB": lambda s: sparse(s / "zarr.json") or (s / "checks/zarr.json").unlink(),
    "a cycle in the tree": lambda s: rewrite_column(s, "parent", cycle),
    "a branch that is its own parent": lambda s: rewrite_column(s, "parent", put(1, 1)),
    "a fork behind the parent's end": lambda s: rewrite_column(s, "fork_step", put(1, 2**50)),
    "a length of 2^50": lambda s: rewrite_column(s, "length", put(1, 2**50)),
    "another episode than the parent": lambda s: rewrite_column(s, "episode", put(1, 10**9)),
    "2^50 nodes": lambda s: rewrite_root(s, lambda v: v["committed"].update(nodes=2**50)),
    "2^50 branches": lambda s: rewrite_root(s, lambda v: v["committed"].update(branches=2**50)),
    "a number that is a text": lambda s: rewrite_root(s, lambda v: v["committed"].update(nodes="many")),
    "a picture of 10^6 x 10^6": lambda s: rewrite_camera(s, width=10**6),
    "a camera that leads out": lambda s: rewrite_camera(s, name="../../x"),
    "no states": lambda s: rewrite_root(s, lambda v: v.pop("states")),
    "a shard that is a link to /dev/zero": lambda s: link(s / "frames/top/c.0.0.0.0", "/dev/zero"),
    "a folder that is a link": lambda s: link(s / "frames", "/"),
    "a root that is a pipe": lambda s: pipe(s / "zarr.json"),
    "a lock that is a pipe": lambda s: os.mkfifo(s / "writer.lock"),
    "a frame that says 2^50": lambda s: (s / "branches/note/c.0").write_bytes(
        bytes.fromhex("28b52ffde0") + (2**50).to_bytes(8, "little") + bytes(20)
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGES)
def test_every_tool_answers_in_words_and_the_good_session_is_there(
    folder: Path, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = folder / "bad"
    DAMAGES[what](bad)
    outside = sorted(path.name for path in folder.iterdir())
    assert main(["verify", "--json", str(folder)]) == 1
    out, err = capsys.readouterr()
    ok = {Path(session["folder"]).name: session["ok"] for session in json.loads(out)["sessions"]}
    assert ok == {"bad": False, "good": True}
    assert "1 of 2 sessions is damaged" in err
    assert main(["sessions", "--json", str(folder)]) == 0
    rows = {Path(row["folder"]).name: row for row in json.loads(capsys.readouterr().out)}
    assert rows["good"]["broken"] is None
    loaded = load(bad)
    words = [err, rows["bad"]["broken"] or "", loaded.trouble]
    try:
        Recorder(bad, sync=False).close()
    except BadStore as error:
        words.append(str(error))
    assert main(["repair", str(bad)]) in (0, 1)
    words += capsys.readouterr()
    assert not any("unexpected" in text or "Error" in text or "Errno" in text for text in words), words
    assert {path.name for path in folder.iterdir()} - set(outside) <= {"bad.before-repair"}


def test_verify_and_sessions_agree_about_a_root_that_is_missing_or_no_object(folder: Path) -> None:
    (folder / "bad/zarr.json").write_text("[1, 2, 3]")
    assert read_row(folder / "bad").broken == ""
    assert "its copy is whole" in verify(folder / "bad").findings[0].words
    (folder / "bad/zarr.json").unlink()
    assert read_row(folder / "bad").steps == read_row(folder / "good").steps
    assert repair(folder / "bad").verdict.ok


def test_a_repair_writes_nothing_through_a_link(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    link(folder / "bad/frames", str(outside))
    with pytest.raises(BadStore, match="frames: a link"):
        repair(folder / "bad")
    assert not list(outside.iterdir())
    with pytest.raises(BadStore, match="frames: a link"):
        Recorder(folder / "bad", sync=False)
    assert not list(outside.iterdir())


def test_a_cut_shard_is_named_and_the_others_are_checked(folder: Path) -> None:
    halve(folder / "bad/frames/top/c.1.0.0.0")
    halve(folder / "bad/frames/front/c.0.0.0.0")
    named = list(dict.fromkeys(finding.path for finding in verify(folder / "bad").findings))
    assert named == ["frames/top/c.1.0.0.0", "frames/front/c.0.0.0.0"]
    assert open_archive(folder / "bad").frame(0, 3, "top").shape == (40, 40, 3)


def test_a_damaged_journal_keeps_its_bytes_without_filling_the_disk(folder: Path) -> None:
    journal = folder / "bad/journal/00000099.journal"
    sparse(journal)
    with open(journal, "r+b") as file:
        file.write(b"HIWMJRNL\x01\0" + bytes(6))
    Recorder(folder / "bad", sync=False).close()
    kept = folder / "bad/journal/00000099.damaged"
    assert kept.stat().st_size == 40 << 30
    assert kept.stat().st_blocks * 512 < 1 << 20


def test_a_frame_is_refused_before_anything_is_allocated_for_it() -> None:
    data = np.random.default_rng(0).integers(0, 255, 5000).astype(np.uint8).tobytes()
    frame = compressed(data)
    assert content_size(frame) == 5000
    assert decompressed(frame, 5000) == data
    for size in (0, 255, 256, 65_791, 65_792, 70_000):
        assert content_size(compressed(bytes(size))) == size
        assert frame_length(b"ab" + compressed(bytes(size)) + frame, 2) == len(compressed(bytes(size)))
    assert [frame_length(frame[:size], 0) for size in (0, 5, 9, len(frame) - 1)] == [0, 0, 0, 0]
    for broken in (b"", frame[:5], b"x" + frame, frame[:4] + b"\xe0" + (2**50).to_bytes(8, "little")):
        with pytest.raises(ValueError, match=r"zstd|compressed"):
            decompressed(broken, 5000)


def test_files_that_are_too_large_or_too_deep_are_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(100))
    assert len(read_bytes(tmp_path / "f", 100)) == 100
    with pytest.raises(ValueError, match="100 bytes"):
        read_bytes(tmp_path / "f", 99)
    with pytest.raises(ValueError, match="fewer"):
        shard_rows(tmp_path / "f", 5000)
    with pytest.raises(ValueError, match="too deeply"):
        parse_json("[" * 100_000)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("f")
    assert irregular(tmp_path) == [(tmp_path / "link", "a link"), (tmp_path / "pipe", "a pipe")]
    for name in ("pipe", "link"):
        with pytest.raises(OSError, match="it is a"):
            read_bytes(tmp_path / name, 100)


def test_a_new_session_is_for_its_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        opened(tmp_path / "s").close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700


def test_a_changed_label_is_found_and_a_repair_reports_that_it_was_kept(folder: Path) -> None:
    bad = folder / "bad"
    rewrite_column(bad, "note", put(1, "somebody else's words"))
    assert [f.path for f in verify(bad).findings if f.path] == ["branches"]
    with pytest.raises(BadStore, match="branch 1 of its table of branches is not what was recorded"):
        open_archive(bad)
    done = repair(bad)
    assert done.verdict.ok
    assert "taken as they are" in done.mends[0].words
    assert open_archive(bad).tree().branches[1].note == "somebody else's words"


def test_the_length_of_a_branch_is_counted_again(folder: Path) -> None:
    rewrite_column(folder / "bad", "length", put(1, 2**50))
    assert not verify(folder / "bad").ok
    assert [mend.path for mend in repair(folder / "bad").mends] == ["branches/length/c.0"]
    assert verify(folder / "bad").findings == []


def test_a_session_whose_tables_have_no_checksums_is_whole_and_gets_them(folder: Path) -> None:
    bad = folder / "bad"
    rewrite_root(bad, lambda values: values["checks"].pop("tables"))
    for name in ("branches", "verbs", "edits"):
        shutil.rmtree(bad / name / "check")
    assert verify(bad).findings == []
    Recorder(bad, sync=False).close()
    assert (bad / "branches/check/c.0").exists()
    assert verify(bad).findings == []


def test_rows_that_are_not_what_was_recorded_are_not_read_where_they_are_held_against_their_checksums(
    folder: Path,
) -> None:
    path = folder / "bad/nodes/action/c.0.0"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    shutil.copy(folder / "bad/frames/top/c.1.0.0.0", folder / "bad/frames/top/c.0.0.0.0")
    assert open_archive(folder / "bad").column("action", 0).shape[1] == 14
    archive = open_archive(folder / "bad", checked=True)
    with pytest.raises(BadStore, match="not what was recorded"):
        archive.column("action", 0)
    with pytest.raises(BadStore, match="not what was recorded"):
        archive.frame(0, 3, "top")
    assert archive.column("trust", 0).shape
