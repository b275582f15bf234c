"""`main.py demo`: play the scripted demo, on a virtual screen where there is none, and summarise what it recorded."""

import argparse
import json
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from app.command.arguments import seed, size, speed
from app.command.screen import VirtualScreen, has_screen
from app.opening.config import AUTO, Config
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS

PICTURES = Path("out/demo")
SIZE = (1280, 800)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to play, where to put the pictures."""
    parser.add_argument("--task", choices=tuple(TASKS), default="", help=f"what to work on (default: {DEFAULT_TASK})")
    parser.add_argument("--world", default=AUTO, help=f"{', '.join(WORLDS)}; auto takes the best that is here")
    parser.add_argument("--policy", default=AUTO, help=f"{', '.join(POLICIES)}; auto takes the best that is here")
    parser.add_argument("--seed", type=seed, help="of the first scene (default: the task's first scene)")
    parser.add_argument("--speed", type=speed, default=2.0, help="world seconds per wall second (default: 2)")
    parser.add_argument("--size", type=size, default=SIZE, metavar="WxH", help="of the screen (default: 1280x800)")
    parser.add_argument("--out", type=Path, default=PICTURES, help="folder of the pictures (default: out/demo)")
    parser.add_argument("--here", action="store_true", help="on the screen that is there, not on a virtual one")
    parser.add_argument("--json", action="store_true", help="print only the summary, as JSON")


def run(args: argparse.Namespace) -> int:
    """Play the demo; 0 where everything happened."""
    config = Config(
        task=args.task,
        world=args.world,
        policy=args.policy,
        seed=args.seed,
        speed=args.speed,
        size=args.size,
        sessions=args.out / "sessions",
    )
    return play_demo(config, args.out, as_json=args.json, here=args.here and has_screen())


def run_without_screen(config: Config, sessions: Path | None = None) -> int:
    """What `main.py run` does where no window can be shown; the exit code.

    Args:
        config: What was asked for.
        sessions: Where the user wants new sessions; None for a folder beside the pictures.
    """
    print("There is no screen here (DISPLAY and WAYLAND_DISPLAY are not set): playing the scripted demo instead.")
    print(f"Its pictures go to {PICTURES.absolute()}.")
    config = replace(
        config, speed=2.0, size=config.size or SIZE, sessions=sessions or PICTURES / "sessions", session=None
    )
    return play_demo(config, PICTURES, as_json=False, here=False)


def play_demo(config: Config, pictures: Path, *, as_json: bool, here: bool) -> int:
    """Play on a screen, print the summary; the exit code."""

    def tell(words: str) -> None:
        print(words, file=sys.stderr if as_json else sys.stdout, flush=True)

    with ExitStack() as stack:
        if not here:
            stack.enter_context(VirtualScreen(*(config.size or SIZE)))
        summary = on_screen(config, pictures, tell)
    if as_json:
        print(json.dumps(summary))
    else:
        for name, value in summary.items():
            tell(f"  {name.replace('_', ' ')}: {value}")
    return 0


def on_screen(config: Config, pictures: Path, tell: Callable[[str], None]) -> dict[str, object]:
    """The part that needs Qt: open, play, close, reopen, summarise."""
    from app.demo.driver import INTERRUPTED
    from app.demo.performance import perform
    from app.qt import make_qt

    qt = make_qt()
    INTERRUPTED.clear()
    before = signal.signal(signal.SIGINT, lambda *_: INTERRUPTED.set())
    try:
        return perform(config, pictures, tell)
    finally:
        signal.signal(signal.SIGINT, before)
        qt.processEvents()
