"""Read a LeRobot data set or a diffusion_policy replay buffer: as base data of a policy, or as starts of a world.

main.py import ~/data/aloha_sim --as data --out data/push_t/imported
main.py import ~/data/aloha_sim --as scenes --out sessions/imported
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from core.errors import BadConfig
from core.workcell import named_workcell
from models.datasets.base_data import ImportConfig, Plan, chosen, numbers, planned, write
from models.datasets.layouts import layout_names
from models.datasets.mapping import MappingConfig
from models.datasets.opening import open_source
from models.datasets.pictures import FITS, TURNS

QUIET_S = 2.0
"""Seconds between two words on how far it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    default, mapping = ImportConfig(), MappingConfig()
    parser.add_argument("folder", type=Path, help="a LeRobot data set (v2.1, v3.0), a replay_buffer.zarr or .zarr.zip")
    parser.add_argument(
        "--as", dest="kind", choices=("data", "scenes"), required=True, help="for a policy; for a world"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of the parts, or of the session of starts")
    parser.add_argument("--layout", choices=layout_names(), default="auto", help="what the actions are (default: look)")
    parser.add_argument("--action", default="", metavar="COLUMN", help="of the actions (default: action)")
    parser.add_argument("--state", default="", metavar="COLUMN", help="(default: observation.state, or state)")
    parser.add_argument(
        "--relative", action="store_true",
        help="actions are changes of the measured pose (rotation on the left; the opening is absolute)",
    )  # fmt: skip
    parser.add_argument("--arm", choices=("left", "right"), default="left", help="of a data set of one arm")
    parser.add_argument("--camera", action="append", default=[], metavar="NAME=COLUMN", help="repeat for each camera")
    parser.add_argument(
        "--opening", type=float, help="gripper width that is 1, metres (UMI; default: the gripper of the workcell)"
    )
    parser.add_argument(
        "--base", type=float, nargs=6, default=mapping.base, metavar="N",
        help="of the data's frame in the robot's: x y z metres, rotation vector radians",
    )  # fmt: skip
    parser.add_argument(
        "--tool", type=float, nargs=3, default=mapping.tool, metavar="N",
        help="rotation vector from the data's tool frame to ours (gripper down is 0 0 0)",
    )  # fmt: skip
    parser.add_argument("--fps", type=float, help="rows per second, where the data do not say or are wrong")
    parser.add_argument("--size", type=int, help="edge of the pictures (default: that of the workcell's first camera)")
    parser.add_argument("--fit", choices=FITS, default=default.fit, help="how a picture becomes square (default: pad)")
    parser.add_argument("--turn", type=int, choices=TURNS, help="degrees, counter-clockwise")
    parser.add_argument("--episodes", metavar="0:10,14", help="only these")
    parser.add_argument(
        "--workcell", default="", metavar="NAME|FILE",
        help="robot, rate and calibrated cameras of the data (default: bimanual_table, cameras not calibrated)",
    )  # fmt: skip
    parser.add_argument("--task", default="", help="that the data show (default: the task of the layout)")
    parser.add_argument("--world", default="auto", help="that the scenes are for (default: the best that is here)")
    parser.add_argument("--keep-unseen", action="store_true", help="also starts in which the judge sees no object")
    parser.add_argument("--json", action="store_true", help="what was done, as one JSON object")


def plan_of(args: argparse.Namespace) -> Plan:
    """What the options ask for, found to fit.

    Raises:
        StudioError: something does not fit; in words.
    """
    try:
        episodes = () if args.episodes is None else numbers(args.episodes)
    except ValueError:
        raise BadConfig(f"--episodes {args.episodes}: say numbers and ranges, for example 0:10,14.") from None
    if (
        (args.size is not None and args.size < 16)
        or (args.opening is not None and args.opening <= 0)
        or (args.fps is not None and not 0 < args.fps < 10_000)
    ):
        raise BadConfig("--size is at least 16, --opening and --fps are more than 0. Correct that option.")
    mapping = MappingConfig(
        layout=args.layout, action=args.action, state=args.state, arm=("left", "right").index(args.arm),
        opening=args.opening, base=tuple(args.base), tool=tuple(args.tool), relative=args.relative,
        cameras=chosen(args.camera),
    )  # fmt: skip
    workcell = named_workcell(args.workcell) if args.workcell else None
    config = ImportConfig(mapping, args.fps, args.size, args.fit, args.turn, episodes, workcell, args.task)
    source = open_source(args.folder)
    if args.kind == "scenes":
        config = replace(config, size=None)
        if config.fps is None and (source.fps or 0.0) < config.cell.rate:
            config = replace(config, fps=config.cell.rate)  # only first rows are looked at
    return planned(source, config)


class _Progress:
    """Says how far it is, every two seconds."""

    def __init__(self, what: str) -> None:
        self._what, self._said = what, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self._said > QUIET_S:
            self._said = time.monotonic()
            print(f"{self._what}: {done} of {total}", file=sys.stderr, flush=True)


def run(args: argparse.Namespace) -> int:
    """Carry out `main.py import`."""
    plan = plan_of(args)
    print(plan.words(), file=sys.stderr, flush=True)
    return _data(plan, args) if args.kind == "data" else _scenes(plan, args)


def _data(plan: Plan, args: argparse.Namespace) -> int:
    done = write(plan, args.out, _Progress("episodes"))
    if args.json:
        print(json.dumps(done))
        return 0
    cameras = " ".join(plan.cameras)
    clipped = f" {done['targets_clipped']} targets were brought into the workspace." * (done["targets_clipped"] > 0)
    print(
        f"{done['episodes']} episodes in {args.out} ({done['already_there']} were there).{clipped} "
        f"Train on them: main.py train policy --data {args.out} --cameras {cameras}"
    )
    return 0


def _scenes(plan: Plan, args: argparse.Namespace) -> int:
    from app.opening.config import Config
    from app.opening.imported_scenes import write_session
    from models.datasets.starts import starts

    progress, total = _Progress("starts"), len(plan.episodes)
    count, left_out = write_session(
        Config(args.world), args.out, lambda parts, names: starts(plan, parts.world.spec, names), args.keep_unseen,
        lambda done: progress(done, total),
    )  # fmt: skip
    if args.json:
        print(json.dumps({"folder": str(args.out), "starts": count, "left_out": left_out}))
        return 0
    without = f" Left out, since the judge sees no object: {', '.join(left_out)}." if left_out else ""
    print(f"{count} starts in {args.out}.{without} Begin from one: main.py run --session {args.out}")
    return 0
