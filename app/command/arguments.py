"""Argument types that `run` and `demo` share."""

import argparse
import math
from typing import Final

from app.opening.scene_book import FIRST_SEED
from core.settings import SPEED_RANGE

LEAST_MEMORY_MB: Final = 16
MOST_MEMORY_MB: Final = 1 << 20


def size(text: str) -> tuple[int, int]:
    """1280x800 -> (1280, 800)."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and int(width) >= 640 and int(height) >= 400):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800 (at least 640x400)")
    return int(width), int(height)


def seed(text: str) -> int:
    """A seed of the task's scenes."""
    if not text.isdecimal() or int(text) >= FIRST_SEED:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 0 to {FIRST_SEED - 1}")
    return int(text)


def megabytes(text: str) -> int:
    """Bytes of a whole number of MB."""
    if not text.isdecimal() or not LEAST_MEMORY_MB <= int(text) <= MOST_MEMORY_MB:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of MB from {LEAST_MEMORY_MB} to {MOST_MEMORY_MB}")
    return int(text) << 20


def speed(text: str) -> float:
    """World seconds per wall second."""
    low, high = SPEED_RANGE
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not low <= value <= high:  # NaN is nowhere
        raise argparse.ArgumentTypeError(f"{text!r} is not a speed from {low} to {high}")
    return value
