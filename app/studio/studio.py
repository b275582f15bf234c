"""What commands act on: the parts of a window and of the session that is driven in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.commands.window import CommandWindow
from app.export.controller import ExportController
from app.inputs.controller import InputController
from app.opening.live_session import LiveSession
from app.pages.pages import Pages
from app.scenes.controller import SceneController
from app.studio.switcher import SessionSwitcher
from app.timeline.controller import TimelineController
from app.timeline.player import TimelinePlayer
from app.viewport.widget import Viewport
from app.window.main_window import MainWindow

if TYPE_CHECKING:
    from app.xr.headset import Headset


@dataclass(frozen=True, slots=True, eq=False)
class Shell:
    """A window with pages; all that commands need which drive nothing."""

    window: CommandWindow
    pages: Pages
    ways_out: tuple[Callable[[], bool], ...]
    """What leaving tries, in this order, until one says that there was something to leave."""


@dataclass(frozen=True, slots=True, eq=False)
class Studio(Shell):
    """A window in which a session is driven."""

    window: MainWindow
    session: LiveSession
    player: TimelinePlayer
    timeline: Callable[[], TimelineController]
    """Of the session that is open; another session has another one."""
    viewport: Viewport
    inputs: InputController
    scenes: SceneController
    export: ExportController
    switcher: SessionSwitcher
    headset: "Headset | None"
    """None where none is wanted."""
