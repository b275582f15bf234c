"""From the start of the process to a visible window, to the first imagined frame and to a session that can be driven.

python -m benchmarks.startup

Each run is a process of its own that does what `main.py run` does, on a virtual screen where there is none; the first
one warms the disk cache and does not count. The window counts when its pictures' first frame was swapped, the
imagined frame when it was swapped.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from app.screen import VirtualScreen, has_screen

ROOT = Path(__file__).parents[1]
BEGAN = "HI_WM_BENCHMARK_BEGAN"
MOMENTS = ("window_s", "first_frame_s", "ready_s")
GOALS = {"window_s": 1.0, "first_frame_s": 3.0}
WORDS = {
    "window_s": "visible window",
    "first_frame_s": "first imagined frame",
    "ready_s": "session that can be driven",
}


def child(world: str, sessions: Path) -> int:
    """One run: print the moments as JSON and leave."""
    began = float(os.environ[BEGAN])
    from app.application import Application
    from app.config import Config
    from app.run import run_window

    moments: dict[str, float] = {}
    swaps = {"with_frames": 0}

    def reached(name: str) -> None:
        moments.setdefault(name, time.time() - began)
        moments.setdefault(name.replace("_s", "_cpu_s"), time.process_time())

    def watch(studio: Application) -> None:
        def give_up(words: str) -> None:
            print(words, file=sys.stderr)
            studio.quit()

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
                studio.quit()

        studio.viewport.frameSwapped.connect(on_swap)
        studio.opening_failed.connect(give_up)

    code = run_window(Config(world=world, sessions=sessions), watch)
    print(json.dumps(moments))
    return code


def measure(world: str) -> dict[str, float]:
    """Moments of one fresh process, seconds."""
    with tempfile.TemporaryDirectory() as sessions:
        words = [sys.executable, "-m", "benchmarks.startup", "--child", sessions, "--world", world]
        environment = {**os.environ, BEGAN: repr(time.time())}
        done = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError(f"the application did not start: {done.stderr.strip()}")
    moments: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return moments


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.startup", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--world", default="auto")
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child is not None:
        return child(args.world, args.child)
    with ExitStack() as stack:
        if not has_screen():
            stack.enter_context(VirtualScreen(1280, 800))
        measure(args.world)
        runs = [measure(args.world) for _ in range(args.runs)]
    figures: dict[str, dict[str, object]] = {}
    print(f"Start-up, median (fastest to slowest) of {args.runs} runs, warm disk cache, {os.cpu_count()} cores")
    for name in MOMENTS:
        values = np.array([run[name] for run in runs])
        middle = float(np.median(values))
        cpu = float(np.median([run[name.replace("_s", "_cpu_s")] for run in runs]))
        print(
            f"  {WORDS[name]:<28} {middle:6.2f} s  ({values.min():.2f} to {values.max():.2f}), {cpu:.2f} s of processor"
        )
        figures[name] = {"value": round(middle, 3), "unit": "s"}
        if name in GOALS:
            figures[name] |= {"goal": f"<= {GOALS[name]:g}", "holds": middle <= GOALS[name]}
    print(json.dumps({"benchmark": "startup", "figures": figures}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
