"""What verbs change on branches besides steps, and how it is taken back and done again."""

from dataclasses import dataclass, replace

from core.branch_tree import Branch, BranchTree, Head, Marker, Outcome, branch_of, descends, owner, with_branch
from core.verbs import (
    Discard,
    Mark,
    RemoveMarker,
    Rename,
    Restore,
    SetColor,
    SetHidden,
    SetNote,
    SetOutcome,
    SetPinned,
    SetReview,
)

LABELS = (
    "name", "outcome", "review", "reviewer", "markers", "discarded", "note", "color", "pinned", "hidden",
)  # fmt: skip
"""The fields of a branch that an edit may change."""


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
    def labels(self) -> frozenset[str]:
        """The fields of the branch that change, of LABELS; "discarded" alone where the edit made the branch."""
        return frozenset(name for name in LABELS if getattr(self.before, name) != getattr(self.after, name))

    @property
    def discards(self) -> bool:
        """Whether the branch goes to the trash lane; a label does not move a branch that is there, nor the head."""
        return self.after.discarded and not self.before.discarded

    def reversed(self) -> "Edit":
        """The edit that takes this one back."""
        return Edit(self.label, self.after, self.before, self.head_after, self.head_before)


def creation(label: str, branch: Branch, head_before: Head, head_after: Head) -> Edit:
    """The edit that made a branch; what takes it back puts the branch into the trash lane."""
    return Edit(label, replace(branch, discarded=True), branch, head_before, head_after)


def relabelled(tree: BranchTree, edit: Edit) -> BranchTree:
    """The tree in which a branch has the labels that an edit gives it.

    Steps that were taken since then stay, and so does what the edit does not change: the task may have
    judged the branch since.
    """
    changes = {name: getattr(edit.after, name) for name in LABELS}
    changes = {name: value for name, value in changes.items() if value != getattr(edit.before, name)}
    return with_branch(tree, replace(tree.branches[edit.after.id], **changes))


LabelVerb = (
    Mark | RemoveMarker | SetOutcome | SetReview | Rename | SetNote | SetColor | SetPinned | SetHidden | Discard
    | Restore
)  # fmt: skip


def edit_of(tree: BranchTree, head: Head, verb: LabelVerb) -> Edit | None:
    """What a verb changes on a branch; None where it already is as asked.

    The head of the edit moves to the fork where the head's branch goes to the trash lane.

    Raises:
        IllegalVerb: there is no such branch or node.
    """
    at = head if verb.branch is None else Head(verb.branch, head.index)
    if isinstance(verb, Mark | RemoveMarker) and (verb.branch is not None or verb.index is not None):
        at = owner(tree, at.branch, head.index if verb.index is None else verb.index)
    branch = branch_of(tree, at.branch)
    changed, words = _changed(branch, at, verb)
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
            marked = tuple(sorted((*others, marker), key=lambda m: m.index))
            return replace(branch, markers=marked, outcome=_marked_outcome(branch, verb)), f"{kind} marker"
        case RemoveMarker(kind):
            left = tuple(m for m in branch.markers if (m.index, m.kind) != (head.index, kind))
            return replace(branch, markers=left), f"removal of a {kind} marker"
        case SetOutcome(outcome):
            return replace(branch, outcome=outcome), f"outcome {outcome!r}"
        case SetReview(review, _, reviewer):
            return replace(branch, review=review, reviewer=reviewer), f"review {review!r}"
        case Rename(name):
            return replace(branch, name=name), "name"
        case SetNote(text):
            return replace(branch, note=text), "note"
        case SetColor(color):
            return replace(branch, color=color), "color"
        case SetPinned(on):
            return replace(branch, pinned=on), "pin" if on else "unpinning"
        case SetHidden(on):
            return replace(branch, hidden=on), "hiding" if on else "showing"
        case Discard():
            return replace(branch, discarded=True), "discarding"
        case Restore():
            return replace(branch, discarded=False), "restoring"


def _marked_outcome(branch: Branch, mark: Mark) -> Outcome:
    """How a branch ended, once it is marked.

    A success or a failure at the head says it in any case; at a place that the verb names, only of an open branch:
    an attempt that succeeded may have failed on its way.
    """
    at_head = mark.branch is None and mark.index is None
    return mark.kind if mark.kind != "note" and (at_head or branch.outcome == "open") else branch.outcome
