import numpy as np
import pytest

from models.policies.chunks.scaling import Scaling, shrink
from models.tasks.toy.world import HOME, LIMITS


def demonstrated(count: int = 200) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    states = LIMITS.clip(HOME + random.normal(0.0, 0.05, (count, 14)).astype(np.float32))
    steps = random.normal(0.0, 0.01, (count, 8, 14)).cumsum(1).astype(np.float32)
    return states, LIMITS.clip(states[:, None] + steps)


def test_there_and_back_again() -> None:
    states, chunks = demonstrated()
    scaling = Scaling.fit(states, chunks)
    assert np.allclose(scaling.actions(scaling.normalised(chunks, states), states), chunks, atol=1e-5)


def test_demonstrations_fill_the_range_at_every_step() -> None:
    states, chunks = demonstrated()
    numbers = Scaling.fit(states, chunks).normalised(chunks, states)
    assert (np.abs(numbers) <= 1.0).mean() > 0.98
    assert (np.abs(numbers[:, :, 0]).max(0) > 0.7).all(), "a step has a range that is not its own"


def test_positions_and_yaw_are_relative_the_rest_is_absolute() -> None:
    states, chunks = demonstrated()
    scaling = Scaling.fit(states, chunks)
    moved = np.zeros(14, np.float32)
    moved[[0, 8, 5]] = 0.1
    a, b = (scaling.normalised(chunks + shift, states + shift) for shift in (np.float32(0.0), moved))
    assert np.allclose(a, b, atol=1e-4)
    opened = np.zeros(14, np.float32)
    opened[6] = 0.1
    assert not np.allclose(a, scaling.normalised(chunks + opened, states + opened), atol=1e-2)


def test_shrinking_is_the_mean_of_blocks_and_exact() -> None:
    random = np.random.default_rng(0)
    frames = random.integers(0, 256, (3, 8, 8, 3), np.uint8)
    small = shrink(frames, 4)
    assert small.dtype == np.uint8
    assert np.abs(small - frames.reshape(3, 4, 2, 4, 2, 3).mean((2, 4))).max() <= 0.5
    assert np.array_equal(shrink(frames[0], 4), small[0])
    assert shrink(frames, 8) is frames
    with pytest.raises(ValueError, match="whole factor"):
        shrink(frames, 3)
