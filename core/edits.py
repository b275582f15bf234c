"""What verbs change on branches besides steps, and how it is taken back and done again."""

from dataclasses import dataclass, replace

from core.branch_tree import Branch, BranchTree, Head, Marker, branch_of, descends, owner, with_branch
from core.verbs import Discard, Mark, Rename, SetOutcome, SetReview


@dataclass(frozen=True, slots=True)
class Edit:
    """One undoable change of one branch, and of the head where the verb moved it."""

    label: str
    """For the menu: "Undo <label>"."""
    before: Branch
    after: Branch
    head_before: Head
    head_after: Head

    @property
    def discards(self) -> bool:
        """Whether the branch goes to the trash lane; a label does not move one that is there, nor who stands in it."""
        return self.after.discarded and not self.before.discarded

    def reversed(self) -> "Edit":
        """The edit that takes this one back."""
        return Edit(self.label, self.after, self.before, self.head_after, self.head_before)


@dataclass(frozen=True, slots=True)
class History:
    """Edits that can be taken back, and those that can be done again; newest last."""

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    @property
    def undo_label(self) -> str:
        """What Undo would take back, "" for nothing."""
        return self.done[-1].label if self.done else ""

    @property
    def redo_label(self) -> str:
        """What Redo would do again, "" for nothing."""
        return self.undone[-1].label if self.undone else ""


def recorded(history: History, edit: Edit) -> History:
    """The history after a new edit: nothing can be done again any more."""
    return History((*history.done, edit))


def taken_back(history: History) -> tuple[History, Edit]:
    """The history after Undo, and the edit to take back."""
    return History(history.done[:-1], (*history.undone, history.done[-1])), history.done[-1]


def done_again(history: History) -> tuple[History, Edit]:
    """The history after Redo, and the edit to do again."""
    return History((*history.done, history.undone[-1]), history.undone[:-1]), history.undone[-1]


_LABELS = ("name", "outcome", "review", "markers", "discarded")


def relabelled(tree: BranchTree, edit: Edit) -> BranchTree:
    """The tree in which a branch has the labels that an edit gives it.

    Steps that were taken since then stay, and so does what the edit does not change: the task may have said since
    how the branch ended.
    """
    changes = {name: getattr(edit.after, name) for name in _LABELS}
    changes = {name: value for name, value in changes.items() if value != getattr(edit.before, name)}
    return with_branch(tree, replace(tree.branches[edit.after.id], **changes))


LabelVerb = Mark | SetOutcome | SetReview | Rename | Discard


def edit_of(tree: BranchTree, head: Head, verb: LabelVerb) -> Edit | None:
    """What a verb changes on a branch; None where it already is as asked.

    The head of the edit moves to the fork where the head's branch goes to the trash lane.

    Raises:
        IllegalVerb: there is no such branch.
    """
    named = head.branch if isinstance(verb, Mark) or verb.branch is None else verb.branch
    branch = branch_of(tree, named)
    changed, words = _changed(branch, head, verb)
    if changed == branch:
        return None
    after = head
    if (
        changed.discarded
        and not branch.discarded
        and descends(tree, head.branch, branch.id)
        and branch.parent is not None
    ):
        after = owner(tree, branch.parent, branch.fork_step)
    return Edit(f"{words} of branch {branch.id}", branch, changed, head, after)


def _changed(branch: Branch, head: Head, verb: LabelVerb) -> tuple[Branch, str]:
    match verb:
        case Mark(kind, text):
            marker = Marker(head.index, kind, text)
            others = tuple(m for m in branch.markers if (m.index, m.kind) != (head.index, kind))
            outcome = kind if kind != "note" and branch.outcome == "open" else branch.outcome
            marked = tuple(sorted((*others, marker), key=lambda m: m.index))
            return replace(branch, markers=marked, outcome=outcome), f"{kind} marker"
        case SetOutcome(outcome):
            return replace(branch, outcome=outcome), f"outcome {outcome!r}"
        case SetReview(review):
            return replace(branch, review=review), f"review {review!r}"
        case Rename(name):
            return replace(branch, name=name), "name"
        case Discard():
            return replace(branch, discarded=True), "discarding"
