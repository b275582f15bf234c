"""What an export refuses in words: numbers that are not finite, a full disk, a place without a name."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import BadConfig, BadStore
from main import main
from models.datasets.export.run import export
from tests.models.datasets.recorded import options, record


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sessions") / "toy"
    record(folder)
    return folder


@pytest.mark.parametrize(("name", "value"), [("action", np.nan), ("ee_state", np.inf), ("trust", np.inf)])
def test_numbers_that_are_not_finite_never_leave(tmp_path: Path, name: str, value: float) -> None:
    record(tmp_path / "toy")
    path = next((tmp_path / "toy/nodes" / name).glob("c.0*"))
    with open(path, "r+b") as file:
        rows = np.full(60 * (1 if name == "trust" else 14), value, "<f8" if name == "trust" else "<f4")
        file.write(rows.tobytes())
    with pytest.raises(BadStore, match=r"finite number|not what was recorded"):
        export(options(tmp_path / "toy", tmp_path / "out", "diffusion-policy"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("room", [20_000, 120_000])  # an episode does not fit; all together do not
def test_a_robomimic_export_onto_a_full_disk_ends_with_words(session: Path, tmp_path: Path, room: int) -> None:
    words = ["export", str(session), "--format", "robomimic", "--review", "any", "--out", str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, "main.py", *words],
        cwd=Path(__file__).parents[4],
        env=os.environ | {"XDG_STATE_HOME": str(tmp_path)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "File too large" in done.stderr
    assert "unexpected" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_place_without_a_name_is_refused(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for out in ("/", "."):
        assert main(["export", str(session), "--format", "robomimic", "--review", "any", "--out", out]) == 1
        assert "Name a new folder in it" in capsys.readouterr().err
    with pytest.raises(BadConfig, match="Name a new folder"):
        export(options(session, Path("/"), "robomimic"))


def test_rollouts_of_no_step_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rollout", "--world", "toy", "--policy", "toy", "--max-steps", "0"]) == 1
    assert "--max-steps must be at least 1" in capsys.readouterr().err


def test_settings_that_are_nested_too_deeply_are_refused_in_words(tmp_path: Path) -> None:
    from core.config import parse_toml

    with pytest.raises(ValueError, match="nested too deeply"):
        parse_toml("a = " + "[" * 100_000)
