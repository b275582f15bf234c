"""Exports opened by the projects they are for, each in a separate environment: make test-readers."""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.datasets.export.run import export
from tests.models.datasets.recorded import expected, options, record_push_t

pytestmark = pytest.mark.readers
HERE = Path(__file__).resolve().parent


def python(name: str) -> str:
    found = os.environ.get(f"READERS_{name.upper()}")
    if not found:
        pytest.fail(f"no environment of {name}; run make test-readers, which makes them")
    return found


def read(name: str, script: str, *words: object) -> dict[str, object]:
    done = subprocess.run(
        [python(name), "-W", "ignore", str(HERE / script), *map(str, words)], capture_output=True, text=True, cwd=HERE
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-6000:]
    told: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    print(told)
    return told


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures of the reference world: what videos look like there is what users get."""
    folder = tmp_path_factory.mktemp("sessions") / "push_t"
    record_push_t(folder)
    return folder


@pytest.mark.parametrize("codec", ["absolute", "delta"])
def test_diffusion_policy(session: Path, tmp_path: Path, codec: str) -> None:
    asked = options(session, tmp_path / "out", "diffusion-policy", codec=codec, window=3)
    export(asked)
    np.savez(tmp_path / "expected.npz", **expected(asked))
    assert read("zarr", "read_replay_buffer.py", tmp_path / "out", tmp_path / "expected.npz")["arrays"] == 16


@pytest.mark.parametrize("video", ["av1", "h264"])
def test_lerobot(session: Path, tmp_path: Path, video: str) -> None:
    asked = options(session, tmp_path / "out", "lerobot", window=3, video=video)
    export(asked)
    np.savez(tmp_path / "expected.npz", psnr=26.0, **expected(asked))
    told = read("robots", "read_lerobot.py", tmp_path / "out", tmp_path / "expected.npz", tmp_path)
    assert str(told["decoded"]["pyav"]).startswith("worst")  # type: ignore[index]


def test_robomimic(session: Path, tmp_path: Path) -> None:
    asked = options(session, tmp_path / "out", "robomimic", window=3, next_obs=True)
    export(asked)
    np.savez(tmp_path / "expected.npz", **expected(asked))
    assert read("robots", "read_robomimic.py", tmp_path / "out", tmp_path / "expected.npz")["demos"] == 2
