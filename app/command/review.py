"""`main.py review`: the pages that need no world, no policy and no device, in a window of their own."""

import argparse
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from app.command.screen import has_screen
from core.errors import BadStore, StudioError
from core.folders import config_folder
from core.store.folders import looks_like_session
from devices.operators import chosen

if TYPE_CHECKING:
    from app.command.review_window import ReviewWindow


class NoScreen(StudioError):
    """There is nothing to show a window on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to review."""
    parser.add_argument(
        "folder", type=Path, nargs="*", default=[Path("sessions")],
        help="sessions to review, or one folder of sessions to choose from (default: sessions)",
    )  # fmt: skip
    parser.add_argument(
        "--profile", type=Path, help="the operator's settings, for their keys (default: ~/.config/hi-wm/operator.toml)"
    )
    parser.add_argument("--reviewer", help="whose verdicts these are (default: your login name)")


def run(args: argparse.Namespace) -> int:
    """Show the window until it is closed; the exit code."""
    for folder in args.folder:
        if not folder.is_dir():
            raise BadStore(f"There is no folder {folder}. Check the path, or record a session first.")
    if not has_screen():
        raise NoScreen("Review needs a screen. `main.py sessions FOLDER` lists what is in a folder without one.")
    from PyQt6.QtCore import QTimer

    from app.command.review_window import ReviewWindow
    from app.qt import make_qt

    qt = make_qt()
    window = ReviewWindow(args.reviewer, profile=args.profile or chosen(config_folder()))
    signal.signal(signal.SIGINT, lambda *_: window.close())
    wake = QTimer()  # Python sees Ctrl+C only when Qt lets it run
    wake.start(200)
    wake.timeout.connect(lambda: None)
    window.show()
    begin(window, args.folder)
    return qt.exec()


def begin(window: "ReviewWindow", folders: list[Path]) -> None:
    """Review sessions at once; a folder that is none is listed."""
    from app.pages.sessions import Sessions  # with Qt

    if all(looks_like_session(folder) for folder in folders):
        review(window, folders)
    elif len(folders) == 1:
        page = window.turner.page("sessions")
        assert isinstance(page, Sessions)
        page.open_folder(folders[0])
    else:
        review(window, [folder for folder in folders if looks_like_session(folder)])


def review(window: "ReviewWindow", folders: list[Path]) -> None:
    """Show the review of sessions."""
    from app.pages.review import Review

    page = window.turner.page("review")
    assert isinstance(page, Review)
    page.review(folders)
