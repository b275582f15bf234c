"""Where a network learns."""

import torch

from core.errors import BadConfig


def chosen_device(wanted: str) -> str:
    """The torch device that "auto", "cpu" or "cuda" means here.

    Raises:
        BadConfig: CUDA was asked for, and there is none.
    """
    if wanted == "cuda" and not torch.cuda.is_available():
        raise BadConfig("--device cuda: torch finds no CUDA device. Use --device cpu, or see docs/install.md.")
    return "cuda" if wanted != "cpu" and torch.cuda.is_available() else "cpu"
