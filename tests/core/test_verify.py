"""A session is checked from end to end, and mended where what is lost can be made again."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr

from core.errors import BadStore, StoreBusy
from core.recorder import Recorder
from core.store.archive import open_archive
from core.store.compaction import compacting
from core.store.repair import repair
from core.store.verify import verify
from main import main
from tests.core.stored import node, opened, record, trunk
from tests.core.test_store import FORKED, LATE, TRUNK, Direct, holds_all, told

STEPS = TRUNK + FORKED + LATE


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("verify") / "s"
    recorder = opened(folder)
    told(recorder)
    recorder.close()
    return folder


@pytest.fixture
def session(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "s"))


def flip(path: Path, place: float) -> None:
    """Turn one bit at a place 0..1 of a file."""
    data = bytearray(path.read_bytes())
    data[int(place * (len(data) - 1))] ^= 16
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_whole_session_is_reported_whole_and_every_row_has_a_checksum(session: Path) -> None:
    before = files_of(session)
    verdict = verify(session)
    assert verdict.ok
    assert verdict.findings == []
    assert verdict.steps == STEPS
    assert verdict.rows > 25 * STEPS
    assert verdict.unchecked == 0
    assert files_of(session) == before


def test_plain_zarr_can_check_it_with_three_lines(session: Path) -> None:
    import zlib

    group = zarr.open_group(session, mode="r")
    names = group.attrs["checks"]["columns"]
    rows = group["checks/rows"][:]
    assert len(rows) > 30
    for column, start, stop, crc in rows:
        assert zlib.crc32(group[names[column]][start:stop].tobytes()) == crc


DAMAGES: dict[str, Callable[[Path], None]] = {
    "a flat row": lambda s: flip(s / "nodes/action/c.0.0", 0.01),
    "a label of a node": lambda s: flip(s / "nodes/success/c.0", 0.005),
    "a picture": lambda s: flip(s / "frames/top/c.1.0.0.0", 0.4),
    "a picture that is another one": lambda s: shutil.copy(s / "frames/top/c.1.0.0.0", s / "frames/top/c.0.0.0.0"),
    "a missing shard": lambda s: (s / "frames/front/c.0.0.0.0").unlink(),
    "a missing block of numbers": lambda s: (s / "nodes/trust/c.0").unlink(),
    "a block that is cut": lambda s: cut(s / "nodes/ee_state/c.0.0", 100),
    "a small state": lambda s: flip(s / "states/control/2/target/c.0.0", 0.05),
    "a big state": lambda s: (s / "states/world/0/map/c.1.0.0.0").unlink(),
    "the tree": lambda s: flip(s / "branches/parent/c.0", 0.5),
    "a name": lambda s: flip(s / "branches/name/c.0", 0.5),
    "a verb": lambda s: (s / "verbs/verb/c.0").unlink(),
    "the checksums": lambda s: (s / "checks/rows/c.0.0").unlink(),
    "one checksum": lambda s: flip(s / "checks/rows/c.0.0", 0.03),
    "a shared array": lambda s: flip(next(p for p in (s / "shared").glob("*/c.0.0") if p.stat().st_size), 0.6),
    "the root": lambda s: (s / "zarr.json").write_bytes((s / "zarr.json").read_bytes()[:-100]),
    "the root's numbers": lambda s: (s / "zarr.json").write_text(
        (s / "zarr.json").read_text().replace('"nodes": 160', '"nodes": 159')
    ),
    "the copy of the root": lambda s: (s / "checks/zarr.json").unlink(),
    "an array's zarr.json": lambda s: (s / "nodes/action/zarr.json").write_text("{"),
    "an array's length": lambda s: (s / "frames/top/zarr.json").write_text(
        (s / "frames/top/zarr.json").read_text().replace('"shape": [160', '"shape": [100')
    ),
}
MENDED = {
    "the root", "the root's numbers", "the copy of the root", "an array's zarr.json", "an array's length",
    "the checksums", "one checksum", "a name", "a verb",
}  # fmt: skip
"""What a repair makes whole; of the rest it keeps its hands off."""


@pytest.mark.parametrize("what", DAMAGES)
def test_damage_is_found_mended_where_it_can_be_and_never_made_worse(session: Path, what: str) -> None:
    DAMAGES[what](session)
    before = files_of(session)
    assert before, what
    found = verify(session)
    assert not found.ok, what
    assert files_of(session) == before, "to look changes nothing"
    done = repair(session)
    assert done.verdict.ok is (what in MENDED), [f.words for f in done.verdict.findings]
    kept = {} if done.copies is None else files_of(done.copies)
    for name, data in before.items():
        path = session / name
        assert (path.is_file() and path.read_bytes() == data) or kept.get(name) == data, f"{name} is gone"
    if what in MENDED:
        assert open_archive(session).steps == STEPS
        assert done.mends
        if what not in ("a name", "a verb"):
            holds_all(open_archive(session))
        assert zarr.open_group(session, mode="r")["frames/top"].shape[0] == 1 + STEPS
    else:
        assert files_of(session) == before


def test_a_torn_index_of_a_shard_is_made_again_from_its_pictures(session: Path) -> None:
    path = session / "frames/top/c.1.0.0.0"
    data = path.read_bytes()
    path.write_bytes(data[:-1024] + bytes(1024))
    assert "cannot be read" in verify(session).findings[0].words
    done = repair(session)
    assert done.verdict.ok
    assert path.read_bytes() == data
    holds_all(open_archive(session))


def test_the_order_of_the_nodes_is_counted_again(session: Path) -> None:
    flip(session / "nodes/index/c.0", 0.06)
    with pytest.raises(BadStore, match=r"not in order.*main.py repair"):
        open_archive(session)
    done = repair(session)
    assert [mend.path for mend in done.mends] == ["nodes/index"]
    assert done.verdict.ok
    holds_all(open_archive(session))


def test_a_block_that_lost_what_lies_behind_its_rows_gets_its_length_back(session: Path) -> None:
    cut(session / "nodes/progress/c.0", 8 * (1 + STEPS))
    assert not verify(session).ok
    assert repair(session).verdict.ok
    holds_all(open_archive(session))


def test_a_session_that_was_not_closed_is_whole_and_a_repair_closes_it(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    told(recorder)
    recorder.flush()
    recorder.abandon()
    (tmp_path / "s/nodes/x.partial").write_bytes(b"half")
    verdict = verify(tmp_path / "s")
    assert verdict.ok
    assert verdict.steps == STEPS
    assert any("was not closed" in finding.words for finding in verdict.findings)
    done = repair(tmp_path / "s")
    assert done.verdict.ok
    assert done.verdict.findings == []
    assert done.copies is not None
    assert (done.copies / "nodes/x.partial").read_bytes() == b"half"
    holds_all(open_archive(tmp_path / "s"))


def test_a_session_from_before_there_were_checksums_opens_is_whole_and_goes_on(session: Path) -> None:
    values = json.loads((session / "zarr.json").read_bytes())
    for name in ("seal", "checks"):
        del values["attributes"][name]
    (session / "zarr.json").write_text(json.dumps(values))
    shutil.rmtree(session / "checks")
    verdict = verify(session)
    assert verdict.ok
    assert verdict.unchecked == verdict.rows
    holds_all(open_archive(session))
    recorder = opened(session)
    record(recorder, 0, TRUNK + LATE, 5, 3000)
    recorder.close()
    again = verify(session)
    assert again.ok
    assert 0 < again.unchecked < again.rows


def test_additions_with_plain_zarr_break_nothing(session: Path) -> None:
    zarr.open_group(session, mode="r+").attrs["note"] = "for the paper"
    assert verify(session).ok
    holds_all(open_archive(session))


def test_a_torn_root_is_reported_and_the_session_opens_from_its_copy(session: Path) -> None:
    torn = (session / "zarr.json").read_bytes()[:200]
    (session / "zarr.json").write_bytes(torn)
    archive = open_archive(session)
    assert archive.recovery.words() == "The session's zarr.json is torn; its copy was read instead."
    holds_all(archive)
    recorder = opened(session)
    assert (session / "journal/zarr.damaged").read_bytes() == torn
    recorder.close()
    assert open_archive(session).recovery.words() == ""
    (session / "zarr.json").write_bytes(torn)
    (session / "checks/zarr.json").unlink()
    with pytest.raises(BadStore, match=r"zarr.json is damaged .it is torn., and there is no copy of it"):
        open_archive(session)


def test_killed_between_the_first_root_and_its_copy_it_is_whole(tmp_path: Path) -> None:
    direct = Direct(tmp_path / "s")
    direct.writer.abandon()
    (tmp_path / "s/checks/zarr.json").unlink()
    verdict = verify(tmp_path / "s")
    assert verdict.ok
    assert any("had not yet written" in finding.words for finding in verdict.findings)
    opened(tmp_path / "s").close()
    assert verify(tmp_path / "s").findings == []


def test_a_session_that_is_open_elsewhere_is_left_alone(tmp_path: Path) -> None:
    recorder = opened(tmp_path / "s")
    recorder.episode(trunk(), node(0, start=True))
    for work in (verify, repair):
        with pytest.raises(StoreBusy, match="process"):
            work(tmp_path / "s")
    recorder.close()
    assert verify(tmp_path / "s").ok


def test_the_commands_answer_people_and_programs(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(session)]) == 0
    assert "whole" in capsys.readouterr().out
    assert main(["verify", "--json", str(session.parent)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["ok"] is True
    assert [one["steps"] for one in answer["sessions"]] == [STEPS]
    flip(session / "frames/top/c.1.0.0.0", 0.4)
    (session / "nodes/action/zarr.json").unlink()
    assert main(["verify", str(session)]) == 1
    out, err = capsys.readouterr()
    assert "DAMAGED" in out
    assert err.count("\n") == 1
    assert f"main.py repair {session}" in err
    assert main(["repair", "--json", str(session)]) == 1
    done = json.loads(capsys.readouterr().out)
    assert [mend["path"] for mend in done["mends"]] == ["nodes/action/zarr.json"]
    assert done["ok"] is False
    (session.parent / "s.before-repair").mkdir()
    shutil.copy(session / "zarr.json", session.parent / "s.before-repair")
    assert main(["verify", "--json", str(session.parent)]) == 1
    assert len(json.loads(capsys.readouterr().out)["sessions"]) == 1, "what a repair kept is no session"
    (session / "nodes/action/c.0.0").unlink()
    assert main(["verify", str(session)]) == 1
    missing = [line for line in capsys.readouterr().out.splitlines() if "nodes/action/c.0.0" in line]
    assert missing == ["  ! nodes/action/c.0.0: It is missing."]
    (tmp_path / "empty").mkdir()
    for words in (
        ["verify", str(tmp_path / "empty")],
        ["repair", str(tmp_path / "no")],
        ["repair", str(tmp_path / "empty")],
        ["compact", str(tmp_path / "no")],
    ):
        assert main(words) == 1
        assert capsys.readouterr().err.count("\n") == 1
    assert not list((tmp_path / "empty").iterdir())


@pytest.mark.parametrize("name", ["closed", "killed"])
def test_sessions_that_the_program_of_2026_11_24_recorded_open_and_go_on(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(Path(__file__).parent / "recorded/sessions_2026_11_24.zip") as sessions:
        sessions.extractall(tmp_path)
    folder = tmp_path / name
    verdict = verify(folder)
    assert verdict.ok
    assert verdict.unchecked == verdict.rows
    archive = open_archive(folder)
    assert archive.steps == verdict.steps == 72
    branches = archive.tree().branches
    assert branches[1].name == "before there were checksums"
    assert branches[0].markers[0].text == "slips"
    pictures = [archive.frame(1, index, "top") for index in range(23)]
    Recorder(folder, sync=False).close()
    assert verify(folder).ok
    for _ in compacting(folder):
        pass
    again = open_archive(folder)
    assert again.steps == 72
    assert dict(again.tree().branches) == dict(branches)
    assert all(np.array_equal(again.frame(1, index, "top"), picture) for index, picture in enumerate(pictures))
    assert verify(folder).ok


def test_states_whose_shape_comes_and_goes_have_their_checksums_too(tmp_path: Path) -> None:
    direct, at = Direct(tmp_path / "s"), 0
    direct.writer.append(direct.encoder.episode(trunk(), node(0, start=True)))
    for count in (1, 1, 1, 1, 2, 3, 1, 5):
        direct.steps(at, count)
        at += count
        for _ in direct.writer.folding():
            pass
    direct.writer.close()
    verdict = verify(tmp_path / "s")
    assert verdict.findings == []
    assert verdict.unchecked == 0
