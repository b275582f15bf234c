"""What the hover card says about a step or a branch. No Qt."""

import math
import re

from app.timeline.model import TimelineModel
from app.timeline.tracks import DISK, MEMORY, OPERATOR, POLICY, REPLAY
from app.viewport.overlay import Verdict
from app.widgets.numbers import grouped
from core.branch_tree import Head

DROVE = {POLICY: "the policy drove", OPERATOR: "you drove", REPLAY: "replayed"}
KINDS = {"rollout": "Rollout", "correction": "Correction", "replay": "Replay", "proposal": "Proposal"}
PLACES = {MEMORY: "State in memory", DISK: "State on disk"}
REVIEWS = {"accepted": "accepted", "rejected": "rejected", "needs_work": "needs work"}


def clock(seconds: float) -> str:
    """0.4 s, 12 s, 3:05."""
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds % 1 > 0.01 else f"{seconds:.0f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def counted(number: int, word: str) -> str:
    """1 step, 1 200 steps."""
    return f"{grouped(number)} {word}{'' if number == 1 else 's'}"


def branch_title(model: TimelineModel, branch: int) -> str:
    """A2, Correction; with its own name where it has one."""
    found = model.tree.branches.get(branch)
    return f"{model.label(branch)}, {found.name or KINDS[found.kind]}" if found is not None else "–"


def verdict(model: TimelineModel, head: Head) -> Verdict:
    """What a user marked at the head, "" for nothing; it takes precedence over the task's own judgement."""
    kinds = {marker.kind for marker in model.markers_at(head.branch, head.index)}
    return "failure" if "failure" in kinds else "success" if "success" in kinds else ""


def with_labels(text: str, model: TimelineModel) -> str:
    """Words of the session, in which a branch has its number, with the labels that the timeline shows."""

    def named(found: re.Match[str]) -> str:
        known = int(found[2]) in model.tree.branches
        return f"{found[1]} {model.label(int(found[2]))}" if known else found[0]

    return re.sub(r"\b([Bb]ranch|[Rr]eplay|[Pp]roposal) (\d+)\b", named, text)


def step_words(model: TimelineModel, branch: int, node: int) -> tuple[str, str]:
    """(title, text) of a node on the path through a branch."""
    title = f"{model.label(model.owner(branch, node))}   step {node}   {clock(node * model.dt)}"
    drove = DROVE.get(model.step_source(branch, node), "the start" if node == 0 else "not loaded")
    facts = [drove[0].upper() + drove[1:]]
    trust, progress = model.trust(branch, node), model.progress(branch, node)
    if not math.isnan(trust):
        facts.append(f"Trust {100 * trust:.0f} %")
    elif node > 0:
        facts.append("Trust unknown")
    if not math.isnan(progress):
        facts.append(f"Progress {100 * progress:.0f} %")
    lines = facts
    if node > 0 and model.place(branch, node) in PLACES:
        facts.append(PLACES[model.place(branch, node)])
    for marker in model.markers_at(branch, node):
        lines.append(f"{marker.kind.capitalize()}: {marker.text}" if marker.text else marker.kind.capitalize())
    return title, "\n".join(lines)


def branch_words(model: TimelineModel, branch: int) -> tuple[str, str]:
    """(title, text) of a branch."""
    found = model.branch(branch)
    title = f"{model.label(branch)}   {found.name or KINDS[found.kind]}"
    lines = [counted(model.length(branch) - found.fork_step, "step")]
    if found.parent is not None:
        lines[0] += f", {KINDS[found.kind].lower()} from {model.label(found.parent)} at step {found.fork_step}"
    verdict = [word for word in (found.outcome, REVIEWS.get(found.review, "")) if word and word != "open"]
    if found.discarded:
        verdict.append("discarded, Restore brings it back")
    if verdict:
        lines.append(" · ".join(verdict))
    if found.note:
        lines.append(found.note)
    return title, "\n".join(lines)
