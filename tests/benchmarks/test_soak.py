import json
from pathlib import Path

import pytest

from benchmarks import soak
from benchmarks.soak import Course, growth, slope


def test_it_runs_and_ends_with_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(soak, "OUT", tmp_path)
    assert soak.main(["--steps", "1000"]) == 0
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])["figures"]
    assert figures["steps"]["value"] == 1000
    assert figures["lost"]["value"] == 0
    assert figures["branches"]["value"] >= 1
    assert list(tmp_path.iterdir()) == []


def test_a_leak_and_a_slowdown_are_noticed() -> None:
    steps = list(range(1000, 21_000, 1000))
    flat = Course(steps, [100.0] * 20)
    leak = Course(steps, [100 + step / 1e4 for step in steps])
    assert abs(slope(flat)) < 1e-6
    assert slope(leak) == pytest.approx(10.0)
    filling = Course(steps, [min(step, 15_000) / 100 for step in steps], full_at=15_000)
    assert abs(slope(filling)) < 1e-6, "a cache that fills up is no leak"
    assert growth(steps, [1e-3 * step for step in steps]) == pytest.approx(1.0)
    assert growth(steps, [1e-9 * step**3 for step in steps]) > 3
