"""From the start of the process to a visible window, to the first imagined frame and to a session that can be driven.

python -m benchmarks.startup

Each run is a separate process that does what `main.py run` does, on a virtual screen where there is none; the first
one warms the disk cache and does not count. The window counts when its pictures' first frame was swapped, the
imagined frame when it was swapped.

In turn with the runs, the yardstick: a Python process that imports PyQt6.QtWidgets and shows an empty window, until its
first paint.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from app.command.screen import VirtualScreen, has_screen
from app.opening.config import AUTO, Config
from benchmarks import options
from benchmarks.figures import Figure, Goal, percentile, report
from benchmarks.machine_yardsticks import empty_window

if TYPE_CHECKING:
    from app.application import Application  # the child imports Qt when its clock is running

ROOT = Path(__file__).parents[1]
BEGAN = "HI_WM_BENCHMARK_BEGAN"
GOALS = {"window_s": Goal("<", 1.0), "first_frame_s": Goal("<", 3.0)}
WORDS = {
    "window_s": "visible window",
    "first_frame_s": "first imagined frame",
    "ready_s": "session that can be driven",
}


def child(config: Config) -> int:
    """One run: print the moments as JSON and leave."""
    began = float(os.environ[BEGAN])
    from app.command.run import run_window

    moments: dict[str, float] = {}
    who: list[str] = []
    swaps = {"with_frames": 0}

    def reached(name: str) -> None:
        moments.setdefault(name, time.time() - began)
        moments.setdefault(name.replace("_s", "_cpu_s"), time.process_time())

    def watch(studio: "Application") -> None:
        def give_up(words: str) -> None:
            print(words, file=sys.stderr)
            studio.window.close()

        def on_swap() -> None:
            reached("window_s")
            # the swap that is reported next may still be of the picture before: the second one surely has the frame
            swaps["with_frames"] += bool(studio.viewport.view.frames)
            if swaps["with_frames"] >= 2:
                reached("first_frame_s")
            else:
                studio.viewport.update()
            if studio.viewport.drawn is not None:
                reached("ready_s")
                who[:] = [opened(studio)]
                studio.window.close()

        studio.viewport.displayed.connect(on_swap)
        studio.switcher.failed.connect(give_up)

    code = run_window(config, watch)
    print(json.dumps({"moments": moments, "who": "".join(who)}))
    return code


def opened(studio: "Application") -> str:
    """Which world and policy were opened, and why where they are not the best ones."""
    if studio.session.opened is None:
        return "nothing was opened"
    parts = studio.session.opened.parts
    names = f"world {parts.world.spec.identity.name}, policy {parts.policy.spec.identity.name}"
    why = " ".join(words.partition("\n")[0] for words in (parts.world_why, parts.policy_why) if words)
    return f"{names} {why}".strip()


def measure(options_of_child: Sequence[str]) -> tuple[dict[str, float], str]:
    """Moments of one fresh process, seconds, and what it opened."""
    with tempfile.TemporaryDirectory() as sessions:
        words = [sys.executable, "-m", "benchmarks.startup", "--child", sessions, *options_of_child]
        environment = {**os.environ, BEGAN: repr(time.time())}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"the application did not start: {done.stderr.strip()}")
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    if set(WORDS) - set(answer["moments"]):
        raise RuntimeError(f"the application closed before it was ready: {done.stderr.strip()}")
    return answer["moments"], answer["who"]


def figures_of(runs: Sequence[Mapping[str, float]], empty: Sequence[float]) -> list[Figure]:
    """The figures of some runs; medians. `empty` are the starts of an empty Qt window, seconds."""
    figures: list[Figure] = []
    yardstick = percentile(empty, 50)
    for name, words in WORDS.items():
        values, cpu = [run[name] for run in runs], [run[name.replace("_s", "_cpu_s")] for run in runs]
        figures += [
            Figure(name, words, percentile(values, 50), "s", GOALS.get(name)),
            Figure(name.replace("_s", "_ratio"), "  over an empty Qt window", percentile(values, 50) / yardstick, "1"),
            Figure(name.replace("_s", "_slowest_s"), "  slowest run", max(values), "s"),
            Figure(name.replace("_s", "_cpu_s"), "  processor time", percentile(cpu, 50), "s"),
        ]
    return [*figures, Figure("empty_window_s", "yardstick: an empty Qt window, median", yardstick, "s")]


def main(words: Sequence[str] | None = None) -> int:
    parser = options.parser("startup", __doc__, "one run")
    options.add_world(parser)
    parser.add_argument("--runs", type=int, default=7, help="fresh processes that count (default: 7)")
    parser.add_argument("--world", default=AUTO, help="registry name of the world (default: the best that is here)")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.child is not None:
        return child(Config(args.world, world_weights=args.world_weights, sessions=args.child))
    weights = [] if args.world_weights is None else ["--world-weights", str(args.world_weights.absolute())]
    title = f"Start-up, medians of fresh processes, warm disk cache. {options.machine()}"
    try:
        with ExitStack() as stack:
            if not has_screen():
                stack.enter_context(VirtualScreen(1280, 800))
            chosen = ["--world", args.world, *weights]
            measure(chosen)
            empty_window()
            found, empty = list[tuple[dict[str, float], str]](), list[float]()
            for _ in range(1 if args.quick else args.runs):
                found.append(measure(chosen))
                empty.append(empty_window())
    except RuntimeError as error:
        print(f"benchmarks.startup: {error}", file=sys.stderr)
        return 1
    report("startup", title, figures_of([moments for moments, _ in found], empty), [found[-1][1]])
    return 0


if __name__ == "__main__":
    sys.exit(main())
