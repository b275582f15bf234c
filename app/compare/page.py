"""Two or four branches side by side, aligned at their fork, under one scrubber."""

from collections.abc import Callable
from dataclasses import dataclass

from PyQt6.QtCore import Qt, pyqtSignal
from PyQt6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from app.commands.key_words import KeyOf, with_key
from app.compare.alignment import place
from app.compare.pane import Pane, choice_of
from app.compare.plots import ComparePlots
from app.compare.reading import Choose, Comparison, compare, four_about, pair_about, start_of, these
from app.playback.background import Background
from app.playback.moves import acts_on
from app.playback.over import Over
from app.playback.player import Player
from app.playback.playhead import LEAD
from app.playback.scrub_bar import Mark, ScrubBar
from app.playback.transport import Transport
from app.timeline.words import clock
from app.widgets.fitting import HeadBar, Wording
from app.widgets.labels import PlainLabel
from app.widgets.tab_focus import reach_by_tab
from core.branch_tree import BranchTree
from core.store.archive import StoreArchive

ALONE = (
    "This session has only one branch with steps, so there is nothing to compare it with.\n"
    "Drive on: roll back a failure, correct it, and come back here."
)
"""In place of a comparison."""
NOTHING = "Nothing is compared yet. In Review, “Before / after” compares a failure with its best correction."
BUTTONS = (("before_after", "Before / after"), ("two", "Two"), ("four", "Four"))
"""Name of a command, and its word."""


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """The session that is compared within."""

    archive: StoreArchive
    tree: Callable[[], BranchTree]
    """With the newest labels."""


class ComparePage(QWidget):
    """Compares branches of one session; needs no device."""

    said = pyqtSignal(object)
    """A core.events.Message for the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panes = [Pane(number) for number in range(4)]
        self.scrub, self.transport, self.plots = ScrubBar(), Transport(), ComparePlots()
        self.player = Player(ready=lambda: not any(pane.waiting for pane in self.panes))
        self.comparison: Comparison | None = None
        self._subject: Subject | None = None
        self._about = 0
        self._paths_on = True
        self._reading = Background("comparison reader")
        self._buttons: dict[str, QToolButton] = {}
        self._lay_out()
        self._connect()
        self.clear(NOTHING)

    def _lay_out(self) -> None:
        self._head = Wording()
        self._head.setObjectName("dim")
        title = PlainLabel("Compare")
        title.setObjectName("pagetitle")
        row = QHBoxLayout()
        row.setContentsMargins(14, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(title)
        row.addWidget(self._head, 1)
        for name, words in BUTTONS:
            button = QToolButton()
            button.setObjectName("choice")
            button.setText(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _checked=False, name=name: self.acts()[name]())
            row.addWidget(button)
            self._buttons[name] = button
        bar = HeadBar(())
        bar.setLayout(row)
        head = QFrame()
        head.setObjectName("pagehead")
        around = QVBoxLayout(head)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(bar)
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(1)
        for pane in self.panes:
            self._grid.addWidget(pane, pane.number // 2, pane.number % 2)
        self._words = PlainLabel()
        self._words.setObjectName("dim")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._grid, 1)
        column.addWidget(self._words, 1)
        column.addWidget(self.scrub)
        column.addWidget(self.transport)
        self._over = Over(upper, self.plots, (450, 230))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(head)
        whole.addWidget(self._over, 1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        reach_by_tab(self, [*self._buttons.values(), *(pane.choice for pane in self.panes), *self.transport.controls])

    def _connect(self) -> None:
        self.player.moved.connect(self._show_offset)
        self.player.changed.connect(self._show_player)
        self.scrub.sought.connect(self.player.seek)
        self.plots.sought.connect(self.player.seek)
        self.transport.asked.connect(lambda name: self.acts()[name]())
        self.transport.step.entered.connect(self.player.seek)
        self.transport.step.left.connect(self.setFocus)
        self._reading.done.connect(self._show)
        self._reading.failed.connect(self.clear)
        for pane in self.panes:
            pane.chosen.connect(self.put)

    def show_keys(self, key: KeyOf) -> None:
        """The keys of this page, wherever they are written."""
        for name, words in BUTTONS:
            shown = with_key(words, key(name))
            self._buttons[name].setText(shown if name == "before_after" else words)
            self._buttons[name].setToolTip(shown)
        self.transport.show_keys(key)

    def acts(self) -> dict[str, Callable[[], None]]:
        """What the commands of this page do, by their names."""
        player = self.player
        return {
            **acts_on(player),
            "before_after": lambda: self.before_after(self._about),
            "two": lambda: self._count(2),
            "four": lambda: self._count(4),
            "other_up": lambda: self._other(-1),
            "other_down": lambda: self._other(+1),
            "to_fork": lambda: player.seek(0),
            "event_back": lambda: player.seek(self.scrub.event_from(player.head.node, -1)),
            "event_forward": lambda: player.seek(self.scrub.event_from(player.head.node, +1)),
            "paths": self._toggle_paths,
        }

    # -- what is compared ------------------------------------------------------------------------------------------

    @property
    def reading(self) -> bool:
        """Whether a comparison is still being read."""
        return self._reading.waiting

    def set_subject(self, archive: StoreArchive, tree: Callable[[], BranchTree]) -> None:
        """Compare within a session from now on."""
        if self._subject is None or self._subject.archive is not archive:
            self._subject, self._about = Subject(archive, tree), start_of(archive)

    @property
    def archive(self) -> StoreArchive | None:
        """The session that is compared within."""
        return self._subject.archive if self._subject is not None else None

    def before_after(self, branch: int | None = None) -> None:
        """The failure that a branch is about, and its best correction."""
        self._about = self._about if branch is None else branch
        self._ask(pair_about(self._about))

    def put(self, pane: int, branch: int) -> None:
        """Another branch in one pane."""
        if self.comparison is not None:
            chosen = [b.id for b in self.comparison.branches]
            chosen[pane] = branch
            self._ask(these(chosen))

    def _count(self, count: int) -> None:
        if count == 4:
            self._ask(four_about(self._about))
        elif self.comparison is not None:
            self._ask(these([b.id for b in self.comparison.branches[:2]]))
        else:
            self.before_after()

    def _other(self, direction: int) -> None:
        """The last pane shows the neighbouring branch of the episode."""
        found = self.comparison
        if found is None or len(found.branches) < 2:
            return
        shown = {b.id for b in found.branches[:-1]}
        last = found.branches[-1]
        line = [b.id for b in found.tree.branches.values()
                if b.episode == last.episode and not b.discarded and b.id not in shown]  # fmt: skip
        if last.id in line:
            self.put(len(found.branches) - 1, line[(line.index(last.id) + direction) % len(line)])

    def _ask(self, choose: Choose) -> None:
        subject = self._subject
        if subject is None:
            return
        tree = subject.tree()
        if not tree.branches:
            self.clear("This session holds no branch yet.")
            return
        if self._about not in tree.branches:
            self._about = 0
        self._reading.ask(lambda tell: compare(subject.archive, tree, choose))

    def clear(self, words: str) -> None:
        """Compare nothing, and say why."""
        self.player.stop()
        self.comparison = None
        for pane in self.panes:
            pane.hide()
        self._words.setText(words)
        self._words.show()
        self._show_parts(False)
        self._head.show_wordings("")
        self.plots.show_comparison(None)
        self.scrub.show_drivers(())
        self.scrub.show_range(0, 1, 0)

    def _show_parts(self, on: bool) -> None:
        """What has nothing to show without a comparison: empty axes say nothing."""
        self.scrub.setVisible(on)
        self.transport.setVisible(on)
        self._over.show_lower(on)

    def release(self) -> None:
        """Close the session that is compared, without waiting for what is being read."""
        self._reading.cancel()
        self.player.stop()
        for pane in self.panes:
            pane.stop()
        self._subject = None
        self.clear(NOTHING)

    def stop(self) -> None:
        """End every thread, when the program ends."""
        self.release()
        self._reading.stop()

    # -- what is seen ----------------------------------------------------------------------------------------------

    def _show(self, comparison: Comparison) -> None:
        if self._subject is None:
            return
        if len(comparison.branches) < 2:
            self.clear(ALONE)
            return
        self.comparison = comparison
        self._words.hide()
        self._show_parts(True)
        labels = comparison.labels
        choosable = [
            b
            for b in comparison.tree.branches.values()
            if not b.discarded and (b.length > b.fork_step or b in comparison.branches)
        ]
        offered = [choice_of(b, labels[b.id]) for b in choosable]
        for pane in self.panes:
            there = pane.number < len(comparison.branches)
            pane.setVisible(there)
            if there:
                branch = comparison.branches[pane.number]
                pane.show_branch(comparison.archive, branch, comparison.tracks[pane.number])
                pane.offer(offered if branch in choosable else [*offered, choice_of(branch, labels[branch.id])])
            else:
                pane.stop()
        self._head.show_wordings(*self._head_words(comparison))
        self._show_range(comparison)

    @staticmethod
    def _head_words(comparison: Comparison) -> tuple[str, ...]:
        names = ", ".join(comparison.labels[b.id] for b in comparison.branches[1:])
        reference = comparison.labels[comparison.branches[0].id]
        at = (
            f"aligned at the fork, step {comparison.anchors[0]} of {reference}"
            if comparison.forked
            else "from the start"
        )
        who = f"{names} against {reference}"
        return f"{comparison.archive.folder.name}  ·  {who}  ·  {at}", f"{who}  ·  {at}", who

    def _show_range(self, comparison: Comparison) -> None:
        low, high = comparison.extent
        first = max(low, -LEAD)
        self.player.dt = comparison.archive.dt
        marks = [
            Mark(m.index - at, m.kind)
            for branch, at in zip(comparison.branches, comparison.anchors, strict=True)
            for m in branch.markers
            if m.index - at >= first
        ]
        self.scrub.show_range(first, high, 0, marks)
        pairs = zip(comparison.tracks, comparison.anchors, strict=True)
        self.scrub.show_drivers([(-at, track.source) for track, at in pairs])
        self.plots.show_comparison(comparison, first)
        self.player.clear_range()
        self.player.load(first, high, 0 if comparison.forked else first)

    def _show_offset(self, offset: int) -> None:
        found = self.comparison
        if found is None:
            return
        for pane, at, track in zip(self.panes, found.anchors, found.tracks, strict=False):
            pane.go(place(offset, at, track.last))
        self.scrub.show_head(offset)
        self.plots.set_offset(offset)
        unit = "steps from the fork" if found.forked else "steps from the start"
        self.transport.show_place(offset, unit, clock(abs(offset) * self.player.dt) + (" before" if offset < 0 else ""))

    def _toggle_paths(self) -> None:
        self._paths_on = not self._paths_on
        for pane in self.panes:
            pane.pictures.show_paths(self._paths_on)
        self._show_player()

    def _show_player(self) -> None:
        self.scrub.show_played(self.player.head.begin, self.player.head.end)
        self.transport.show_player(self.player.speed, self.player.playing)
        self.transport.show_choices(loop=self.player.head.loops, paths=self._paths_on)
