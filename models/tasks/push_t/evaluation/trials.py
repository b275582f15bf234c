"""The recorded trials that a learned world is measured on: test rollouts, pushes and odd starts, in one file.

    python -m models.tasks.push_t.evaluation.trials

records them in the reference world; reading them needs no simulator. Pictures are PNG files.
"""

import argparse
import io
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.errors import BadStore
from core.observation import Observation
from core.seeds import generator
from models.tasks.push_t import geometry as g
from models.tasks.push_t.evaluation.fidelity_metrics import Recorded

TRIALS: Final = Path(__file__).resolve().parents[4] / "assets" / "fidelity" / "push_t_trials.npz"
FIRST_SEED: Final = 950_000
"""Below the seeds of every collected set (push_t/data/collect.py): nothing was trained or tuned on these."""
LENGTH: Final = 201
PICTURED: Final = (0, 1, 10, *range(20, 201, 20), 50)
"""Frames of a rollout whose pictures are kept."""
FILMED: Final = 8
"""So many of the rollouts keep the top view of every frame, for the tracker."""
PUSH: Final = 0.12
"""How far the hand goes in a push, metres."""
PUSH_SPEED: Final = 0.008
"""Metres per step."""
ODD: Final = ("shipped", "colours", "clutter", "off_table")

NAMES: Final = (
    "rollout_rows", "rollout_kind", "push_rows", "odd_ee",
    *(f"{album}_{part}" for album in ("rollout", "push", "odd", "film") for part in ("png", "ends")),
)  # fmt: skip
"""Arrays of the file."""

Frames = Mapping[str, NDArray[np.uint8]]


class Album:
    """PNG pictures one after the other, with where each one ends."""

    def __init__(self) -> None:
        self._files: list[bytes] = []

    def add(self, frames: Frames) -> None:
        """Append one picture per camera."""
        for camera in g.CAMERAS:
            self.add_picture(frames[camera.name])

    def add_picture(self, picture: NDArray[np.uint8]) -> None:
        """Append one (H, W, 3) picture."""
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG", optimize=True)
        self._files.append(buffer.getvalue())

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """For the file."""
        data = np.frombuffer(b"".join(self._files), np.uint8)
        return {f"{name}_png": data, f"{name}_ends": np.cumsum([len(f) for f in self._files])}


def _record_rollouts(count: int) -> dict[str, NDArray[Any]]:
    from models.datasets.dataset_parts import split_of
    from models.tasks.push_t.data.episodes import record  # the simulator only loads where it is used
    from models.tasks.push_t.data.play import KINDS
    from models.worlds.reference.world import load

    world, album, films = load(), Album(), Album()
    seeds = [s for s in range(FIRST_SEED, FIRST_SEED + 100 * count) if split_of(s) == 2][:count]
    rows: list[NDArray[np.float32]] = []
    kinds = []
    for seed in seeds:
        episode = record(world, seed, LENGTH)
        for i in sorted(PICTURED):
            album.add({name: frames[i] for name, frames in episode.frames.items()})
        for picture in episode.frames[g.CAMERAS[0].name] if len(rows) < FILMED else ():
            films.add_picture(picture)
        rows.append(np.concatenate([episode.ee_state, episode.action, episode.truth["object_pose"]], 1))
        kinds.append(KINDS[episode.kind].name)
    arrays = {"rollout_rows": np.stack(rows).astype(np.float32), "rollout_kind": np.array(kinds, "U16")}
    return {**arrays, **album.arrays("rollout"), **films.arrays("film")}


def _push(i: int) -> tuple[NDArray[np.float64], NDArray[np.float64], int, NDArray[np.float64]]:
    """Push i: pose of the T (3,), hands (14,) just before contact, which arm, and the direction (2,) on the table."""
    from models.tasks.push_t.data.strokes import clear_of_t

    random = generator(FIRST_SEED + 7 * i)
    pose = np.array([random.uniform(0.44, 0.56), random.uniform(-0.06, 0.06), random.uniform(-np.pi, np.pi)])
    towards = random.uniform(-np.pi, np.pi)
    along = np.array([np.cos(towards), np.sin(towards)])
    aside = random.uniform(-0.05, 0.05) * np.array([-along[1], along[0]])
    line = pose[:2] + aside - np.linspace(0.2, 0.0, 401)[:, None] * along
    # the last point before both fingers would touch: a hand that starts inside the T would throw it aside
    start = line[int(np.argmin([clear_of_t(xy, towards, 0.0, pose) for xy in line])) - 1]
    arm = int(start[1] < 0)
    hands = g.HOME.astype(np.float64).copy()
    hands[arm * 7 : arm * 7 + 7] = [*start, 0.012, 0, 0, towards, 0.0]
    return pose, hands, arm, along


def _record_pushes(count: int) -> dict[str, NDArray[Any]]:
    """One closed hand pushes against the T by PUSH along a line, from many sides."""
    from models.worlds.reference.world import load

    world, album, runs = load(), Album(), []
    steps = round(PUSH / PUSH_SPEED)
    for i in range(count):
        pose, hands, arm, along = _push(i)
        state, rows = world.at(pose, hands), []
        album.add(world.observe([state])[0].frames)
        for k in range(steps):
            action = hands.astype(np.float32)
            action[arm * 7 : arm * 7 + 2] += ((k + 1) * PUSH_SPEED * along).astype(np.float32)
            action = g.LIMITS.clip(action)
            rows.append(np.concatenate([world.measured([state])[0], action, world.truth(state)["object_pose"]]))
            (state,), _ = world.step([state], action[None, None], [0])
        rows.append(np.concatenate([world.measured([state])[0], action, world.truth(state)["object_pose"]]))
        album.add(world.observe([state])[0].frames)
        runs.append(np.stack(rows))
    return {"push_rows": np.stack(runs).astype(np.float32), **album.arrays("push")}


def _record_odd(count: int) -> dict[str, NDArray[Any]]:
    """Starts unlike the training data, and as many like it."""
    from models.worlds.reference.world import load

    world, album, hands = load(), Album(), []
    for kind in ODD:
        for i in range(count):
            random = generator(FIRST_SEED + 13 * i)
            pose = np.array([random.uniform(0.36, 0.66), random.uniform(-0.17, 0.17), random.uniform(-np.pi, np.pi)])
            if kind == "off_table":
                pose[:2] = random.uniform(0.40, 0.60), random.choice([-1, 1]) * random.uniform(0.345, 0.37)
            look = kind if kind in ("colours", "clutter") else "shipped"
            seen = world.observe([world.at(pose, g.HOME.astype(np.float64), look)])[0]
            album.add(seen.frames)
            hands.append(seen.ee_state)
    return {"odd_ee": np.stack(hands), **album.arrays("odd")}


class Trials:
    """The recorded trials, read from their file."""

    def __init__(self, path: Path = TRIALS) -> None:
        """Open the file.

        Raises:
            BadStore: it is missing, torn or of another version.
        """
        try:
            with path.open("rb") as file, np.load(file) as found:
                self._arrays = {name: found[name] for name in NAMES}
        except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile, zlib.error) as error:
            raise BadStore(
                f"The trials {path} cannot be read ({error}). Restore them from the repository, or record them again: "
                "python -m models.tasks.push_t.evaluation.trials."
            ) from error

    def _picture(self, name: str, at: int) -> NDArray[np.uint8]:
        ends = self._arrays[f"{name}_ends"]
        data = self._arrays[f"{name}_png"][(ends[at - 1] if at else 0) : ends[at]].tobytes()
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    def _frames(self, name: str, index: int) -> dict[str, NDArray[np.uint8]]:
        first = index * len(g.CAMERAS)
        return {camera.name: self._picture(name, first + view) for view, camera in enumerate(g.CAMERAS)}

    def _run(self, name: str, index: int, pictured: Sequence[int], kind: str) -> Recorded:
        rows = self._arrays[f"{name}_rows"][index]
        kept = {f: self._frames(name, index * len(pictured) + i) for i, f in enumerate(pictured)}
        ee = rows[:, :14]
        start = Observation(kept[0], ee[0])
        return Recorded(f"{name} {index}", kind, start, rows[:-1, 14:28], ee, rows[:, 28:].astype(np.float64), kept)

    def rollouts(self) -> list[Recorded]:
        """Test rollouts of LENGTH frames."""
        kinds = self._arrays["rollout_kind"]
        return [self._run("rollout", i, sorted(PICTURED), str(kind)) for i, kind in enumerate(kinds)]

    def films(self) -> list[NDArray[np.uint8]]:
        """Every frame of the top view, (LENGTH, H, W, 3), of the first FILMED rollouts."""
        count = len(self._arrays["film_ends"]) // LENGTH
        return [np.stack([self._picture("film", i * LENGTH + k) for k in range(LENGTH)]) for i in range(count)]

    def pushes(self) -> list[Recorded]:
        """Straight pushes; first and last frame are pictured."""
        rows = self._arrays["push_rows"]
        return [self._run("push", i, (0, rows.shape[1] - 1), "push") for i in range(len(rows))]

    def odd_starts(self) -> dict[str, list[Observation]]:
        """Starts by kind; "shipped" are like the training data."""
        hands, found = self._arrays["odd_ee"], {}
        each = len(hands) // len(ODD)
        for k, kind in enumerate(ODD):
            span = range(k * each, (k + 1) * each)
            found[kind] = [Observation(self._frames("odd", i), hands[i]) for i in span]
        return found


def main(words: list[str]) -> int:
    """Record the trials."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rollouts", type=int, default=40, help="test rollouts (default: %(default)s)")
    parser.add_argument("--pushes", type=int, default=24, help="straight pushes (default: %(default)s)")
    parser.add_argument("--odd", type=int, default=12, help="starts of each odd kind (default: %(default)s)")
    parser.add_argument("--out", type=Path, default=TRIALS, help="file to write (default: %(default)s)")
    args = parser.parse_args(words)
    arrays = {**_record_pushes(args.pushes), **_record_odd(args.odd), **_record_rollouts(args.rollouts)}
    args.out.parent.mkdir(parents=True, exist_ok=True)
    with args.out.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    sys.stdout.write(f"{args.out}: {args.out.stat().st_size / 1e6:.1f} MB\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
