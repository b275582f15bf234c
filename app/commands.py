"""Every user action once: menus, toolbar, keys, the demo and the tests carry out the same objects.

The keys are chosen so that a plain letter never is a command while hands drive: letters move the arms in
AUTONOMOUS and CORRECTING when the keyboard is the assigned device, and step through time in PAUSED. What ends an
attempt sits in one corner of the keyboard: minus is a failure, plus a success, Backspace goes back to the
failure, Return changes who drives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.scene_book import next_seed
from app.studio import Studio, UiPhase
from core.branch_tree import Branch
from core.verbs import (
    BranchHere,
    Discard,
    HandBack,
    Mark,
    NewEpisode,
    Pause,
    Redo,
    Replay,
    RollBack,
    RollBackToFailure,
    Run,
    SameScene,
    SetFreezeOnIdle,
    SetOutcome,
    SetReview,
    SetSpeed,
    StepOnce,
    TakeOver,
    Undo,
)

ALL: frozenset[UiPhase] = frozenset({"LOADING", "AUTONOMOUS", "PAUSED", "CORRECTING", "REVIEW"})
LIVE: frozenset[UiPhase] = ALL - {"LOADING", "REVIEW"}
MOVING: frozenset[UiPhase] = frozenset({"AUTONOMOUS", "CORRECTING"})
AUTONOMOUS: frozenset[UiPhase] = frozenset({"AUTONOMOUS"})
PAUSED: frozenset[UiPhase] = frozenset({"PAUSED"})
CORRECTING: frozenset[UiPhase] = frozenset({"CORRECTING"})
SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""World seconds per wall second that the keys step through."""


@dataclass(frozen=True, slots=True)
class Command:
    """One user action."""

    name: str
    """Stable identifier, for tests, settings and the demo."""
    text: str
    """In menus and on the help card."""
    menu: str
    """Title of the menu it stands in."""
    phases: frozenset[UiPhase]
    """Where the action is possible and its keys act."""
    act: Callable[[Studio], None]
    keys: tuple[str, ...] = ()
    """Portable key sequences; the first one is shown."""
    hint: str = ""
    """A word or two for the hint line; "" keeps it off the line."""
    icon: str = ""
    """Name in app/icons.py; "" for none."""


def step_speed(studio: Studio, direction: int) -> None:
    """Submit the next faster (+1) or slower (-1) speed of the list."""
    if studio.status is None:
        return
    speed = studio.status.speed
    nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - speed))
    studio.submit(SetSpeed(SPEEDS[max(0, min(len(SPEEDS) - 1, nearest + direction))]))


def toggle_freeze(studio: Studio) -> None:
    """Submit the other setting of freeze on idle."""
    if studio.status is not None:
        studio.submit(SetFreezeOnIdle(not studio.status.freeze_on_idle))


def mark(studio: Studio, kind: Literal["failure", "success"]) -> None:
    """Label where the head stands, and the branch where it was said to have ended otherwise."""
    branch = head_branch(studio)
    studio.submit(Mark(kind))  # gives an open branch its outcome
    if branch is not None and branch.outcome not in ("open", kind):
        studio.submit(SetOutcome(kind))


def next_scene(studio: Studio) -> None:
    """The scene of the task's next seed; scenes made from pictures have no next."""
    studio.submit(NewEpisode(next_seed(studio.tree)))


def seek(studio: Studio, steps: int) -> None:
    """Move the head along its branch, stopping at the ends."""
    head, branch = studio.head, head_branch(studio)
    if head is None or branch is None:
        return
    index = max(0, min(studio.length(branch.id), head.index + steps))
    if index != head.index:
        studio.submit(RollBack(head.branch, index))


def next_failure(studio: Studio) -> None:
    """Move the head ahead of the next failure of the session; where there is none behind it, to the next scene."""
    head, tree = studio.head, studio.tree
    here = tree.branches.get(head.branch) if head is not None else None
    if head is None or here is None:
        return
    ahead = RollBackToFailure().before
    found = sorted(
        (branch.episode, branch.id, max(branch.fork_step, marker.index - ahead))
        for branch in tree.branches.values()
        if not branch.discarded
        for marker in branch.markers
        if marker.kind == "failure"
    )
    later = next((one for one in found if one > (here.episode, here.id, head.index)), None)
    if later is None:
        next_scene(studio)
    else:
        studio.submit(RollBack(later[1], later[2]))


def switch_branch(studio: Studio, direction: int) -> None:
    """Move the head to the neighbouring branch of the episode, at the same step where it has one."""
    head, branch = studio.head, head_branch(studio)
    if head is None or branch is None:
        return
    lanes = [b for b in studio.tree.branches.values() if b.episode == branch.episode and not b.discarded]
    lanes.sort(key=lambda b: b.id)
    ids = [b.id for b in lanes]
    at = ids.index(branch.id) + direction if branch.id in ids else 0
    if 0 <= at < len(lanes) and lanes[at].id != head.branch:
        there = lanes[at]
        studio.submit(RollBack(there.id, min(studio.length(there.id), max(head.index, there.fork_step))))


def head_branch(studio: Studio) -> Branch | None:
    """The branch that the session stands on; None while there is none."""
    return studio.tree.branches.get(studio.head.branch) if studio.head is not None else None


FAR = 10**9
"""More steps than any branch has."""

DRIVE = (
    Command("run", "Run", "&Drive", PAUSED, lambda s: s.submit(Run()), ("Space",), "run", "run"),
    Command("pause", "Pause", "&Drive", MOVING, lambda s: s.submit(Pause()), ("Space",), "pause", "pause"),
    Command("step", "One step of the policy", "&Drive", PAUSED, lambda s: s.submit(StepOnce()), (".",), "step", "step"),
    Command(
        "take_over", "Take over", "&Drive", AUTONOMOUS | PAUSED, lambda s: s.submit(TakeOver()),
        ("Return", "Enter"), "take over", "take_over",
    ),
    Command(
        "hand_back", "Hand back to the policy", "&Drive", CORRECTING, lambda s: s.submit(HandBack()),
        ("Return", "Enter"), "hand back", "hand_back",
    ),
    Command("switch_arm", "Drive the other arm", "&Drive", LIVE, lambda s: s.switch_arm(), ("Tab",)),
    Command("recentre", "Re-centre the headset", "&Drive", LIVE, lambda s: s.recentre()),
    Command("smaller", "Hands move the tools less", "&Drive", LIVE, lambda s: s.rescale(-1)),
    Command("larger", "Hands move the tools more", "&Drive", LIVE, lambda s: s.rescale(+1)),
    Command("faster", "Faster", "&Drive", LIVE, lambda s: step_speed(s, +1), ("PgUp",)),
    Command("slower", "Slower", "&Drive", LIVE, lambda s: step_speed(s, -1), ("PgDown",)),
    Command("real_time", "Real time", "&Drive", LIVE, lambda s: s.submit(SetSpeed(1.0)), ("Ctrl+1",)),
    Command("freeze_on_idle", "Freeze while the hands rest", "&Drive", LIVE, toggle_freeze, ("Ctrl+I",)),
)  # fmt: skip

BRANCH = (
    Command(
        "mark_failure", "Mark failure", "&Branch", LIVE,
        lambda s: mark(s, "failure"), ("-",), "failure", "failure",
    ),
    Command(
        "mark_success", "Mark success", "&Branch", LIVE,
        lambda s: mark(s, "success"), ("+", "="), "success", "success",
    ),
    Command(
        "to_failure", "Roll back to the last failure", "&Branch", LIVE, lambda s: s.submit(RollBackToFailure()),
        ("Backspace",), "to the failure", "roll_back",
    ),
    Command("next_failure", "On to the next failure", "&Branch", LIVE, next_failure),
    Command("branch_here", "Branch here", "&Branch", LIVE, lambda s: s.submit(BranchHere()), ("Ins", "Ctrl+B"), "",
            "branch"),
    Command("replay", "Replay this branch", "&Branch", PAUSED, lambda s: s.submit(Replay()), ("Ctrl+P",)),
    Command("accept", "Accept this branch", "&Branch", LIVE, lambda s: s.submit(SetReview("accepted")),
            ("Ctrl+Return",)),
    Command("reject", "Reject this branch", "&Branch", LIVE, lambda s: s.submit(SetReview("rejected")),
            ("Ctrl+Backspace",)),
    Command("needs_work", "This branch needs work", "&Branch", LIVE, lambda s: s.submit(SetReview("needs_work")),
            ("Ctrl+Shift+Return",)),
    Command("rename", "Name this branch…", "&Branch", LIVE, lambda s: s.rename_branch(), ("F2",)),
    Command("note", "Note at this step…", "&Branch", LIVE, lambda s: s.add_note(), ("F3",)),
    Command("discard", "Discard this branch", "&Branch", LIVE, lambda s: s.submit(Discard()), ("Del",), "", "discard"),
    Command("undo", "Undo", "&Branch", LIVE, lambda s: s.submit(Undo()), ("Ctrl+Z",)),
    Command("redo", "Redo", "&Branch", LIVE, lambda s: s.submit(Redo()), ("Ctrl+Shift+Z", "Ctrl+Y")),
)  # fmt: skip

TIME = (
    Command("back", "One step back", "&Time", PAUSED, lambda s: seek(s, -1), ("Left", "J"), "back"),
    Command("forward", "One step forward", "&Time", PAUSED, lambda s: seek(s, +1), ("Right", "L"), "forward"),
    Command("back_10", "Ten steps back", "&Time", PAUSED, lambda s: seek(s, -10), ("Shift+Left", "Shift+J")),
    Command("forward_10", "Ten steps forward", "&Time", PAUSED, lambda s: seek(s, +10), ("Shift+Right", "Shift+L")),
    Command("to_start", "To the start", "&Time", PAUSED, lambda s: seek(s, -FAR), ("Home",)),
    Command("to_end", "To the end of the branch", "&Time", PAUSED, lambda s: seek(s, +FAR), ("End",)),
    Command("branch_up", "Branch above", "&Time", PAUSED, lambda s: switch_branch(s, -1), ("Up",)),
    Command("branch_down", "Branch below", "&Time", PAUSED, lambda s: switch_branch(s, +1), ("Down",), "branches"),
)  # fmt: skip

SCENE = (
    Command("next_scene", "Next scene", "&Scene", LIVE, next_scene, ("Ctrl+N",), "", "next"),
    Command("same_scene", "Same scene again", "&Scene", LIVE, lambda s: s.submit(SameScene()), ("Ctrl+R",), "",
            "again"),
    Command("new_scene_from", "New scene from…", "&Scene", LIVE, lambda s: s.new_scene_from(), ("Ctrl+Shift+N",)),
    Command("new_scene_from_here", "New scene from this step", "&Scene", LIVE, lambda s: s.new_scene_from_here(),
            ("Ctrl+T",)),
    Command("open_session", "Open session…", "&Scene", ALL, lambda s: s.open_session(), ("Ctrl+O",)),
    Command("export", "Export…", "&Scene", LIVE, lambda s: s.export_session(), ("Ctrl+Shift+E",)),
    Command("quit", "Quit", "&Scene", ALL, lambda s: s.quit(), ("Ctrl+Q",)),
)  # fmt: skip

VIEW = (
    Command("mode_drive", "Drive", "&View", ALL, lambda s: s.show_mode("drive"), ("F5",)),
    Command("mode_review", "Review", "&View", ALL, lambda s: s.show_mode("review"), ("F6",)),
    Command("mode_compare", "Compare", "&View", ALL, lambda s: s.show_mode("compare"), ("F7",)),
    Command("mode_sessions", "Sessions", "&View", ALL, lambda s: s.show_mode("sessions"), ("F8",)),
    Command("plots", "Plots", "&View", LIVE, lambda s: s.toggle_plots(), ("F9",)),
    Command("screenshot", "Save a screenshot", "&View", ALL, lambda s: s.screenshot(), ("F12",)),
    Command("plan", "Draw the policy's plan", "&View", LIVE, lambda s: s.toggle_plan(), ("Ctrl+L",)),
    Command("markers", "Ring the end effectors", "&View", LIVE, lambda s: s.toggle_markers(), ("Ctrl+E",)),
    Command("full_screen", "Full screen", "&View", ALL, lambda s: s.toggle_full_screen(), ("F11",)),
    Command("devices", "Devices", "&View", ALL, lambda s: s.show_devices(), ("F4",)),
    Command("leave", "Leave help or full screen, cancel opening", "&View", ALL, lambda s: s.leave(), ("Esc",)),
    Command("help", "All keys", "&View", ALL, lambda s: s.show_help(), ("F1",), "all keys", "help"),
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (*DRIVE, *BRANCH, *TIME, *SCENE, *VIEW)
BY_NAME = {command.name: command for command in COMMANDS}


def hints(phase: UiPhase) -> list[tuple[str, str]]:
    """(key, word) pairs of what the keys do in a phase, in the order of the table."""
    return [(c.keys[0], c.hint) for c in COMMANDS if c.hint and c.keys and phase in c.phases]
