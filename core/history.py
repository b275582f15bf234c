"""What Undo and Redo would do: a stack as a value, and the changes that made it, which a store keeps."""

from dataclasses import dataclass
from typing import Final, Literal

from core.edits import Edit

LIMIT: Final = 1000
"""Edits that are remembered; the oldest is forgotten first."""
Move = Literal["do", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class History:
    """Edits that can be taken back, and those that can be done again; newest last."""

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    @property
    def next_undo(self) -> Edit | None:
        """What Undo would take back."""
        return self.done[-1] if self.done else None

    @property
    def next_redo(self) -> Edit | None:
        """What Redo would do again."""
        return self.undone[-1] if self.undone else None

    @property
    def undo_label(self) -> str:
        """What Undo would take back, "" for nothing."""
        return self.done[-1].label if self.done else ""

    @property
    def redo_label(self) -> str:
        """What Redo would do again, "" for nothing."""
        return self.undone[-1].label if self.undone else ""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a history."""

    move: Move
    edit: Edit | None = None
    """What was done; None for undo and redo, which take the top of their stack."""


def changed(history: History, change: Change) -> History:
    """The history after a change; undo and redo with nothing to take change nothing."""
    match change.move:
        case "do" if change.edit is not None:  # what was undone cannot be done again any more
            return History((*history.done, change.edit)[-LIMIT:])
        case "undo" if history.done:
            return History(history.done[:-1], (*history.undone, history.done[-1]))
        case "redo" if history.undone:
            return History((*history.done, history.undone[-1]), history.undone[:-1])
        case _:
            return history
