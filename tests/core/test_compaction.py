"""A closed session gets smaller and stays what it is, wherever the compaction is killed."""

import json
import shutil
import threading
from pathlib import Path

import pytest
import zarr

from core.errors import BadStore
from core.store.archive import open_archive
from core.store.columns import Column
from core.store.compaction import compacting, size_of
from core.store.packed import BIG_CHUNK_BYTES, packing_for
from core.store.verify import verify
from main import main
from tests.core.stored import expected, node, opened, record, same_stored, trunk
from tests.core.test_store import FORKED, holds_all, told


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compaction") / "s"
    recorder = opened(folder)
    told(recorder)
    recorder.close()
    return folder


@pytest.fixture
def session(closed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(closed, tmp_path / "s"))


def arrays(folder: Path) -> dict[str, list[object]]:
    """Everything that plain zarr-python reads."""
    group = zarr.open_group(folder, mode="r")
    found = {name: a for name, a in group.members(max_depth=None) if isinstance(a, zarr.Array)}
    return {
        name: [str(a.dtype), a.shape, a[:].tolist() if a.dtype.kind not in "biuf" else a[:].tobytes()]
        for name, a in sorted(found.items())
    }


def test_it_gets_smaller_and_reads_the_same_for_us_and_for_plain_zarr(session: Path) -> None:
    before, size, open_before = arrays(session), size_of(session), open_archive(session)
    assert open_before.node(1, 35) is not None
    for _ in compacting(session, sync=False):
        pass
    assert size_of(session).bytes < size.bytes
    assert arrays(session) == before
    holds_all(open_before)  # a reader that had it open continues
    holds_all(open_archive(session))
    verdict = verify(session)
    assert verdict.findings == []
    assert verdict.unchecked == 0


def test_killed_between_any_two_pieces_it_is_whole_and_what_is_left_over_goes(session: Path, tmp_path: Path) -> None:
    work, pieces = compacting(session, sync=False), 0
    for _ in work:
        pieces += 1
        if pieces % 16:
            continue
        copy = Path(shutil.copytree(session, tmp_path / f"copy{pieces}"))
        (copy / "writer.lock").unlink()
        (copy / "nodes/action/9.0").write_bytes(b"half")  # of a shard that was never put in place
        assert verify(copy).ok
        opened(copy).close()
        assert not list(
            copy.glob("nodes/action/[0-9]*" if (copy / "nodes/action/c.0.0").exists() else "nodes/action/c.*")
        )
        holds_all(open_archive(copy))
        assert verify(copy).ok
    assert pieces > 40
    holds_all(open_archive(session))


def test_a_compacted_session_is_gone_on_with_and_compacted_again(session: Path) -> None:
    for _ in compacting(session, sync=False):
        pass
    recorder = opened(session)
    record(recorder, 1, 30 + FORKED, 150, 5000)
    recorder.flush()
    recorder.abandon()
    recorder = opened(session)
    record(recorder, 1, 180 + FORKED, 3, 6000)
    recorder.close()
    for _ in range(2):
        archive = open_archive(session)
        assert all(same_stored(archive.node(1, 31 + FORKED + i), expected(5000 + i)) for i in range(150))
        assert all(same_stored(archive.node(1, 181 + FORKED + i), expected(6000 + i)) for i in range(3))
        assert len(archive.column("trust", 1)) == FORKED + 153
        assert verify(session).findings == []
        for _ in compacting(session, sync=False):
            pass


def test_recording_does_not_wait_for_a_compaction(session: Path) -> None:
    recorders = []
    work = compacting(session)
    next(work)
    thread = threading.Thread(target=lambda: recorders.append(opened(session)))
    thread.start()
    for _ in work:
        pass
    thread.join(20.0)
    (recorder,) = recorders
    holds_all(recorder.archive)
    recorder.close()
    assert not (session / "writer.wanted").exists()
    assert verify(session).ok


def test_what_is_damaged_or_not_closed_is_left_as_it_is(session: Path, tmp_path: Path) -> None:
    path = session / "frames/top/c.1.0.0.0"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(BadStore, match=r"frames/top is damaged.*Nothing was lost"):
        list(compacting(session))
    assert path.read_bytes() == bytes(data)
    recorder = opened(tmp_path / "open")
    recorder.episode(trunk(), node(0, start=True))
    recorder.flush()
    recorder.abandon()
    with pytest.raises(BadStore, match="was not closed"):
        list(compacting(tmp_path / "open"))
    with pytest.raises(BadStore, match="no session"):
        list(compacting(tmp_path / "nowhere"))


def test_a_picture_is_never_packed_so_that_scrubbing_would_wait() -> None:
    for side, rows in [(32, 2), (128, 2), (224, 2), (480, 1), (1080, 1)]:
        packing = packing_for(Column("frames/top", "uint8", (side, side, 3)))
        assert packing.chunk == rows
        assert packing.chunk == 1 or packing.chunk * side * side * 3 <= BIG_CHUNK_BYTES
    assert packing_for(Column("nodes/trust", "float64", ())).chunk == 1024


def test_the_command_prints_the_size_before_and_after(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    size = size_of(session)
    assert main(["compact", "--json", str(session.parent)]) == 0
    (one,) = json.loads(capsys.readouterr().out)["sessions"]
    assert one["before_bytes"] == size.bytes
    assert one["after_bytes"] == size_of(session).bytes < size.bytes
    assert one["finished"] is True
    assert main(["compact", str(session)]) == 0
    assert "0% less" in capsys.readouterr().out
