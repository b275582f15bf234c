from pathlib import Path

import pytest

from app.opening.config import Config
from app.opening.loading import load_world
from core.errors import BadConfig


def test_weights_belong_to_the_learned_world_whatever_else_could_open() -> None:
    with pytest.raises(BadConfig, match=r"nowhere\.safetensors is missing"):
        load_world(Config(world_weights=Path("nowhere.safetensors")), lambda words: None)


def test_weights_for_a_world_without_weights_are_refused_by_name() -> None:
    with pytest.raises(BadConfig, match="'toy' has no weights"):
        load_world(Config(world="toy", world_weights=Path("any.safetensors")), lambda words: None)
