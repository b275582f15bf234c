"""Pictures of review, comparison and browser, for the eye: `python -m tests.app.review_gallery FOLDER [W H]`."""

import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PyQt6.QtWidgets import QApplication, QWidget

from app.command.screen import VirtualScreen
from app.compare.page import ComparePage
from app.review.page import ReviewPage
from app.sessions.page import BrowserPage
from app.widgets import theme
from core.recorder import Recorder
from core.store.archive import open_archive
from tests.app.recorded_session import write_small, write_three_failures


def wait(application: QApplication, ready: Callable[[], bool], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not ready() and time.monotonic() < deadline:
        application.processEvents()
        time.sleep(0.005)
    for _ in range(20):
        application.processEvents()
        time.sleep(0.005)


class Gallery:
    def __init__(self, folder: Path, width: int, height: int) -> None:
        self.folder, self.size = folder, (width, height)
        self.application = QApplication(sys.argv[:1])
        theme.apply(self.application)

    def shot(self, widget: QWidget, name: str, ready: Callable[[], bool] = lambda: True) -> None:
        widget.resize(*self.size)
        widget.show()
        wait(self.application, ready)
        widget.grab().save(str(self.folder / f"{self.size[0]}-{name}.png"))

    def review(self, session: Path) -> None:
        page = ReviewPage("noa")
        page.setWindowTitle("review")
        self.shot(page, "review-empty")
        page.load([session])
        wait(self.application, lambda: page.viewer.track is not None)
        for verdict in ("accepted", "rejected", "needs_work"):
            page.judge(verdict)  # type: ignore[arg-type]
        page.select((session, 2))
        wait(self.application, lambda: page.viewer.track is not None)
        page.viewer.player.seek(150)
        self.shot(page, "review", lambda: page.viewer.pictures.drawn > 3)
        page.filter_bar.field.setText("outcome:failure trust<50% nowhere:1")
        page.viewer.plots.next_group()
        self.shot(page, "review-filtered")
        page.filter_bar.field.clear()
        other = Recorder(session.parent / "2026-11-23_14-40-05", sync=False)
        page.load([other.archive.folder, session.parent / "2026-11-21_17-20-44"])
        wait(self.application, lambda: page.viewer.track is not None)
        self.shot(page, "review-busy-and-broken")
        other.close()
        page.stop()
        page.deleteLater()

    def compare(self, session: Path) -> None:
        page = ComparePage()
        self.shot(page, "compare-empty")
        archive = open_archive(session)
        page.set_subject(archive, archive.tree)
        page.before_after(1)
        wait(self.application, lambda: page.comparison is not None)
        page.player.seek(34)
        self.shot(page, "compare", lambda: not any(p.waiting for p in page.panes))
        page.acts()["four"]()
        wait(self.application, lambda: page.comparison is not None and len(page.comparison.branches) == 4)
        page.player.seek(80)
        self.shot(page, "compare-four", lambda: not any(p.waiting for p in page.panes))
        page.stop()
        page.deleteLater()

    def browser(self, folder: Path, empty: Path) -> None:
        page = BrowserPage()
        page.read(empty)
        self.shot(page, "browser-empty", lambda: not page.reading)
        page.read(folder)
        self.shot(page, "browser", lambda: not page.reading)
        page.stop()
        page.deleteLater()


def sessions(folder: Path) -> Path:
    """A good session with pictures, small ones, one that is not closed, one that is broken; and what is no session."""
    session = folder / "2026-11-24_21-15-00"
    if not session.exists():
        write_three_failures(session, pictures=True)
    for name, operator in (("2026-11-22_09-02-11", "noa"), ("2026-11-23_14-40-05", "mia")):
        if not (folder / name).exists():
            write_small(folder / name, 40, operator=operator)
    torn = folder / "2026-11-21_17-20-44"
    if not torn.exists():
        (write_small(torn) / "zarr.json").write_text('{"zarr_format": 3, "attri')
    (folder / "2026-11-24_21-15-00.scenes").mkdir(exist_ok=True)
    return session


def pictures(folder: Path, width: int, height: int) -> None:
    gallery = Gallery(folder, width, height)
    kept = Path(tempfile.gettempdir()) / "hi-wm-review-gallery"
    sessions(kept)  # drawing every step takes a while, so they are kept; what is labelled is a copy
    with tempfile.TemporaryDirectory() as copy:
        folder, empty = Path(copy) / "sessions", Path(copy) / "empty"
        shutil.copytree(kept, folder)
        empty.mkdir()
        session = sessions(folder)
        gallery.review(session)
        gallery.compare(session)
        gallery.browser(folder, empty)


if __name__ == "__main__":
    target, width, height = Path(sys.argv[1] if len(sys.argv) > 1 else "out/review"), 1280, 800
    if len(sys.argv) > 3:
        width, height = int(sys.argv[2]), int(sys.argv[3])
    target.mkdir(parents=True, exist_ok=True)
    with VirtualScreen(width, height):
        pictures(target, width, height)
