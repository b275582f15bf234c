import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.demo import performance
from app.demo.driver import DemoDriver, DemoFailed
from app.demo.performance import perform
from app.demo.script import DemoResult
from app.opening import opener
from app.opening.config import Config

ROOT = Path(__file__).parents[3]


def test_the_demo_plays_on_the_toy_world_without_a_screen(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    words = ["demo", "--world", "toy", "--seed", "1", "--speed", "4", "--out", str(tmp_path), "--json"]
    done = subprocess.run(
        [sys.executable, "main.py", *words], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert len(summary["corrections"]) == 3
    good = sum(correction["outcome"] == "success" for correction in summary["corrections"])
    assert good > 0
    assert summary["corrections_that_succeeded"] == f"{good} of 3"
    assert summary["replayed_exactly"] is True
    assert len(summary["pictures"]) >= 10
    for path in summary["pictures"]:
        assert Path(path).read_bytes().startswith(b"\x89PNG")
        assert Path(path).stat().st_size > 10_000


def test_without_xvfb_the_demo_names_what_is_missing(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "main.py", "demo", "--out", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Xvfb" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_demo_says_why_a_stand_in_drives_and_drives_with_it(
    qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load, said = opener.load_policy, list[str]()
    monkeypatch.setattr(opener, "load_policy", lambda *given: (load(*given)[0], "Stand-in: it rests."))
    monkeypatch.setattr(performance, "play", let_the_policy_drive)
    with pytest.raises(DemoFailed, match="enough"):
        perform(Config(world="toy", sessions=tmp_path / "sessions"), tmp_path / "out", said.append)
    assert "Stand-in: it rests." in said


def let_the_policy_drive(hand: DemoDriver, operators: object) -> DemoResult:
    hand.command("run")
    hand.until(lambda: hand.status.phase == "AUTONOMOUS", "the policy to drive", 10.0)
    raise DemoFailed("enough")
