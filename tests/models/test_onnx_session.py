"""Cached graphs are checked against their hash; where the cache cannot be written the export still runs."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.errors import PartFailed
from models.onnx_session import session

KEY = "0" * 64


class Exporter:
    """Writes a graph that adds a number; counts how often."""

    def __init__(self, number: float) -> None:
        self.number, self.calls = number, 0

    def __call__(self, path: Path) -> None:
        self.calls += 1
        x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy")
        addend = helper.make_tensor("c", TensorProto.FLOAT, [1], [self.number])
        graph = helper.make_graph([helper.make_node("Add", ["x", "c"], ["y"])], "adds", [x], [y], [addend])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def output(export: Exporter, name: str = "adds") -> float:
    """What the graph makes of zero."""
    return float(session(name, KEY, export).run(None, {"x": np.zeros(1, np.float32)})[0][0])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HI_WM_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "onnx"


def test_the_second_start_reads_the_cached_graph(cache: Path) -> None:
    export = Exporter(1.0)
    assert output(export) == output(export) == 1.0
    assert export.calls == 1


def test_cached_files_are_readable_by_their_user_only(cache: Path) -> None:
    cache.mkdir(parents=True, mode=0o755)
    output(Exporter(1.0))
    assert cache.stat().st_mode & 0o777 == 0o700
    assert {file.suffix: file.stat().st_mode & 0o777 for file in cache.iterdir()} == {".onnx": 0o600, ".sha256": 0o600}


def test_a_graph_with_other_weights_is_exported_again(cache: Path) -> None:
    output(Exporter(1.0))
    Exporter(2.0)(next(cache.glob("*.onnx")))  # a whole graph, but not the one that was cached
    export = Exporter(1.0)
    assert output(export) == 1.0
    assert export.calls == 1
    assert output(export) == 1.0
    assert export.calls == 1, "the mended cache was not used"


def test_a_graph_in_the_place_of_another_is_exported_again(cache: Path) -> None:
    output(Exporter(1.0), "first")
    output(Exporter(2.0), "second")
    first, second = (next(cache.glob(f"{name}*.onnx")) for name in ("first", "second"))
    first.write_bytes(second.read_bytes())
    assert output(Exporter(1.0), "first") == 1.0


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"0" * 64])
def test_a_graph_without_its_hash_is_exported_again(cache: Path, content: bytes | None) -> None:
    output(Exporter(1.0))
    beside = next(cache.glob("*.sha256"))
    if content is None:
        beside.unlink()
    else:
        beside.write_bytes(content)
    export = Exporter(1.0)
    assert output(export) == 1.0
    assert export.calls == 1


def test_a_cache_that_cannot_be_written_costs_one_export_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("HI_WM_CACHE", str(tmp_path / "file"))
    export = Exporter(3.0)
    assert output(export) == output(export) == 3.0
    assert export.calls == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_an_export_without_room_is_named(cache: Path) -> None:
    def full(path: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(PartFailed, match=r"'adds' cannot be exported.*No space left.*TMPDIR"):
        session("adds", KEY, full)


def test_a_fresh_graph_that_does_not_load_is_named(cache: Path) -> None:
    with pytest.raises(PartFailed, match="cannot load the fresh graph of 'adds'"):
        session("adds", KEY, lambda path: path.write_bytes(b"no graph") and None)
