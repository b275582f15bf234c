"""Train the transport world: background, tracks, appearance, contact dynamics, trust, export. Resumable.

`main.py train world --data data/push_t/play --out runs/world` runs every stage; what is already there is
kept, so a stopped run goes on where it was. Nothing under `truth/` is read. With `--start WEIGHTS` the stages begin
from a trained world instead of random weights; one with zero minutes keeps what it began with.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import BadConfig
from core.workcell import Workcell
from models.datasets.dataset_parts import SetInfo, set_info
from models.datasets.provenance import command, commit

STAGES = ("tracks", "appearance", "contact", "export")
CONTINUED_RATE = 0.3
"""Part of the usual peak learning rate with which a trained world is trained further."""
TOLD = (
    "Pictures of calibrated static cameras, actions and measured end effectors; no simulator state, no object "
    "shape. Built in: one rigid body on a known table plane, static background, no action at a distance."
)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """The options of `main.py train world`."""

    data: tuple[Path, ...]
    out: Path
    weights: Path
    processes: int = 2
    appearance_minutes: float = 30.0
    contact_minutes: float = 25.0
    frames: int = 30000
    position_tolerance: float = 0.01
    angle_tolerance: float = 0.1
    exclude: tuple[str, ...] = ()
    """Kinds of episodes that are left out, for comparisons."""
    cameras: tuple[str, ...] = ()
    """That the world sees; all of the data where empty."""
    stages: tuple[str, ...] = STAGES
    start: Path | None = None
    """Weights of the world that the stages begin from; random ones where None."""

    @property
    def rate_share(self) -> float:
        """Part of the usual peak learning rate."""
        return 1.0 if self.start is None else CONTINUED_RATE


class Progress:
    """Prints the progress of a loop and the time that is left."""

    def __init__(self, what: str) -> None:
        self._what, self._began, self._said, self._first = what, time.monotonic(), 0.0, -1

    def __call__(self, done: int, total: int) -> None:
        """Called after every piece of work."""
        now = time.monotonic()
        if self._first < 0:
            self._first, self._began = done, now
        if now - self._said < 2 and done < total:
            return
        self._said = now
        pace = (now - self._began) / max(1, done - self._first)
        say(f"{self._what}: {done} of {total}, {pace * (total - done) / 60:.1f} min left")


def say(words: str) -> None:
    """A line of progress on standard error."""
    sys.stderr.write(words + "\n")
    sys.stderr.flush()


def train_world(config: TrainConfig) -> None:
    """Run the stages that are asked for."""
    import torch

    from models.training.transport import appearance, contact
    from models.training.transport.cache import TrackingJob, sample_frames, track_all
    from models.training.transport.curves import plot
    from models.training.transport.data import Play, background
    from models.training.transport.parallel import Budget, train
    from models.training.transport.shape import shape_of
    from models.training.transport.start import begin_from

    torch.set_num_threads(1)
    out, about = config.out, data_of(config)
    shape, cameras = shape_of(about.workcell), about.workcell.cameras
    out.mkdir(parents=True, exist_ok=True)
    refuse_another_run(config)
    play = Play(config.data, [c.name for c in cameras])
    play.episodes = [e for e in play.episodes if e.kind not in config.exclude]
    frames, folders = sum(e.length for e in play.episodes), ", ".join(map(str, config.data))
    say(f"{len(play.episodes)} episodes, {frames} frames in {folders}")
    if config.start is not None:
        begin_from(config.start, shape, cameras, out)
    median = _once(out / "background.npy", lambda: background(play))
    if "tracks" in config.stages:
        longest = sorted(play.episodes, key=lambda e: -e.length)
        job = TrackingJob(config.data, cameras, shape, median, tuple(e.name for e in longest), out / "tracks")
        track_all(job, config.processes, Progress("tracks"))
    if "appearance" in config.stages:
        sample_frames(play, out / "tracks", out / "cache", config.frames, Progress("frames"))
        recipe = appearance.AppearanceRecipe(shape, cameras, median, out / "cache")
        seconds = config.appearance_minutes * 60
        train(appearance.build, recipe, Budget(seconds, 2e-3 * config.rate_share, 1e-4, config.processes, str(out)))
    if "contact" in config.stages:
        _prepare_motion(config, about.workcell, play, median)
        learn = contact.ContactRecipe(shape, out / "motion.npz")
        seconds = config.contact_minutes * 60
        train(contact.build, learn, Budget(seconds, 1.5e-3 * config.rate_share, 1e-2, config.processes, str(out)))
    plot(out, ("appearance", "contact"), out / "curves.png")
    if "export" in config.stages:
        _export(config, about, play, median)


def data_of(config: TrainConfig) -> SetInfo:
    """Task and workcell of the data, with the cameras that the world is to see.

    Raises:
        BadStore: there are no data, or their parts differ.
        BadConfig: a camera is not calibrated or does not fit; in words.
    """
    from models.training.transport.shape import seen_by

    found = set_info(config.data)
    return replace(found, workcell=seen_by(found.workcell, config.cameras))


def refuse_another_run(config: TrainConfig) -> None:
    """Refuse a folder that holds the stages of another training: finished stages are used again.

    Raises:
        BadConfig: the folder was begun with other data, or with other kinds left out.
    """
    file = config.out / "begun_with.json"
    mine = {
        "data": " ".join(str(folder.resolve()) for folder in config.data),
        "exclude": sorted(config.exclude),
        "cameras": sorted(config.cameras),
        "start": "" if config.start is None else str(config.start.resolve()),
    }
    if not file.exists():
        file.write_text(json.dumps(mine) + "\n")
        return
    theirs = {"cameras": [], "start": "", **json.loads(file.read_text())}
    if theirs != mine:
        left_out, seen = " ".join(theirs["exclude"]) or "(nothing)", " ".join(theirs["cameras"]) or "(all)"
        begun = f" --start {theirs['start']}" if theirs["start"] else ""
        raise BadConfig(
            f"{config.out} was begun with --data {theirs['data']} --exclude {left_out} --cameras {seen}{begun}; "
            "its tracks and checkpoints do not belong to these options. Choose another --out."
        )


def _once(file: Path, make: Callable[[], Any]) -> Any:
    """The array of a file, made where it is missing."""
    from models.training.transport.cache import save_whole

    if not file.exists():
        save_whole(file, make())
    return np.load(file)


def _net(config: TrainConfig, workcell: Workcell, median: Any, contact: bool) -> Any:
    """The network with the averaged weights of the finished stages."""
    from models.training.transport.cache import fresh_net
    from models.training.transport.parallel import averaged
    from models.training.transport.shape import shape_of

    net = fresh_net(shape_of(workcell), workcell.cameras, median)
    net.load_state_dict(averaged(config.out, "appearance"), strict=False)
    if contact:
        net.dynamics.load_state_dict(averaged(config.out, "contact"), strict=False)
    return net.eval()


def _prepare_motion(config: TrainConfig, workcell: Workcell, play: Any, median: Any) -> None:
    """Lay the tracked motion out, once."""
    from models.training.transport.motion import motion_of

    file = config.out / "motion.npz"
    if file.exists():
        return
    net = _net(config, workcell, median, contact=False)
    motion_of(net, play, play.episodes, config.out / "tracks", Progress("motion")).save(file)


def _export(config: TrainConfig, data: SetInfo, play: Any, median: Any) -> None:
    """Fit the trust, write weights, graphs and card."""
    from models.training.transport.confidence import fit_trust
    from models.training.transport.curves import validation
    from models.training.transport.export import export
    from models.training.transport.motion import Motion
    from models.worlds.transport.checkpoint import file_hash

    net = _net(config, data.workcell, median, contact=True)
    tolerance = (config.position_tolerance, config.angle_tolerance)
    say("trust: fitting on the validation split")
    trust, figures = fit_trust(net, Motion.load(config.out / "motion.npz"), play, tolerance)
    figures |= {f"appearance_{k}": v for k, v in validation(config.out, "appearance").items()}
    figures |= {f"contact_{k}": v for k, v in validation(config.out, "contact").items()}
    about = {
        "task": data.task,
        "told": TOLD,
        "workcell": data.workcell.to_dict(),
        "tolerance": {"position_m": tolerance[0], "angle_rad": tolerance[1]},
        "data": {
            "folder": " ".join(map(str, config.data)),
            "episodes": len(play.of("train")),
            "frames": sum(e.length for e in play.of("train")),
            "left_out": list(config.exclude),
            "start": None if config.start is None else file_hash(config.start),
        },
        "command": command(),
        "commit": commit(),
        "validation": figures,
    }
    say("export: writing weights and graphs")
    export(net, trust, about, config.weights)
    say(f"export: {config.weights}")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `main.py train world`."""
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[Path("data/push_t/play")], help="recorded play (data/push_t/play)"
    )
    parser.add_argument("--start", type=Path, help="weights of a world to train further (default: begin anew)")
    parser.add_argument("--out", type=Path, default=Path("runs/world"), help="checkpoints and curves (%(default)s)")
    parser.add_argument(
        "--weights", type=Path, default=Path("assets/worlds/push_t_transport.safetensors"), help="what is exported"
    )
    parser.add_argument("--processes", type=int, default=2, help="one-thread processes that train together")
    parser.add_argument("--appearance-minutes", type=float, default=30.0, help="stage 1 (%(default)s)")
    parser.add_argument("--contact-minutes", type=float, default=25.0, help="stage 2 (%(default)s)")
    parser.add_argument("--frames", type=int, default=30000, help="frames that stage 1 draws from (%(default)s)")
    parser.add_argument("--position-tolerance", type=float, default=0.01, help="what trust promises, metres")
    parser.add_argument("--angle-tolerance", type=float, default=0.1, help="what trust promises, radians")
    parser.add_argument("--exclude", nargs="*", default=[], help="kinds of episodes to leave out, for comparisons")
    parser.add_argument("--cameras", nargs="*", default=[], help="that the world sees (default: all of the data)")
    parser.add_argument("--stages", nargs="+", choices=STAGES, default=list(STAGES), help="only these stages")


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py train world`."""
    train_world(
        TrainConfig(
            tuple(args.data),
            args.out,
            args.weights,
            args.processes,
            args.appearance_minutes,
            args.contact_minutes,
            args.frames,
            args.position_tolerance,
            args.angle_tolerance,
            tuple(args.exclude),
            tuple(args.cameras),
            tuple(args.stages),
            args.start,
        )
    )
    return 0
