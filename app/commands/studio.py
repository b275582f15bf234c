"""What a command may do: the narrow face of the application that menus, keys, tests and the demo share."""

from typing import Literal, Protocol

from core.branch_tree import BranchTree, Head
from core.events import Message, Status
from core.verbs import Verb

Mode = Literal["drive", "review", "compare", "sessions"]
"""Which page of the window is shown."""


class DeckKeys(Protocol):
    """What keys do to the past; see app.timeline.player.TimelinePlayer."""

    def shuttle(self, direction: int, *, slow: bool = False) -> None:
        """Play forwards (+1) or backwards (-1); again for twice the speed."""

    def halt(self) -> None:
        """Stop playing."""

    def stop(self) -> bool:
        """Stop playing; whether anything played."""

    def digit(self, digit: int) -> None:
        """A digit of the speed."""

    def step(self, steps: int) -> None:
        """So many steps along the branch."""

    def to_event(self, direction: int) -> None:
        """The next or previous event."""

    def failure(self, direction: int) -> None:
        """The next or previous failure."""

    def sibling(self, direction: int) -> None:
        """The next or previous branch of the same parent."""

    def lane(self, direction: int) -> None:
        """The lane below or above."""

    def go_to_step(self) -> None:
        """Ask for a step."""

    def set_in(self) -> None:
        """The range begins here."""

    def set_out(self) -> None:
        """The range ends here."""

    def go_in(self) -> None:
        """To the begin of the range."""

    def go_out(self) -> None:
        """To the end of the range."""

    def clear_range(self) -> None:
        """No range."""

    def zoom(self, direction: int) -> None:
        """Closer, farther, or the whole episode."""

    def zoom_to_range(self) -> None:
        """The range alone."""

    def height(self, direction: int) -> None:
        """Taller or lower lanes."""


class Studio(Protocol):
    """The application as a command sees it."""

    @property
    def status(self) -> Status | None:
        """The newest status; None while loading."""

    @property
    def tree(self) -> BranchTree:
        """The newest tree; empty while loading."""

    @property
    def head(self) -> Head | None:
        """Where the session stands; None while loading."""

    @property
    def deck(self) -> DeckKeys:
        """Moves through the past."""

    def length(self, branch: int) -> int:
        """Index of the last node of a branch, steps included that the tree has not told yet."""

    def submit(self, *verbs: Verb) -> None:
        """Hand verbs to the runtime, in order; never dropped."""

    def screenshot(self) -> None:
        """Save a picture of the window."""

    def new_scene_from(self) -> None:
        """Ask for a seed, a recorded step or pictures, and start there."""

    def new_scene_from_here(self) -> None:
        """Start a scene from what is seen at the head."""

    def show_devices(self) -> None:
        """Show or leave the page of the devices."""

    def show_mode(self, mode: Mode) -> None:
        """Show another page of the window; the session pauses behind it."""

    def toggle_plots(self) -> None:
        """Show the curves of the head's path, or do not."""

    def switch_arm(self) -> None:
        """Let a hand that drives one arm at a time drive the other one."""

    def recentre(self) -> None:
        """Let forward be where the headset looks."""

    def rescale(self, direction: int) -> None:
        """Let the hands move the tools more (+1) or less (-1)."""

    def rename_branch(self) -> None:
        """Ask for the name of the head's branch."""

    def add_note(self) -> None:
        """Ask for words and put them on the head."""

    def note_branch(self) -> None:
        """Ask for the note of the head's branch."""

    def show_history(self) -> None:
        """Turn to the list of what was done, or leave it."""

    def show_palette(self) -> None:
        """Find a command by some of its letters."""

    def change_text_size(self, direction: int) -> None:
        """Larger (+1), smaller (-1) or usual (0) text."""

    def tell(self, message: Message) -> None:
        """Show words."""

    def open_session(self) -> None:
        """Ask for a session folder and continue it."""

    def export_session(self) -> None:
        """Ask what of this session becomes a data set of another project, and write it."""

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""

    def toggle_plan(self) -> None:
        """Draw what the policy is about to do over the pictures, or do not."""

    def toggle_markers(self) -> None:
        """Draw rings where the end effectors were measured, or do not."""

    def show_help(self) -> None:
        """Show or hide the card of all keys."""

    def leave(self) -> None:
        """Leave full screen or close the help card; with neither, nothing."""

    def quit(self) -> None:
        """Close the window; what is recorded is on disk first."""
