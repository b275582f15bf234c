"""Every user action once: menus, toolbar, keys, the demo and the tests carry out the same objects.

The keys are chosen so that a plain letter never is a command while hands drive: letters move the arms in
AUTONOMOUS and CORRECTING when the keyboard is the assigned device, and step through time in PAUSED. What ends an
attempt sits in one corner of the keyboard: minus is a failure, plus a success, Backspace goes back to the
failure, Return changes who drives.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from app.commands.studio import Studio, UiPhase
from app.opening.scene_book import next_seed
from core.branch_tree import Branch
from core.events import Message
from core.verbs import (
    BranchHere,
    Continue,
    Discard,
    HandBack,
    Mark,
    NewEpisode,
    Pause,
    Propose,
    Redo,
    Replay,
    Restore,
    RollBackToFailure,
    Run,
    SameScene,
    SetFreezeOnIdle,
    SetHidden,
    SetOutcome,
    SetPinned,
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
    """Title of the menu it stands in; "" for keys that are no entry of a menu."""
    phases: frozenset[UiPhase]
    """Where the action is possible and its keys act."""
    act: Callable[[Studio], None]
    keys: tuple[str, ...] = ()
    """Portable key sequences; the first one is shown."""
    hint: str = ""
    """A word or two for the hint line; "" keeps it off the line."""
    icon: str = ""
    """Name in app/widgets/icons.py; "" for none."""


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


def head_branch(studio: Studio) -> Branch | None:
    """The branch that the session stands on; None while there is none."""
    return studio.tree.branches.get(studio.head.branch) if studio.head is not None else None


def run(studio: Studio) -> None:
    """Let the policy drive; where the past is played, only stop that, as the same key does in a film editor."""
    if not studio.deck.stop():
        studio.submit(Run())


def replay_here(studio: Studio) -> None:
    """Replay what stands behind the head as a new branch."""
    if studio.head is not None:
        studio.submit(Replay(studio.head.branch, studio.head.index))


def pin(studio: Studio) -> None:
    """Keep the head's branch at the top, or no longer."""
    branch = head_branch(studio)
    if branch is not None:
        studio.submit(SetPinned(not branch.pinned))


def hide(studio: Studio) -> None:
    """Put the head's branch out of sight, or back."""
    branch = head_branch(studio)
    if branch is not None:
        studio.submit(SetHidden(not branch.hidden))


def restore(studio: Studio) -> None:
    """Take the youngest branch of this episode that lies in the trash out of it."""
    at = head_branch(studio)
    gone = [b.id for b in studio.tree.branches.values() if b.discarded and at is not None and b.episode == at.episode]
    if gone:
        studio.submit(Restore(max(gone)))
    else:
        studio.tell(Message("info", "The trash of this episode is empty."))


FAR = 10**9
"""More steps than any branch has."""
TIMES = "&Time"

DRIVE = (
    Command("run", "Run", "&Drive", PAUSED, run, ("Space",), "run", "run"),
    Command("pause", "Pause", "&Drive", MOVING, lambda s: s.submit(Pause()), ("Space",), "pause", "pause"),
    Command("step", "One step of the policy", "&Drive", PAUSED, lambda s: s.submit(StepOnce()), (".",), "", "step"),
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
    Command("branch_here", "Branch here", "&Branch", LIVE, lambda s: s.submit(BranchHere()), ("Ins", "Ctrl+B"), "",
            "branch"),
    Command("continue", "Continue from its end", "&Branch", PAUSED, lambda s: s.submit(Continue()),
            ("C",)),
    Command("replay", "Replay this branch", "&Branch", PAUSED, lambda s: s.submit(Replay()), ("R",)),
    Command("replay_here", "Replay from here", "&Branch", PAUSED, replay_here, ("Shift+R",)),
    Command("propose", "Duplicate as a proposal", "&Branch", LIVE, lambda s: s.submit(Propose()), ("Ctrl+D",)),
    Command("accept", "Accept this branch", "&Branch", LIVE, lambda s: s.submit(SetReview("accepted")),
            ("Ctrl+Return",)),
    Command("reject", "Reject this branch", "&Branch", LIVE, lambda s: s.submit(SetReview("rejected")),
            ("Ctrl+Backspace",)),
    Command("needs_work", "This branch needs work", "&Branch", LIVE, lambda s: s.submit(SetReview("needs_work")),
            ("Ctrl+Shift+Return",)),
    Command("rename", "Name this branch…", "&Branch", LIVE, lambda s: s.rename_branch(), ("F2",)),
    Command("note", "Note at this step…", "&Branch", LIVE, lambda s: s.add_note(), ("F3",)),
    Command("branch_note", "Note on this branch…", "&Branch", LIVE, lambda s: s.note_branch(), ("Shift+F2",)),
    Command("pin", "Pin this branch to the top", "&Branch", PAUSED, pin, ("P",)),
    Command("hide", "Hide this branch", "&Branch", PAUSED, hide, ("H",)),
    Command("discard", "Discard this branch", "&Branch", LIVE, lambda s: s.submit(Discard()), ("Del",), "", "discard"),
    Command("restore", "Restore from the trash", "&Branch", LIVE, restore, ("Shift+Del",)),
    Command("undo", "Undo", "&Branch", LIVE, lambda s: s.submit(Undo()), ("Ctrl+Z",)),
    Command("redo", "Redo", "&Branch", LIVE, lambda s: s.submit(Redo()), ("Ctrl+Shift+Z", "Ctrl+Y")),
    Command("history", "History", "&Branch", LIVE, lambda s: s.show_history(), ("Ctrl+H",)),
)  # fmt: skip

TIME = (
    Command("play_back", "Play backwards", TIMES, PAUSED, lambda s: s.deck.shuttle(-1), ("J",), "play"),
    Command("play_stop", "Stop playing", TIMES, PAUSED, lambda s: s.deck.halt(), ("K",)),
    Command("play", "Play", TIMES, PAUSED, lambda s: s.deck.shuttle(+1), ("L",), "play"),
    Command("play_back_slow", "Backwards at half speed", TIMES, PAUSED,
            lambda s: s.deck.shuttle(-1, slow=True), ("Shift+J",)),
    Command("play_slow", "Play at half speed", TIMES, PAUSED, lambda s: s.deck.shuttle(+1, slow=True), ("Shift+L",)),
    Command("back", "One step back", TIMES, PAUSED, lambda s: s.deck.step(-1), ("Left",), "step"),
    Command("forward", "One step forward", TIMES, PAUSED, lambda s: s.deck.step(+1), ("Right",), "step"),
    Command("back_10", "Ten steps back", TIMES, PAUSED, lambda s: s.deck.step(-10), ("Shift+Left",)),
    Command("forward_10", "Ten steps forward", TIMES, PAUSED, lambda s: s.deck.step(+10), ("Shift+Right",)),
    Command("event_back", "To the event before", TIMES, PAUSED, lambda s: s.deck.to_event(-1), ("Ctrl+Left",)),
    Command("event_forward", "To the next event", TIMES, PAUSED, lambda s: s.deck.to_event(+1), ("Ctrl+Right",)),
    Command("to_start", "To the start", TIMES, PAUSED, lambda s: s.deck.step(-FAR), ("Home",)),
    Command("to_end", "To the end of the branch", TIMES, PAUSED, lambda s: s.deck.step(+FAR), ("End",)),
    Command("go_to_step", "Go to step…", TIMES, PAUSED, lambda s: s.deck.go_to_step(), ("G", "Ctrl+G")),
    Command("next_failure", "To the next failure", TIMES, PAUSED, lambda s: s.deck.failure(+1), ("F",)),
    Command("previous_failure", "To the failure before", TIMES, PAUSED, lambda s: s.deck.failure(-1), ("Shift+F",)),
    Command("branch_up", "Branch above", TIMES, PAUSED, lambda s: s.deck.lane(-1), ("Up",)),
    Command("branch_down", "Branch below", TIMES, PAUSED, lambda s: s.deck.lane(+1), ("Down",), "branches"),
    Command("sibling_up", "Previous sibling branch", TIMES, PAUSED, lambda s: s.deck.sibling(-1), ("[",)),
    Command("sibling_down", "Next sibling branch", TIMES, PAUSED, lambda s: s.deck.sibling(+1), ("]",)),
    Command("marker", "Marker with a note…", TIMES, PAUSED, lambda s: s.add_note(), ("M",)),
    Command("set_in", "Begin the range here", TIMES, PAUSED, lambda s: s.deck.set_in(), ("I",)),
    Command("set_out", "End the range here", TIMES, PAUSED, lambda s: s.deck.set_out(), ("O",)),
    Command("go_in", "To the begin of the range", TIMES, PAUSED, lambda s: s.deck.go_in(), ("Shift+I",)),
    Command("go_out", "To the end of the range", TIMES, PAUSED, lambda s: s.deck.go_out(), ("Shift+O",)),
    Command("clear_range", "No range", TIMES, PAUSED, lambda s: s.deck.clear_range(), ("Alt+X",)),
    Command("zoom_in", "Zoom in", TIMES, LIVE, lambda s: s.deck.zoom(+1), ("Alt+Right",)),
    Command("zoom_out", "Zoom out", TIMES, LIVE, lambda s: s.deck.zoom(-1), ("Alt+Left",)),
    Command("zoom_fit", "The whole episode", TIMES, LIVE, lambda s: s.deck.zoom(0), ("Alt+Home",)),
    Command("zoom_range", "Zoom to the range", TIMES, PAUSED, lambda s: s.deck.zoom_to_range(), ("Z",)),
    Command("taller", "Taller lanes", TIMES, LIVE, lambda s: s.deck.height(+1), ("Alt+Up",)),
    Command("lower", "Lower lanes", TIMES, LIVE, lambda s: s.deck.height(-1), ("Alt+Down",)),
    *(
        Command(f"speed_{digit}", f"Speed of playing: digit {digit}", "", PAUSED,
                lambda s, digit=digit: s.deck.digit(digit), (str(digit),))  # type: ignore[misc]  # bound now
        for digit in range(10)
    ),
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
    Command("palette", "Find a command…", "&View", ALL, lambda s: s.show_palette(), ("Ctrl+P",), "find"),
    Command("text_larger", "Larger text", "&View", ALL, lambda s: s.change_text_size(+1), ("Ctrl+=", "Ctrl++")),
    Command("text_smaller", "Smaller text", "&View", ALL, lambda s: s.change_text_size(-1), ("Ctrl+-",)),
    Command("text_usual", "Usual text size", "&View", ALL, lambda s: s.change_text_size(0), ("Ctrl+0",)),
    Command("full_screen", "Full screen", "&View", ALL, lambda s: s.toggle_full_screen(), ("F11",)),
    Command("devices", "Devices", "&View", ALL, lambda s: s.show_devices(), ("F4",)),
    Command("leave", "Leave, stop, cancel", "&View", ALL, lambda s: s.leave(), ("Esc",)),
    Command("help", "All keys", "&View", ALL, lambda s: s.show_help(), ("F1",), "all keys", "help"),
)  # fmt: skip

COMMANDS: tuple[Command, ...] = (*DRIVE, *BRANCH, *TIME, *SCENE, *VIEW)
BY_NAME = {command.name: command for command in COMMANDS}


PHASE_WORDS = {"AUTONOMOUS": "the policy drives", "PAUSED": "the world is paused", "CORRECTING": "you drive"}


def reason(command: Command, phase: UiPhase) -> str:
    """Why a command is not possible in a phase; "" where it is."""
    if phase in command.phases:
        return ""
    if phase == "LOADING":
        return "nothing is open yet"
    return "only while " + " or ".join(words for name, words in PHASE_WORDS.items() if name in command.phases)
