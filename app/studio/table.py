"""Every user action once: menus, toolbar, keys, the demo and the tests carry out the same objects.

The keys are chosen so that a plain letter never is a command while hands drive: letters move the arms in
AUTONOMOUS and CORRECTING when the keyboard is the assigned device, and step through time in PAUSED. What ends an
attempt is in one corner of the keyboard: minus is a failure, plus a success, Backspace goes back to the
failure, Return changes who drives.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, Final

from app.commands.command import ALL, EVERY_PAGE, LIVE, Command, UiPhase
from app.pages.page import PageRow
from app.pages.table import PAGES
from app.studio.acts import (
    about,
    does_of_failures,
    draw_markers,
    draw_plan,
    export_session,
    hide,
    leave,
    next_scene,
    note_branch,
    pin,
    plays,
    recentre,
    rename,
    replay_here,
    restore,
    run,
    show_devices,
    show_page,
    step_speed,
    submits,
    take_screenshot,
    toggle_freeze,
)
from app.studio.studio import Shell, Studio
from app.widgets import theme
from core.commands import DEVICE_COMMANDS
from core.verbs import (
    BranchHere,
    Continue,
    Discard,
    HandBack,
    Mark,
    Pause,
    Propose,
    Redo,
    Replay,
    RollBackToFailure,
    SameScene,
    SetReview,
    SetSpeed,
    StepOnce,
    TakeOver,
    Undo,
)

AUTONOMOUS: Final[frozenset[UiPhase]] = frozenset({"AUTONOMOUS"})
PAUSED: Final[frozenset[UiPhase]] = frozenset({"PAUSED"})
NEVER: Final[frozenset[UiPhase]] = frozenset()
"""Of commands that other pages than driving have."""
PLAYED: Final = frozenset({"review", "compare"})
"""Pages that play what was recorded."""
REVIEW, COMPARE, SESSIONS = frozenset({"review"}), frozenset({"compare"}), frozenset({"sessions"})
FAILURES = frozenset({"failures"})
POST_TRAINING = frozenset({"post_training"})
TIMES: Final = "&Time"
PAGE: Final = "&Page"
"""Menu of what a page other than driving does."""


def phases_of(name: str) -> frozenset[UiPhase]:
    """Where a command that buttons carry out is possible, as devices know it."""
    return frozenset(DEVICE_COMMANDS[name].phases)


DRIVE: Final[tuple[Command[Studio], ...]] = (
    Command("run", "Run", "&Drive", phases_of("run"), run, ("Space",), "run", "run", colour=theme.POLICY),
    Command("pause", "Pause", "&Drive", phases_of("pause"), submits(Pause()), ("Space",), "pause", "pause"),
    Command("step", "One step of the policy", "&Drive", PAUSED, submits(StepOnce()), (".",), "", "step",
            ends_group=True),
    Command("take_over", "Take over", "&Drive", phases_of("take_over"), submits(TakeOver()),
            ("Return", "Enter"), "take over", "take_over", colour=theme.OPERATOR),
    Command("hand_back", "Hand back to the policy", "&Drive", phases_of("hand_back"), submits(HandBack()),
            ("Return", "Enter"), "hand back", "hand_back", colour=theme.POLICY, short="Hand back", ends_group=True),
    Command("switch_arm", "Drive the other arm", "&Drive", LIVE, lambda s: s.inputs.switch_arm(), ("Tab",)),
    Command("recentre", "Re-centre the headset", "&Drive", phases_of("recentre"), recentre,
            short="Panels to the front"),
    Command("smaller", "Hands move the tools less", "&Drive", phases_of("smaller"), lambda s: s.inputs.rescale(-1)),
    Command("larger", "Hands move the tools more", "&Drive", phases_of("larger"), lambda s: s.inputs.rescale(+1)),
    Command("faster", "Faster", "&Drive", LIVE, lambda s: step_speed(s, +1), ("PgUp",)),
    Command("slower", "Slower", "&Drive", LIVE, lambda s: step_speed(s, -1), ("PgDown",)),
    Command("real_time", "Real time", "&Drive", LIVE, submits(SetSpeed(1.0)), ("Ctrl+1",),
            ends_group=True),
    Command("freeze_on_idle", "Freeze while the hands rest", "&Drive", LIVE, toggle_freeze, ("Ctrl+I",),
            checkable=True),
)  # fmt: skip

BRANCH: Final[tuple[Command[Studio], ...]] = (
    Command("mark_failure", "Mark failure", "&Branch", phases_of("mark_failure"), submits(Mark("failure")), ("-",),
            "failure", "failure", colour=theme.FAILURE),
    Command("mark_success", "Mark success", "&Branch", phases_of("mark_success"), submits(Mark("success")),
            ("+", "="), "success", "success", colour=theme.SUCCESS),
    Command("to_failure", "Roll back to the last failure", "&Branch", phases_of("to_failure"),
            submits(RollBackToFailure()), ("Backspace",), "to the failure", "roll_back",
            short="To the last failure"),
    Command("correct_next", "Correct the next failure", "&Branch", phases_of("correct_next"),
            does_of_failures("correct_next"), ("F10",), pages=FAILURES, short="Correct next", needs_session=True),
    Command("other_point", "Its other proposed point", "&Branch", phases_of("other_point"),
            does_of_failures("other_point"), ("Shift+F10",), pages=FAILURES, short="Other point", ends_group=True,
            needs_session=True),
    Command("branch_here", "Branch here", "&Branch", phases_of("branch_here"), submits(BranchHere()),
            ("Ins", "Ctrl+B"), "", "branch"),
    Command("continue", "Continue from its end", "&Branch", PAUSED, submits(Continue()), ("C",)),
    Command("replay", "Replay this branch", "&Branch", PAUSED, submits(Replay()), ("R",)),
    Command("replay_here", "Replay from here", "&Branch", PAUSED, replay_here, ("Shift+R",)),
    Command("propose", "Duplicate as a proposal", "&Branch", LIVE, submits(Propose()), ("Ctrl+D",),
            ends_group=True),
    Command("accept", "Accept this branch", "&Branch", LIVE, submits(SetReview("accepted")),
            ("Ctrl+Return",)),
    Command("reject", "Reject this branch", "&Branch", LIVE, submits(SetReview("rejected")),
            ("Ctrl+Backspace",)),
    Command("needs_work", "This branch needs work", "&Branch", LIVE, submits(SetReview("needs_work")),
            ("Ctrl+Shift+Return",), ends_group=True),
    Command("rename", "Name this branch…", "&Branch", LIVE, rename, ("F2",)),
    Command("note", "Note at this step…", "&Branch", LIVE, lambda s: s.timeline().ask_note(), ("F3",)),
    Command("branch_note", "Note on this branch…", "&Branch", LIVE, note_branch, ("Shift+F2",),
            ends_group=True),
    Command("pin", "Pin this branch to the top", "&Branch", PAUSED, pin, ("P",)),
    Command("hide", "Hide this branch", "&Branch", PAUSED, hide, ("H",), ends_group=True),
    Command("discard", "Discard this branch", "&Branch", phases_of("discard"), submits(Discard()), ("Del",),
            "", "discard", short="Discard branch"),
    Command("restore", "Restore from the trash", "&Branch", LIVE, restore, ("Shift+Del",), ends_group=True),
    Command("undo", "Undo", "&Branch", LIVE, submits(Undo()), ("Ctrl+Z",), pages=REVIEW),
    Command("redo", "Redo", "&Branch", LIVE, submits(Redo()), ("Ctrl+Shift+Z", "Ctrl+Y"), pages=REVIEW,
            ends_group=True),
    Command("history", "History", "&Branch", LIVE, lambda s: s.window.side_column.turn_to("History"), ("Ctrl+H",)),
)  # fmt: skip

TIME: Final[tuple[Command[Studio], ...]] = (
    Command("play_pause", "Play or stop", TIMES, NEVER, None, ("Space",), "play", pages=PLAYED),
    Command("play_back", "Play backwards", TIMES, PAUSED, plays("play_back"), ("J",), "play", pages=PLAYED),
    Command("play_stop", "Stop playing", TIMES, PAUSED, plays("play_stop"), ("K",), pages=PLAYED),
    Command("play", "Play", TIMES, PAUSED, plays("play"), ("L",), "play", pages=PLAYED),
    Command("play_back_slow", "Backwards at half speed", TIMES, PAUSED, plays("play_back_slow"),
            ("Shift+J",), pages=PLAYED),
    Command("play_slow", "Play at half speed", TIMES, PAUSED, plays("play_slow"), ("Shift+L",), pages=PLAYED),
    Command("loop", "Loop", TIMES, PAUSED, lambda s: s.player.toggle_loop(), ("Ctrl+Shift+L",), pages=PLAYED,
            ends_group=True),
    Command("back", "One step back", TIMES, PAUSED, plays("back"), ("Left",), "step", pages=PLAYED,
            repeats=True),
    Command("forward", "One step forward", TIMES, PAUSED, plays("forward"), ("Right",), "step", pages=PLAYED,
            repeats=True),
    Command("back_10", "Ten steps back", TIMES, PAUSED, plays("back_10"), ("Shift+Left",), pages=PLAYED,
            repeats=True),
    Command("forward_10", "Ten steps forward", TIMES, PAUSED, plays("forward_10"), ("Shift+Right",),
            pages=PLAYED, repeats=True),
    Command("event_back", "To the event before", TIMES, PAUSED, lambda s: s.player.to_event(-1), ("Ctrl+Left",),
            pages=PLAYED, repeats=True),
    Command("event_forward", "To the next event", TIMES, PAUSED, lambda s: s.player.to_event(+1), ("Ctrl+Right",),
            pages=PLAYED, repeats=True, ends_group=True),
    Command("to_start", "To the start", TIMES, PAUSED, plays("to_start"), ("Home",), pages=PLAYED),
    Command("to_end", "To the end of the branch", TIMES, PAUSED, plays("to_end"), ("End",), pages=PLAYED),
    Command("go_to_step", "Go to step…", TIMES, PAUSED, lambda s: s.player.go_to_step(), ("G", "Ctrl+G"), pages=REVIEW),
    Command("next_failure", "To the next failure", TIMES, phases_of("next_failure"), lambda s: s.player.failure(+1),
            ("F",), pages=REVIEW, short="Next failure"),
    Command("previous_failure", "To the failure before", TIMES, PAUSED, lambda s: s.player.failure(-1), ("Shift+F",),
            ends_group=True),
    Command("branch_up", "Branch above", TIMES, PAUSED, lambda s: s.player.lane(-1), ("Up",), "branches", pages=REVIEW,
            repeats=True),
    Command("branch_down", "Branch below", TIMES, PAUSED, lambda s: s.player.lane(+1), ("Down",), "branches",
            pages=REVIEW, repeats=True),
    Command("sibling_up", "Previous sibling branch", TIMES, PAUSED, lambda s: s.player.sibling(-1), ("[",),
            pages=REVIEW, repeats=True),
    Command("sibling_down", "Next sibling branch", TIMES, PAUSED, lambda s: s.player.sibling(+1), ("]",),
            pages=REVIEW, repeats=True, ends_group=True),
    Command("marker", "Marker with a note…", TIMES, PAUSED, lambda s: s.timeline().ask_note(), ("M",)),
    Command("set_in", "Begin the range here", TIMES, PAUSED, plays("set_in"), ("I",), pages=PLAYED),
    Command("set_out", "End the range here", TIMES, PAUSED, plays("set_out"), ("O",), pages=PLAYED),
    Command("go_in", "To the begin of the range", TIMES, PAUSED, plays("go_in"), ("Shift+I",), pages=PLAYED),
    Command("go_out", "To the end of the range", TIMES, PAUSED, plays("go_out"), ("Shift+O",), pages=PLAYED),
    Command("clear_range", "No range", TIMES, PAUSED, plays("clear_range"), ("Alt+X",), pages=PLAYED,
            ends_group=True),
    Command("paths", "Paths of the end effectors", TIMES, NEVER, None, ("P",), "paths", pages=PLAYED),
    Command("zoom_in", "Zoom in", TIMES, LIVE, lambda s: s.player.zoom(+1), ("Alt+Right",), repeats=True),
    Command("zoom_out", "Zoom out", TIMES, LIVE, lambda s: s.player.zoom(-1), ("Alt+Left",), repeats=True),
    Command("zoom_fit", "The whole episode", TIMES, LIVE, lambda s: s.player.zoom(0), ("Alt+Home",)),
    Command("zoom_range", "Zoom to the range", TIMES, PAUSED, lambda s: s.player.zoom_to_range(), ("Z",),
            ends_group=True),
    Command("taller", "Taller lanes", TIMES, LIVE, lambda s: s.player.height(+1), ("Alt+Up",)),
    Command("lower", "Lower lanes", TIMES, LIVE, lambda s: s.player.height(-1), ("Alt+Down",)),
    *(
        Command(f"speed_{digit}", f"To {10 * digit} % of the branch", "", PAUSED,
                plays(f"speed_{digit}"), (str(digit),), pages=PLAYED)
        for digit in range(10)
    ),
)  # fmt: skip

ON_PAGES: Final[tuple[Command[Studio], ...]] = (
    Command("judge_accept", "Accept, and go on", PAGE, NEVER, None, ("A",), "accept", "accept", REVIEW),
    Command("judge_reject", "Reject, and go on", PAGE, NEVER, None, ("R",), "reject", "reject", REVIEW),
    Command("judge_needs_work", "Needs work, and go on", PAGE, NEVER, None, ("W",), "needs work", "needs_work", REVIEW),
    Command("judge_note", "Note on the branch", PAGE, NEVER, None, ("N",), "note", "note", REVIEW),
    Command("undo_verdict", "Undo the last verdict", PAGE, NEVER, None, ("U",), "undo", "undo", REVIEW,
            ends_group=True),
    Command("before_after", "Compare the failure with its best correction", PAGE, NEVER, None, ("B",),
            "before / after", "branch", PLAYED),
    Command("two", "Two branches", PAGE, NEVER, None, ("Ctrl+2",), "two", pages=COMPARE),
    Command("four", "Four branches", PAGE, NEVER, None, ("Ctrl+4",), "four", pages=COMPARE),
    Command("other_up", "Previous branch on the right", PAGE, NEVER, None, ("[",), "other branch", pages=COMPARE),
    Command("other_down", "Next branch on the right", PAGE, NEVER, None, ("]",), "other branch", pages=COMPARE),
    Command("to_fork", "To the fork", PAGE, NEVER, None, ("Return", "Enter"), "to the fork", pages=COMPARE),
    Command("open_to_drive", "Open for driving", PAGE, NEVER, None, ("Return", "Enter"), "drive", pages=SESSIONS,
            needs_session=True),
    Command("open_to_review", "Review selected", PAGE, NEVER, None, ("V",), "review", pages=SESSIONS),
    Command("review_all", "Review all that are shown", PAGE, NEVER, None, ("Ctrl+Shift+A",), pages=SESSIONS),
    Command("export_selected", "Export selected…", PAGE, NEVER, None, ("Ctrl+Shift+E",), "export", pages=SESSIONS,
            ends_group=True),
    Command("session_up", "Session above", PAGE, NEVER, None, ("Up",), "sessions", pages=SESSIONS, repeats=True),
    Command("session_down", "Session below", PAGE, NEVER, None, ("Down",), "sessions", pages=SESSIONS, repeats=True),
    Command("select_up", "Select the session above too", PAGE, NEVER, None, ("Shift+Up",), "select", pages=SESSIONS,
            repeats=True),
    Command("select_down", "Select the session below too", PAGE, NEVER, None, ("Shift+Down",), "select", pages=SESSIONS,
            repeats=True),
    Command("select_all", "Select all that are shown", PAGE, NEVER, None, ("Ctrl+A",), "select all", pages=SESSIONS,
            ends_group=True),
    Command("start_training", "Start the post-training", PAGE, NEVER, None, ("Ctrl+Return",), "start",
            pages=POST_TRAINING),
    Command("stop_training", "Stop what runs", PAGE, NEVER, None, ("Ctrl+Backspace",), "stop", pages=POST_TRAINING,
            ends_group=True),
    Command("open_failure", "Correct the failure that is selected", PAGE, NEVER, None, ("Return", "Enter"), "correct",
            pages=FAILURES, needs_session=True),
    Command("find_failures", "Find failures, or stop that", PAGE, NEVER, None, ("Ctrl+Shift+F",), "find failures",
            pages=FAILURES, needs_session=True),
    Command("failure_up", "Failure above", PAGE, NEVER, None, ("Up",), "failures", pages=FAILURES, repeats=True),
    Command("failure_down", "Failure below", PAGE, NEVER, None, ("Down",), "failures", pages=FAILURES, repeats=True,
            ends_group=True),
    Command("folder", "Another folder…", PAGE, NEVER, None, ("Ctrl+F",), "folder", pages=SESSIONS | FAILURES),
    Command("filter", "Filter", PAGE, NEVER, None, ("/",), "filter", pages=REVIEW | SESSIONS),
    Command("plot", "Next plot of the action", PAGE, NEVER, None, ("V",), pages=REVIEW),
    Command("read_again", "Read again", PAGE, NEVER, None, ("Ctrl+R",), pages=REVIEW | SESSIONS | FAILURES),
)  # fmt: skip
"""What a page other than driving does itself; app.pages.Page.acts has the functions."""

SCENE: Final[tuple[Command[Studio], ...]] = (
    Command("next_scene", "Next scene", "&Scene", phases_of("next_scene"), next_scene, ("Ctrl+N",), "", "next"),
    Command("same_scene", "Same scene again", "&Scene", LIVE, submits(SameScene()), ("Ctrl+R",), "",
            "again"),
    Command("new_scene_from", "New scene from…", "&Scene", LIVE, lambda s: s.scenes.ask(), ("Ctrl+Shift+N",)),
    Command("new_scene_from_here", "New scene from this step", "&Scene", LIVE, lambda s: s.scenes.start_here(),
            ("Ctrl+T",), ends_group=True),
    Command("open_session", "Open session…", "&Scene", ALL, lambda s: s.switcher.ask(), ("Ctrl+O",), pages=EVERY_PAGE,
            ends_group=True, needs_session=True),
    Command("export", "Export…", "&Scene", LIVE, export_session, ("Ctrl+Shift+E",), ends_group=True),
    Command("quit", "Quit", "&Scene", ALL, lambda s: s.window.close(), ("Ctrl+Q",), pages=EVERY_PAGE, under_cards=True),
)  # fmt: skip

VIEW: Final[tuple[Command[Studio], ...]] = (
    Command("plots", "Plots", "&View", LIVE, lambda s: s.pages.plots_dock.toggle(), ("F9",), ends_group=True),
    Command("screenshot", "Save a screenshot", "&View", ALL, take_screenshot, ("F12",), pages=EVERY_PAGE,
            under_cards=True, ends_group=True),
    Command("plan", "Draw the policy's plan", "&View", LIVE, draw_plan, ("Ctrl+L",), checkable=True),
    Command("markers", "Mark the end effectors and their height", "&View", LIVE, draw_markers, ("Ctrl+E",),
            checkable=True, ends_group=True),
    Command("text_larger", "Larger text", "&View", ALL, lambda s: s.window.change_text_size(+1), ("Ctrl+=", "Ctrl++"),
            pages=EVERY_PAGE),
    Command("text_smaller", "Smaller text", "&View", ALL, lambda s: s.window.change_text_size(-1), ("Ctrl+-",),
            pages=EVERY_PAGE),
    Command("text_usual", "Usual text size", "&View", ALL, lambda s: s.window.change_text_size(0), ("Ctrl+0",),
            pages=EVERY_PAGE, ends_group=True),
    Command("full_screen", "Full screen", "&View", ALL, lambda s: s.window.toggle_full_screen(), ("F11",),
            pages=EVERY_PAGE, ends_group=True),
    Command("devices", "Devices", "&View", ALL, show_devices, ("F4",), pages=EVERY_PAGE,
            needs_session=True),
    Command("leave", "Leave, stop, cancel", "&View", ALL, leave, ("Esc",), pages=EVERY_PAGE,
            under_cards=True),
)  # fmt: skip

HELP: Final[tuple[Command[Studio], ...]] = (
    Command("help", "All keys", "&Help", ALL, lambda s: s.window.help_card.toggle(), ("F1",), "all keys", "help",
            EVERY_PAGE, under_cards=True),
    Command("palette", "Find a command…", "&Help", ALL, lambda s: s.window.palette_card.present(), ("Ctrl+P",), "find",
            pages=EVERY_PAGE),
    Command("keys", "Keys…", "&Help", ALL, lambda s: s.inputs.show_keys(), pages=EVERY_PAGE, ends_group=True,
            needs_session=True),
    Command("about", "About", "&Help", ALL, about, pages=EVERY_PAGE),
)  # fmt: skip


def turning(pages: Sequence[PageRow]) -> Iterator[Command[Shell]]:
    """The commands that show a page: driving, and one per row of a table of pages."""
    yield Command("mode_drive", "Drive", "&View", ALL, lambda s: s.pages.show("drive"), ("F5",), pages=EVERY_PAGE,
                  needs_session=True)  # fmt: skip
    for row in pages:
        yield Command(f"mode_{row.name}", row.title, "&View", ALL, partial(show_page, row.name), row.keys,
                      pages=EVERY_PAGE, ends_group=row is pages[-1])  # fmt: skip


def commands(pages: Sequence[PageRow]) -> tuple[Command[Studio], ...]:
    """Every command of a window with these pages."""
    return (*DRIVE, *BRANCH, *TIME, *ON_PAGES, *SCENE, *turning(pages), *VIEW, *HELP)


def without_session(commands: Sequence[Command[Studio]]) -> tuple[Command[Studio], ...]:
    """Those that can do something in a window that drives nothing; there they act on a Shell."""
    return tuple(command for command in commands if command.pages and not command.needs_session)


COMMANDS: Final = commands(PAGES)
BY_NAME: Final = {command.name: command for command in COMMANDS}


def carry_out(studio: Shell, command: Command[Any]) -> None:
    """Do what a command means on the page that is shown."""
    act = studio.pages.acts.get(command.name)
    if act is not None:
        act()
    elif command.act is not None:
        command.act(studio)
