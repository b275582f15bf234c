"""The queue of failures as a page of a window: one key goes from failure to failure, each open at its point."""

import time
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.failures.advance import Answer, Request, account, advance
from app.failures.page import FailuresPage
from app.failures.search import other_parts, search_arguments
from app.failures.words import arrival_words, point_of
from app.jobs.job import Job
from app.pages.driving import DrivingAfterLabels
from app.pages.page import Acts, PageHost, QuietPage
from app.playback.background import Background
from core.events import Message
from core.store.archive import StoreArchive
from core.verbs import RollBack
from models.failures.queue import Key, Queued


class Failures(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host, self._driving = host, DrivingAfterLabels(host)
        self.view = FailuresPage()
        self.job: Job | None = None
        """The search that is running."""
        self.current: Queued | None = None
        """The failure that the operator works on."""
        self._since = 0.0
        """time.monotonic() up to which its time is accounted for."""
        self._opening: Answer | None = None
        """Where the operator is being brought to."""
        self._behind: list[Key] = []
        """Failures that were passed over in this sitting."""
        self._thread = Background("failure queue")
        self._thread.done.connect(self._take)
        self._thread.failed.connect(lambda words: host.say(Message("error", words)))
        self.view.next_asked.connect(self.go_on)
        self.view.chosen.connect(self.go_on)
        self.view.search_asked.connect(self._search)
        self.view.stop_asked.connect(self._stop_search)
        self.view.show_can_drive(host.drive is not None and host.session.opened is not None)

    @property
    def widget(self) -> QWidget:
        """See Page.widget."""
        return self.view

    @property
    def folder(self) -> Path:
        """Of the list: the one that was chosen here, else "failures" in the folder of sessions."""
        return self.view.folder or (self._host.sessions() or Path("sessions")) / "failures"

    def show_keys(self, key: KeyOf) -> None:
        """See Page.show_keys."""
        self.view.show_keys(key)

    def acts(self) -> Acts:
        """See Page.acts; the first two are possible while driving too."""
        return {**self.view.acts(), "correct_next": self.go_on, "other_point": self._other_point}

    def show(self) -> None:
        """See Page.show: what was corrected meanwhile is accounted for, then the list is read."""
        self.view.show_can_drive(self._host.drive is not None and self._host.session.opened is not None)
        self.view.read(self.folder)
        if self.current is not None and not self._thread.waiting:
            request = self._request(None)
            self._thread.ask(lambda tell: account(request))

    def take_session(self) -> None:
        """See Page.take_session: the failure that was asked for is open, or the user opened something else."""
        self.current = None
        self.view.show_can_drive(self._host.drive is not None)
        if self._opening is not None and self._is_open(self._opening):
            self._arrive(self._opening)

    def release(self, archive: StoreArchive) -> None:
        """See Page.release."""
        self._thread.cancel()

    def stop(self) -> None:
        """See Page.stop."""
        self._driving.stop()
        self._thread.stop()
        self.view.stop()
        if self.job is not None:
            self.job.stop()

    # -- from failure to failure -----------------------------------------------------------------------------------

    def go_on(self, wanted: Queued | None = None) -> None:
        """Open the next failure, or the one that is wanted, at its point; the current one is accounted for."""
        if self._thread.waiting or self._host.opening():
            return
        if self._opening is not None:  # it could not be opened, or the user cancelled that
            self._pass_over(self._opening.target)
            self._opening = None
        self._pass_over(self.current)
        request = self._request(wanted)
        self._thread.ask(lambda tell: advance(request))

    def _request(self, wanted: Queued | None) -> Request:
        since, self._since = self._since, time.monotonic()
        current, key = self.current, wanted.key if wanted is not None else None
        live, behind = self._host.session.archive, tuple(self._behind)
        if current is None:
            return Request(self.folder, live=live, behind=behind, wanted=key)
        return Request(self.folder, current, self._since - since, live, behind, key)

    def _pass_over(self, one: Queued | None) -> None:
        if one is not None:
            self._behind = [key for key in self._behind if key != one.key] + [one.key]

    def _take(self, answer: Answer | None) -> None:
        if answer is not None and answer.words:
            self._host.say(Message("warning" if answer.target is not None else "info", answer.words))
        if answer is None or answer.target is None:
            if self.view.isVisible():
                self.view.read()
            return
        self._opening = answer
        if self._is_open(answer):
            self._arrive(answer)
        else:
            self._driving.drive(self.folder / answer.target.key.session)

    def _is_open(self, answer: Answer) -> bool:
        folder, target = self._host.session.folder, answer.target
        return folder is not None and target is not None and folder.resolve() == self._place_of(target)

    def _place_of(self, one: Queued) -> Path:
        return (self.folder / one.key.session).resolve()

    def _arrive(self, answer: Answer) -> None:
        self._opening, target = None, answer.target
        if target is None:
            return
        self.current, self._since = target, time.monotonic()
        self._host.turn("drive")
        self._roll_back(target, answer.waiting)
        opened = self._host.session.opened
        differ = other_parts(answer.about, opened) if opened is not None else ""
        if differ:
            words = f"This failure was found with another {differ} than what is open: what follows may differ from it."
            self._host.say(Message("warning", words))

    def _roll_back(self, one: Queued, waiting: int) -> None:
        place = self.view.model.place(one.key)
        self._host.session.submit(RollBack(one.key.branch, point_of(one, place).index))
        self._host.say(Message("info", arrival_words(one, place, waiting)))

    def _other_point(self) -> None:
        """The next proposed point: of the row that is selected, or while driving of the current failure."""
        if self.view.isVisible():
            self.view.turn_point()
        elif self.current is not None and self._host.session.folder is not None:
            self.view.model.turn(self.current)
            self._roll_back(self.current, 0)
        else:
            self._host.say(Message("info", "No failure of the list is open. Go to the next one first."))

    # -- the search ------------------------------------------------------------------------------------------------

    def _search(self, more: int) -> None:
        """Let the policy try `more` times in the background."""
        opened, config = self._host.session.opened, self._host.config()
        if opened is None or config is None or self.job is not None:
            return
        differ = other_parts(self.view.listed.about, opened)
        if differ:
            words = (
                f"The list is of another {differ} than what is open. Choose another folder, or open a session of it."
            )
            self._end(words, failed=True)
            return
        arguments = search_arguments(opened, config, self.folder, self.view.listed.attempts + more)
        self.job = Job(arguments, self.view, what="search for failures")
        self.job.progressed.connect(self._show_progress)
        self.job.done.connect(lambda result: self._end(f"{result['failures']} failures are listed."))
        self.job.failed.connect(self._end_early)
        self.view.show_search("Loading world and policy; the first attempts are played together…")
        self.job.start()

    def _stop_search(self) -> None:
        if self.job is not None:
            self.job.cancel()

    def _show_progress(self, progress: dict[str, int]) -> None:
        done, total = progress["attempts"], progress["of_attempts"]
        self.view.show_search(f"{done} of {total} attempts, {progress['failures']} failures", done, total)
        self.view.read()

    def _end_early(self, words: str) -> None:
        self._end(words or "Stopped. What was found is listed; another search goes on from there.", failed=bool(words))

    def _end(self, words: str, failed: bool = False) -> None:
        job, self.job = self.job, None
        if job is not None:
            job.deleteLater()
        self.view.end_search(words, failed)
        if failed or not self.view.isVisible():
            self._host.say(Message("error" if failed else "info", f"Search for failures: {words}"))
