"""How fast the simulator leaves itself when it starts a little off: printed beside every horizon figure.

    python -m models.tasks.push_t.evaluation.chaos

Writes assets/reference/chaos.json, which evaluations of learned worlds read without a simulator.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import BadStore
from core.seeds import generator

CHAOS_PATH: Final = Path("assets/reference/chaos.json")
HORIZONS: Final = (1, 10, 50, 100, 200)
OFFSET_M: Final = 0.001
OFFSET_RAD: Final = np.deg2rad(1.0)
FIRST_SEED: Final = 900_000
"""Below the seeds of every collected set."""


@dataclass(frozen=True, slots=True)
class ChaosRow:
    """Drift of the T after some steps of the same actions; centimetres and degrees."""

    steps: int
    mean_cm: float
    median_cm: float
    mean_deg: float
    median_deg: float


def measure(seeds: Sequence[int]) -> list[ChaosRow]:
    """Play each episode's actions again from a T that is 1 mm and 1 degree off."""
    from models.tasks.push_t.data.episodes import record  # the simulator only loads where it is used
    from models.worlds.reference.world import load

    world = load()
    episodes = [record(world, seed, max(HORIZONS) + 1, pictures=False) for seed in seeds]
    states = []
    for seed, episode in zip(seeds, episodes, strict=True):
        random = generator(seed)
        angle, sign = random.uniform(-np.pi, np.pi), random.choice([-1.0, 1.0])
        off = np.array([OFFSET_M * np.cos(angle), OFFSET_M * np.sin(angle), sign * OFFSET_RAD])
        states.append(world.at(episode.truth["object_pose"][0] + off, episode.ee_state[0].astype(np.float64)))
    offs = np.zeros((len(seeds), len(HORIZONS), 2))
    for i in range(max(HORIZONS)):
        states, _ = world.step(states, np.stack([e.action[i][None] for e in episodes]), seeds)
        if i + 1 in HORIZONS:
            drifts = [
                _drift(world.truth(s)["object_pose"], e.truth["object_pose"][i + 1])
                for s, e in zip(states, episodes, strict=True)
            ]
            offs[:, HORIZONS.index(i + 1)] = drifts
    cm, deg = 100 * offs[..., 0], np.rad2deg(offs[..., 1])
    middle = cm.mean(0), np.median(cm, 0), deg.mean(0), np.median(deg, 0)
    return [ChaosRow(h, *(float(column[i]) for column in middle)) for i, h in enumerate(HORIZONS)]


def _drift(pose: NDArray[np.float64], truth: NDArray[np.float32]) -> tuple[float, float]:
    """Metres and radians between two planar poses."""
    gap = pose - truth
    return float(np.linalg.norm(gap[:2])), float(abs((gap[2] + np.pi) % (2 * np.pi) - np.pi))


def write(rows: Sequence[ChaosRow], episodes: int, about: Mapping[str, Any], path: Path = CHAOS_PATH) -> None:
    """Save the table with what it was measured on."""
    table = [{name: getattr(row, name) for name in row.__slots__} for row in rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"offset_m": OFFSET_M, "offset_rad": OFFSET_RAD, "episodes": episodes, "rows": table, **about}
    path.write_text(json.dumps(content, indent=1) + "\n")


def read(path: Path = CHAOS_PATH) -> list[ChaosRow]:
    """The saved table.

    Raises:
        BadStore: it is missing or not readable.
    """
    try:
        return [ChaosRow(**row) for row in json.loads(path.read_text())["rows"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadStore(
            f"The chaos table {path} cannot be read: {error}. Run `python -m models.tasks.push_t.evaluation.chaos`."
        ) from error


def describe(rows: Sequence[ChaosRow]) -> str:
    """The table as text."""
    lines = ["steps   T off, cm: mean  median   degrees: mean  median"]
    lines += [f"{r.steps:5d} {r.mean_cm:15.2f} {r.median_cm:7.2f} {r.mean_deg:15.1f} {r.median_deg:7.1f}" for r in rows]
    return "\n".join(lines)


def main() -> int:
    """Measure, save, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--episodes", type=int, default=200)
    args = parser.parse_args()
    rows = measure(range(FIRST_SEED, FIRST_SEED + args.episodes))
    from models.worlds.reference.world import load

    write(rows, args.episodes, {"world": load().spec.identity.to_dict()})
    sys.stdout.write(describe(rows) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
