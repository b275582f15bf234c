"""A real session for pictures: three failures and a dozen branches, driven by the shipped policy and operator.

    python -m tests.app.staged_session OUT [--world NAME] [--size 1280x800 --size 2560x1440] [--text 1.3]

records a session into OUT/session (unless it is there already), opens it in the real application on a virtual screen
of each size, and saves OUT/timeline-WIDTH.png and the others named in PICTURES. Nothing in it is drawn by hand: every
frame was imagined by the world, every outcome is what the task's judge said, or a failure marked where there was none.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtTest import QTest
from PyQt6.QtWidgets import QApplication

from app.application import Application
from app.command.arguments import size
from app.command.screen import VirtualScreen
from app.opening.config import Config
from app.opening.loading import load_parts
from app.qt import make_qt
from app.widgets import theme
from app.window.settings import WindowSettings
from core.branch_tree import Head
from core.errors import IllegalVerb
from core.recorder import Recorder
from core.session import Session
from core.settings import Settings
from core.verbs import (
    BranchHere,
    Discard,
    HandBack,
    Mark,
    Pause,
    Rename,
    Replay,
    RollBack,
    Run,
    SetNote,
    SetOutcome,
    SetPinned,
    SetReview,
    TakeOver,
    Verb,
)
from models import load_operator


class Staged:
    """A session without a runtime: verbs, and steps taken one after the other."""

    def __init__(self, session: Session, operator: object) -> None:
        self.session, self.operator = session, operator

    def do(self, *verbs: Verb) -> None:
        for verb in verbs:
            self.session.apply(verb)

    def run(self, steps: int) -> int:
        """Let the driver take so many steps, or fewer where the attempt ends; the branch."""
        session, hand = self.session, self.operator
        for _ in range(steps):
            seen = session.node.observation
            hand.show(seen.frames, seen.ee_state, session.node.world_time)  # type: ignore[attr-defined]
            session.tick(hand.read() if session.phase == "CORRECTING" else None)  # type: ignore[attr-defined]
            if session.phase == "PAUSED":
                break
        return session.head.branch

    def policy(self, steps: int) -> int:
        self.do(Run())
        branch = self.run(steps)
        return self.still(branch)

    def correct(self, at: Head, steps: int, then: int = 0, style: int = 0) -> int:
        """Go back, take over, hand back after a while."""
        self.operator.style = style  # type: ignore[attr-defined]
        self.do(RollBack(at.branch, at.index), TakeOver())
        branch = self.run(steps)
        if then and self.session.phase == "CORRECTING":
            self.do(HandBack())
            branch = self.run(then)
        return self.still(branch)

    def still(self, branch: int) -> int:
        if self.session.phase != "PAUSED":
            self.do(Pause())
        return branch

    def fail(self, branch: int, words: str) -> None:
        """Mark a failure at the end of a branch that was not solved."""
        at = self.session.tree.branches[branch]
        if at.outcome != "success":
            self.do(Mark("failure", words, branch, at.length), SetOutcome("failure", branch))

    def at(self, branch: int, share: float) -> Head:
        """A place on a branch's own steps."""
        found = self.session.tree.branches[branch]
        return Head(branch, round(found.fork_step + share * (found.length - found.fork_step)))


def play(staged: Staged, long: int = 90) -> None:
    """The story: a failure, six ways to mend it, two of which fail as well, a replay, and a fumble in the trash."""
    trunk = staged.policy(long)
    staged.fail(trunk, "slips off the corner")
    first = staged.correct(staged.at(trunk, 0.6), long // 2, long, style=0)
    staged.do(Rename("around the left", first), SetReview("accepted", first, "mk"), SetPinned(True, first))
    second = staged.correct(staged.at(trunk, 0.6), long // 8, long // 2, style=1)
    staged.fail(second, "both hands on one side")
    staged.do(Rename("both hands at once", second), SetReview("rejected", second, "mk"))
    third = staged.correct(staged.at(second, 0.5), long // 3, long, style=2)
    staged.do(SetNote("best of the day", third), SetReview("accepted", third, "mk"))
    fumble = staged.correct(staged.at(trunk, 0.62), 7)
    fourth = staged.correct(staged.at(trunk, 0.3), long // 6, long // 2, style=1)
    staged.fail(fourth, "turned too far")
    fifth = staged.correct(staged.at(fourth, 0.4), long, style=0)
    staged.do(SetReview("needs_work", fifth, "mk"))
    sixth = staged.correct(staged.at(trunk, 0.8), long, style=2)
    staged.do(Mark("note", "contact here", sixth, staged.at(sixth, 0.3).index))
    staged.do(Replay(first))
    staged.run(3 * long)
    staged.correct(staged.at(trunk, 0.45), long // 3, long // 2, style=1)
    staged.correct(staged.at(third, 0.3), long // 4, long // 2, style=2)
    here = staged.at(trunk, 0.2)
    staged.do(BranchHere(here.branch, here.index), Discard(fumble))
    staged.policy(long // 2)
    staged.correct(staged.at(first, 0.25), long // 3, style=1)


def record(folder: Path, world: str) -> None:
    """The session on disk."""
    parts = load_parts(Config(world=world), print)
    recorder = Recorder(folder)
    operator = load_operator(parts.task.name)()
    operator.connect()
    settings = Settings(device=operator.name)
    session = Session(parts.world, parts.policy, parts.task, sink=recorder, archive=recorder.archive, settings=settings)
    try:
        play(Staged(session, operator))
    except IllegalVerb as error:
        print(f"The story went another way: {error}")
    finally:
        operator.disconnect()
        recorder.close()


def wait(until: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not until():
        QApplication.processEvents()
        time.sleep(0.005)


def scenes(studio: Application) -> Iterator[str]:
    """Each picture's name, when the window is ready for it."""
    window, past = studio.window, studio.timeline
    height = sum(window._splitter.sizes())
    window._splitter.setSizes([round(0.46 * height), round(0.54 * height)])
    trunk = studio.session.tree.branches[0]
    studio.session.submit(RollBack(0, trunk.length - 6))
    wait(lambda: studio.session.head == Head(0, trunk.length - 6))
    yield "timeline"
    canvas = past.timeline.viewport()
    g, scale = past.timeline.layout_now, theme.text_scale()
    assert canvas is not None
    for node in (60, 61):
        QTest.mouseMove(canvas, QPoint(round(scale * g.x(node)), round(scale * (g.row_top(1) + 10))))
        wait(lambda: False, 0.4)
    yield "hover"
    QTest.mouseMove(canvas, QPoint(5, 5))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(scale * g.x(10)), 10))
    QTest.mouseMove(canvas, QPoint(round(scale * g.x(30)), 10))
    wait(lambda: False, 0.5)
    yield "scrub"
    past.timeline.cancel_scrub()
    studio.window.run_command("palette")
    QTest.keyClicks(window.palette_card.field, "bran")
    yield "palette"
    window.palette_card.leave()
    studio.window.run_command("help")
    yield "help"
    studio.window.run_command("help")
    window.side_column.turn_to("History")
    studio.window.run_command("taller")
    yield "pictures"
    for _ in range(3):
        studio.window.run_command("lower")
    yield "merged"


def pictures(folder: Path, where: tuple[int, int], text: float) -> None:
    """Open the session in a separate window and take a screenshot of it."""
    settings = WindowSettings(folder / "window.ini")
    settings.text_size = text
    studio = Application(Config(session=folder / "session", size=where), settings)
    studio.window.move(0, 0)
    studio.start()
    wait(lambda: studio.session.status is not None and 0 in studio.session.tree.branches, 120.0)
    wait(lambda: False, 1.5)
    screen = QApplication.primaryScreen()
    assert screen is not None
    for name in scenes(studio):
        wait(lambda: False, 0.8)
        screen.grabWindow(0, 0, 0, *where).save(str(folder / f"{name}-{where[0]}.png"))
    studio.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--world", default="auto")
    parser.add_argument("--size", type=size, action="append")
    parser.add_argument("--text", type=float, default=1.0, help="factor on every text")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    if not (args.out / "session").exists():
        record(args.out / "session", args.world)
    sizes = args.size or [(1280, 800), (2560, 1440)]
    with VirtualScreen(max(w for w, _ in sizes), max(h for _, h in sizes)):
        application = make_qt()
        for where in sizes:
            pictures(args.out, where, args.text)
        application.quit()


if __name__ == "__main__":
    main()
