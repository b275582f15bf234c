"""`main.py run`: the application in a window; without a screen, the scripted demo."""

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.command.arguments import megabytes, seed, size, speed
from app.command.screen import has_screen
from app.opening.config import AUTO, Config
from core.errors import StudioError
from core.folders import config_folder
from core.state_cache import DEFAULT_LIMIT
from devices.operators import chosen
from models import DEFAULT_TASK, POLICIES, TASKS, WORLDS

if TYPE_CHECKING:
    from app.application import Application


class NothingOpened(StudioError):
    """The window was closed without a session; raised so that the error also reaches the terminal."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to open."""
    parser.add_argument("--task", choices=tuple(TASKS), default="", help=f"what to work on (default: {DEFAULT_TASK})")
    parser.add_argument("--world", default=AUTO, help=f"{', '.join(WORLDS)}; auto takes the best that is here")
    parser.add_argument("--world-weights", type=Path, help="weights of a learned world (default: the shipped ones)")
    parser.add_argument("--policy", default=AUTO, help=f"{', '.join(POLICIES)}; auto takes the best that is here")
    parser.add_argument("--policy-weights", type=Path, help="weights of a policy (default: the shipped ones)")
    parser.add_argument(
        "--device", choices=("auto", "seat", "keyboard", "operator"), default="auto",
        help="what drives corrections: auto (or seat) is what is plugged in, else the keyboard (the default); "
        "operator is the scripted one of the task",
    )  # fmt: skip
    parser.add_argument(
        "--headset", choices=("auto", "controllers", "off"), default="auto",
        help="auto: a VR headset shows pictures and timeline, its controllers drive, whenever its runtime is there; "
        "controllers: they drive, you look at the monitor; off (default: auto)",
    )  # fmt: skip
    parser.add_argument(
        "--profile", type=Path, help="your settings of the hands (default: ~/.config/hi-wm/operator.toml)"
    )
    parser.add_argument("--seed", type=seed, help="of the first scene (default: the task's first scene)")
    parser.add_argument("--session", type=Path, help="continue this session folder")
    parser.add_argument("--sessions", type=Path, help="where new sessions go (default: sessions)")
    parser.add_argument("--no-recording", action="store_true", help="keep nothing on disk")
    parser.add_argument(
        "--memory", type=megabytes, default=DEFAULT_LIMIT, metavar="MB",
        help="for states and frames, the rest is read from the disk when needed (default: 1024)",
    )  # fmt: skip
    parser.add_argument("--speed", type=speed, default=1.0, help="world seconds per wall second (default: 1)")
    parser.add_argument("--size", type=size, metavar="WxH", help="window size, for example 1280x800")


def config_of(args: argparse.Namespace) -> Config:
    """The configuration that the options describe."""
    return Config(
        task=args.task,
        world=args.world,
        world_weights=args.world_weights,
        policy=args.policy,
        policy_weights=args.policy_weights,
        device="auto" if args.device == "seat" else args.device,
        hardware=True,
        headset=args.headset,
        profile=args.profile or chosen(config_folder()),
        seed=args.seed,
        session=args.session,
        sessions=None if args.no_recording else args.sessions or Path("sessions"),
        compact=True,
        hints=True,
        memory=args.memory,
        speed=args.speed,
        size=args.size,
    )


def run(args: argparse.Namespace) -> int:
    """Open the window and run until it is closed; the exit code."""
    if not has_screen():
        from app.command.demo import run_without_screen

        config = replace(config_of(args), device="keyboard", hardware=False)  # no operator there
        return run_without_screen(config, args.sessions)
    return run_window(config_of(args))


def run_window(config: Config, watch: "Callable[[Application], None] | None" = None) -> int:
    """Qt's main loop around one Application; `watch` sees it before it starts."""
    from PyQt6.QtCore import QTimer

    from app.application import Application
    from app.qt import make_qt

    qt = make_qt()
    studio = Application(config)
    for ending in (signal.SIGINT, signal.SIGTERM):  # SIGTERM: the desktop session ends
        signal.signal(ending, lambda *_: studio.window.close())
    wake = QTimer()  # Python sees Ctrl+C only when Qt lets it run
    wake.start(200)
    wake.timeout.connect(lambda: None)
    failures: list[str] = []
    """Why nothing is open; empty while something is."""
    studio.switcher.failed.connect(lambda words: failures.append(words) if studio.session.opened is None else None)
    studio.ready.connect(failures.clear)
    if watch is not None:
        watch(studio)
    studio.start()
    code = qt.exec()
    studio.dispose()
    sys.stdout.flush()
    if failures and code == 0:
        raise NothingOpened(failures[-1])
    return code
