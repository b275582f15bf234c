"""A program that records is killed for real; what it had shown as recorded is there."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import StoreBusy
from core.store.archive import open_archive
from tests.core.stored import expected, opened, same_stored

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from pathlib import Path
from tests.core.stored import node, opened, step, trunk
recorder = opened(Path(sys.argv[1]))
recorder.episode(trunk(), node(0, start=True))
for number in range(100_000):
    recorder.step(step(0, number, number + 1))
    while recorder.waiting > 20:
        pass
    print(recorder.recorded, flush=True)
"""


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_killed_at_any_instant_it_loses_nothing_that_was_shown_as_recorded(tmp_path: Path, seed: int) -> None:
    folder, shown = tmp_path / "s", 0
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    assert program.stdout is not None
    with program.stdout as lines:
        wanted = 70 + seed * 40  # past a fold
        for line in lines:
            shown = int(line)
            if shown >= wanted:
                break
        with pytest.raises(StoreBusy, match=f"process {program.pid}"):
            opened(folder)
        time.sleep(random.Random(seed).uniform(0.0, 0.1))
        program.kill()
        shown = max([shown, *(int(line) for line in lines if line.endswith("\n"))])
    program.wait()
    recorder = opened(folder)
    assert recorder.archive.steps >= shown
    recorder.close()
    archive = open_archive(folder)
    assert archive.steps >= shown
    assert all(same_stored(archive.node(0, i), expected(i)) for i in range(1, archive.steps + 1))
