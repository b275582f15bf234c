from pathlib import Path

import pytest

from app.opening.config import Config
from app.opening.loading import load_policy, load_world
from app.opening.session_folder import made_by
from core.errors import BadCheckpoint, BadConfig
from models.tasks.toy.world import ToyWorld
from tests.app.recorded_session import write_small
from tests.models.post_training.toy_data import write_base


def test_weights_belong_to_the_learned_world_whatever_else_could_open() -> None:
    with pytest.raises(BadConfig, match=r"nowhere\.safetensors is missing"):
        load_world(Config(world_weights=Path("nowhere.safetensors")), lambda words: None)


def test_weights_for_a_world_without_weights_are_refused_by_name() -> None:
    with pytest.raises(BadConfig, match="'toy' has no weights"):
        load_world(Config(world="toy", world_weights=Path("any.safetensors")), lambda words: None)


def test_weights_say_which_policy_drives(tmp_path: Path) -> None:
    weights = write_base(tmp_path / "mine.safetensors")
    policy, why = load_policy(Config(world="toy", policy_weights=weights), ToyWorld(), lambda words: None)
    assert policy.spec.identity.name == "diffusion"
    assert why == ""
    with pytest.raises(BadCheckpoint, match="no policy weights"):
        load_policy(Config(policy_weights=tmp_path / "none.safetensors"), ToyWorld(), lambda words: None)
    with pytest.raises(BadConfig, match="takes no weights"):
        load_policy(Config(policy="toy", policy_weights=weights), ToyWorld(), lambda words: None)


def test_weights_do_not_follow_into_a_session_of_another_kind_of_policy(tmp_path: Path) -> None:
    weights = write_base(tmp_path / "mine.safetensors")
    session = write_small(tmp_path / "session", task="toy")
    assert made_by(Config(session=session, policy_weights=weights)).policy_weights == weights
    for other in ("flow", "hold"):
        named = Config(session=session, policy=other, policy_weights=weights)
        assert made_by(named).policy_weights is None
