from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.policies.tiny import write_tiny


@pytest.fixture(scope="session")
def tiny_path(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Weights of a tiny policy; its graphs go to a cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HI_WM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield write_tiny(tmp_path_factory.mktemp("weights"))
