import pytest

from models.worlds.reference.world import ReferenceWorld, load


@pytest.fixture(scope="session")
def world() -> ReferenceWorld:
    return load()
