"""Write recorded sessions as a data set that other projects train on.

main.py export sessions/2026-11-25_10-00-00 --format lerobot --out data/corrections
"""

import argparse
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.errors import BadConfig
from models.datasets.export.options import FORMATS, OUTCOMES, REVIEWS, SIRIUS_WINDOW, ExportOptions
from models.datasets.export.run import Exported, Progress, export, make_plan

_SPEAK_S = 2.0
"""Seconds between two progress lines where stderr is not a terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `main.py export`."""
    parser.add_argument("sessions", nargs="+", type=Path, metavar="SESSION", help="folders of recorded sessions")
    parser.add_argument(
        "--format", required=True, choices=FORMATS, help="; ".join(f"{n}: {w}" for n, w in FORMATS.items())
    )
    parser.add_argument("--out", required=True, type=Path, help="folder of the data set; must not be there yet")
    parser.add_argument(
        "--what",
        choices=("attempts", "corrections"),
        default="attempts",
        help="attempts: from the episode's start to the branch's end, corrections inside; corrections: only what the "
        "operator drove, one episode per stretch (default: %(default)s)",
    )
    parser.add_argument(
        "--review",
        action="append",
        choices=("any", *REVIEWS),
        help="take branches with this review, may be given again (default: accepted); discarded ones never",
    )
    parser.add_argument(
        "--outcome",
        action="append",
        choices=OUTCOMES,
        help="take branches that ended so, may be given again (default: any)",
    )
    parser.add_argument(
        "--window",
        type=_steps,
        default=0,
        metavar="N",
        help="label the N steps before each intervention -10, and take them along with --what corrections "
        f"(default: 0; Sirius takes {SIRIUS_WINDOW})",
    )
    parser.add_argument(
        "--codec",
        choices=("absolute", "delta"),
        default="absolute",
        help="of the actions: end-effector targets, or targets relative to the measured state (default: %(default)s)",
    )
    parser.add_argument("--task", default="", help="what the task is called in the data set (default: its title)")
    parser.add_argument("--video", choices=("av1", "h264"), default="av1", help="of lerobot (default: %(default)s)")
    parser.add_argument("--next-obs", action="store_true", help="robomimic: also next_obs, which doubles the pictures")
    parser.add_argument(
        "--trim-idle",
        action="store_true",
        help="leave out steps in which the operator drove and the hands rested; how many is stored per episode",
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace an export that is there, once this one is whole"
    )
    parser.add_argument("--dry-run", action="store_true", help="only say what would be exported")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")
    parser.add_argument("--progress", choices=("text", "json"), default="text", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Export, telling how far it is on standard error."""
    options = options_of(args)
    if args.dry_run:
        plan = make_plan(options)
        interventions = sum(episode.lineage["interventions"] for episode in plan.episodes)
        found = Exported(options.out, FORMATS[options.format], len(plan.episodes), plan.steps, interventions, 0)
        _answer(found, args.json, "would hold")
        return 0
    if args.progress == "json":  # a job of the application: it may take its time
        lower_priority()
        done = export(options, args.overwrite, _say_json)
    else:
        lines = _Lines()
        try:
            done = export(options, args.overwrite, lines)
        finally:
            lines.end()
    _answer(done, args.json, "holds")
    return 0


def options_of(args: argparse.Namespace) -> ExportOptions:
    """The options as one value.

    Raises:
        BadConfig: they contradict each other.
    """
    if args.next_obs and args.format != "robomimic":
        raise BadConfig(f"--next-obs is of robomimic; {args.format} has no such thing. Leave it away.")
    review = args.review or ["accepted"]
    return ExportOptions(
        sessions=tuple(args.sessions),
        out=Path(os.path.normpath(args.out)),
        format=args.format,
        what=args.what,
        review=REVIEWS if "any" in review else tuple(dict.fromkeys(review)),
        outcome=tuple(dict.fromkeys(args.outcome)) if args.outcome else OUTCOMES,
        window=args.window,
        codec=args.codec,
        task=args.task,
        video=args.video,
        next_obs=args.next_obs,
        trim_idle=args.trim_idle,
    )


def arguments_of(options: ExportOptions, overwrite: bool) -> list[str]:
    """The command line of these options, for a job process."""
    words = ["export", *map(str, options.sessions), "--format", options.format, f"--out={options.out}"]
    words += ["--what", options.what, "--window", str(options.window), "--codec", options.codec]
    words += [word for review in options.review for word in ("--review", review)]
    words += [word for outcome in options.outcome for word in ("--outcome", outcome)]
    words += [f"--task={options.task}", "--video", options.video]
    words += ["--next-obs"] * options.next_obs + ["--trim-idle"] * options.trim_idle + ["--overwrite"] * overwrite
    return [*words, "--json", "--progress", "json"]


def lower_priority() -> None:
    """Lower the priority of this process, so that a running session is not slowed down."""
    if hasattr(os, "nice"):
        os.nice(10)


def _answer(done: Exported, as_json: bool, verb: str) -> None:
    if as_json:
        values: dict[str, Any] = asdict(done) | {"out": str(done.out)}
        print(json.dumps(values))
        return
    share = f"{done.interventions} of them driven by the operator"
    before = f" ({done.resumed} were there from an earlier run)" if done.resumed else ""
    episodes, steps = counted(done.episodes, "episode"), counted(done.steps, "step")
    print(f"{done.out} {verb} {episodes}{before}, {steps}, {share}: {done.format}.")


def counted(number: int, thing: str) -> str:
    """A number and the thing that it counts."""
    return f"{number:,} {thing}" + "s" * (number != 1)


class _Lines:
    """Progress as text: one line that is rewritten, or a line every two seconds where stderr is not a terminal."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._first: int | None = None

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if self._first is None:
            self._first = progress.steps
        if now - self._told < (0.0 if self._watched else _SPEAK_S):
            return
        self._told = now
        rate = (progress.steps - self._first) / max(now - self._began, 1e-9)
        left = (progress.of_steps - progress.steps) / rate if rate > 0 else 0.0
        time_left = f"{left:.0f} s" if left < 90 else f"{left / 60:.0f} min"
        words = "putting it together" if progress.finishing else f"{rate:.0f}/s, {time_left} left"
        line = (
            f"{progress.episodes} of {progress.of_episodes} episodes, "
            f"{progress.steps:,} of {progress.of_steps:,} steps, {words}"
        )
        sys.stderr.write(f"\r{line}   " if self._watched else f"{line}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """End the progress line, so that later output begins a new one."""
        if self._watched:
            sys.stderr.write("\n")


def _say_json(progress: Progress) -> None:
    """Progress for a program: one JSON object a line."""
    sys.stderr.write(json.dumps({"progress": asdict(progress)}) + "\n")
    sys.stderr.flush()


def _steps(text: str) -> int:
    """A whole number of at least zero."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return number
