"""Noise is a function of branch seed and step index, never of a hidden generator."""

import numpy as np


def step_seed(branch_seed: int, step: int) -> int:
    """The seed of one step of a branch, 0 .. 2**63 - 1."""
    words = np.random.SeedSequence((branch_seed, step)).generate_state(2, np.uint32)
    return int((int(words[0]) << 32 | int(words[1])) >> 1)


def generator(seed: int) -> np.random.Generator:
    """The generator of a seed."""
    return np.random.Generator(np.random.PCG64(seed))
