"""Shipped starts: what the first observations of the first seeds look like, so that no simulator is needed.

    python -m models.tasks.push_t.data.starts

Writes assets/starts/push_t.npz: ``seeds`` (S,), ``ee_state`` (S, 14) float32, and per camera ``<camera>_png``, the
PNG files of all starts one after the other (uint8), with ``<camera>_ends`` (S,), where each of them ends.
"""

import argparse
import io
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.task import Scene
from models.tasks.push_t import geometry as g
from models.tasks.push_t.scenes import start_parameters

STARTS_PATH: Final = Path("assets/starts/push_t.npz")
STARTS: Final = 128


def png(frame: NDArray[np.uint8]) -> bytes:
    """A frame (H, W, 3) as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(frame).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def write_starts(path: Path, count: int) -> int:
    """Draw the starts of seeds 0 .. count - 1 and write them. Returns bytes."""
    from models.worlds.reference.world import load  # the simulator only loads where it is used

    world = load()
    files: dict[str, list[bytes]] = {camera.name: [] for camera in g.CAMERAS}
    ee_state = np.zeros((count, 14), np.float32)
    for seed in range(count):
        (state,) = world.reset([Scene(g.TASK, seed, start_parameters(seed))], [seed])
        (seen,) = world.observe([state])
        ee_state[seed] = seen.ee_state
        for name, frame in seen.frames.items():
            files[name].append(png(frame))
    arrays: dict[str, Any] = {"seeds": np.arange(count, dtype=np.int64), "ee_state": ee_state}
    for name, pngs in files.items():
        arrays[f"{name}_png"] = np.frombuffer(b"".join(pngs), np.uint8)
        arrays[f"{name}_ends"] = np.cumsum([len(p) for p in pngs])
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        np.savez(file, **arrays)
    return path.stat().st_size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.add_argument("--count", type=int, default=STARTS, help="number of starts (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=STARTS_PATH, help="file to write (default: %(default)s)")


def run(args: argparse.Namespace) -> int:
    """Write the shipped starts."""
    size = write_starts(args.out, args.count)
    sys.stdout.write(f"{args.count} starts in {args.out}, {size / 1e6:.2f} MB\n")
    return 0


if __name__ == "__main__":
    _parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(_parser)
    raise SystemExit(run(_parser.parse_args()))
