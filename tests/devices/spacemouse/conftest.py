from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.emulated.pucks import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    with rig.below_easyhid():
        yield rig
