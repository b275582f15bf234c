from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """Tiny networks only wait for each other's threads, and one thread rounds the same everywhere."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True, scope="module")
def no_pictures() -> Iterator[None]:
    """Drawing the curves takes most of the time of a tiny training; test_curves.py draws some."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("models.training.policy.curves.draw", lambda history, path: None)
        yield
