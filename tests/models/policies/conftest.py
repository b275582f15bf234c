from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.models.policies.tiny import write_tiny, write_tiny_flow


@pytest.fixture(scope="session")
def tiny_paths(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Kind -> weights of a tiny policy of that kind; their graphs go to a cache of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HI_WM_CACHE", str(tmp_path_factory.mktemp("cache")))
        folder = tmp_path_factory.mktemp("weights")
        yield {"diffusion": write_tiny(folder), "flow": write_tiny_flow(folder)}


@pytest.fixture
def tiny_path(tiny_paths: dict[str, Path]) -> Path:
    """Weights of the tiny diffusion policy."""
    return tiny_paths["diffusion"]
