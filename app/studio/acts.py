"""What the commands do that are more than one verb or one call; the rows are in app/studio/table.py."""

from collections.abc import Callable

from app.opening.scene_book import next_seed
from app.studio.studio import Shell, Studio
from app.window import screenshots
from core.branch_tree import Branch
from core.events import Message
from core.verbs import NewEpisode, Replay, Restore, Run, SetFreezeOnIdle, SetHidden, SetPinned, SetSpeed, Verb

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""World seconds per wall second that the keys step through."""


def step_speed(studio: Studio, direction: int) -> None:
    """Submit the next faster (+1) or slower (-1) speed of the list."""
    if studio.session.status is None:
        return
    speed = studio.session.status.speed
    nearest = min(range(len(SPEEDS)), key=lambda i: abs(SPEEDS[i] - speed))
    studio.session.submit(SetSpeed(SPEEDS[max(0, min(len(SPEEDS) - 1, nearest + direction))]))


def toggle_freeze(studio: Studio) -> None:
    """Submit the other setting of freeze on idle."""
    if studio.session.status is not None:
        studio.session.submit(SetFreezeOnIdle(not studio.session.status.freeze_on_idle))


def next_scene(studio: Studio) -> None:
    """The scene of the task's next seed; scenes made from pictures have no next."""
    studio.session.submit(NewEpisode(next_seed(studio.session.tree)))


def export_session(studio: Studio) -> None:
    """Ask how the session that is open is to be exported."""
    folder = studio.session.folder
    if folder is None:
        studio.window.show_message(Message("warning", "This session is not recorded, so there is nothing to export."))
        return
    studio.export.show((folder,), lambda: (studio.session.tree,))


def does_of_failures(name: str) -> Callable[[Studio], None]:
    """What the page of failures does while another page is shown."""
    return lambda studio: studio.pages.page("failures").acts()[name]()


def head_branch(studio: Studio) -> Branch | None:
    """The branch of the head; None while there is none."""
    return studio.session.tree.branches.get(studio.session.head.branch) if studio.session.head is not None else None


def run(studio: Studio) -> None:
    """Let the policy drive; where the past is played, only stop that, as the same key does in a film editor."""
    if not studio.player.stop():
        studio.session.submit(Run())


def replay_here(studio: Studio) -> None:
    """Replay the steps after the head as a new branch."""
    if studio.session.head is not None:
        studio.session.submit(Replay(studio.session.head.branch, studio.session.head.index))


def pin(studio: Studio) -> None:
    """Keep the head's branch at the top, or no longer."""
    branch = head_branch(studio)
    if branch is not None:
        studio.session.submit(SetPinned(not branch.pinned))
        say_done(studio, "pin", "unpinned" if branch.pinned else "pinned", branch)


def hide(studio: Studio) -> None:
    """Put the head's branch out of sight, or back."""
    branch = head_branch(studio)
    if branch is not None:
        studio.session.submit(SetHidden(not branch.hidden))
        say_done(studio, "hide", "showed" if branch.hidden else "hid", branch)


def say_done(studio: Studio, name: str, did: str, branch: Branch) -> None:
    """Say what a plain letter changed, and how to take it back: while paused, letters no longer move the arms."""
    keys, label = studio.window.command_actions.key_words, studio.timeline().model.label(branch.id)
    studio.window.show_message(Message("info", f"{keys(name)} {did} branch {label}. {keys('undo')} takes it back."))


def restore(studio: Studio) -> None:
    """Take the youngest branch of this episode that lies in the trash out of it."""
    at = head_branch(studio)
    gone = [
        b.id
        for b in studio.session.tree.branches.values()
        if b.discarded and at is not None and b.episode == at.episode
    ]
    if gone:
        studio.session.submit(Restore(max(gone)))
    else:
        studio.window.show_message(Message("info", "The trash of this episode is empty."))


def submits(verb: Verb) -> Callable[[Studio], None]:
    """What submits a verb."""
    return lambda studio: studio.session.submit(verb)


def plays(move: str) -> Callable[[Studio], None]:
    """What moves the player by a row of app.playback.moves."""
    return lambda studio: studio.player.do(move)


def recentre(studio: Studio) -> None:
    """Let forward be where the headset looks."""
    if studio.headset is not None:
        studio.headset.recentre()


def rename(studio: Studio) -> None:
    """Ask for the name of the head's branch."""
    if studio.session.head is not None:
        studio.timeline().ask_name(studio.session.head.branch)


def note_branch(studio: Studio) -> None:
    """Ask for the note of the head's branch."""
    if studio.session.head is not None:
        studio.timeline().ask_branch_note(studio.session.head.branch)


def draw_plan(studio: Studio) -> None:
    """Draw what the policy is about to do over the pictures, or do not."""
    studio.viewport.set_plans(studio.window.command_actions["plan"].isChecked())


def draw_markers(studio: Studio) -> None:
    """Draw where the end effectors were measured and how high they are, or do not."""
    studio.viewport.set_markers(studio.window.command_actions["markers"].isChecked())


def show_devices(studio: Studio) -> None:
    """Show the devices in the side column, or the session again."""
    studio.pages.show("drive")
    studio.window.side_column.turn_to("Devices")


def take_screenshot(studio: Shell) -> None:
    """Save a picture of the window."""
    studio.window.show_message(screenshots.save(studio.window))


def about(studio: Shell) -> None:
    """Show the version and where files lie."""
    studio.window.show_about(studio.pages.sessions_folder)


def leave(studio: Shell) -> None:
    """Close, stop or leave what is in the foreground."""
    any(way() for way in studio.ways_out)


def show_page(name: str, studio: Shell) -> None:
    """Show a page by its name."""
    studio.pages.show(name)
