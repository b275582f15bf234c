"""New scenes of the session that is open: from a seed, a recorded step, pictures, or what is seen now."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QWidget

from app.opening.config import Config
from app.opening.live_session import LiveSession
from core.events import Message
from core.verbs import NewEpisode, Pause

if TYPE_CHECKING:
    from app.scenes.dialog import SceneDialog
    from app.scenes.pages import Start


class SceneController:
    """Opens the dialog of new scenes and starts what was chosen."""

    def __init__(
        self, session: LiveSession, config: Callable[[], Config], window: QWidget, say: Callable[[Message], None]
    ) -> None:
        """Make nothing before the first request.

        Args:
            session: What is driven.
            config: What is open; its folder of sessions is where recorded steps are looked for.
            window: Parent of the dialog.
            say: Shows words to the user.
        """
        self._session, self._config, self._window, self._say = session, config, window, say

    def ask(self) -> "SceneDialog | None":
        """Pause and open the dialog; None while there is no session."""
        opened, status = self._session.opened, self._session.status
        if opened is None or status is None:
            return None
        from app.scenes.ask import scene_dialog  # with the store, which the first window does not wait for

        if status.phase != "PAUSED":
            self._session.submit(Pause())
        dialog = scene_dialog(opened, status, self._session.tree, self._config(), self._window)
        dialog.chosen.connect(self.start)
        dialog.finished.connect(self._window.activateWindow)  # the keys are the window's again
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def start_here(self) -> None:
        """Start a scene from what is seen at the head."""
        status = self._session.status
        if status is not None:
            self.start(status.observation)

    def start(self, start: "Start") -> None:
        """Begin a new episode from a seed, or from what is seen."""
        opened = self._session.opened
        if opened is None:
            return
        try:
            seed = start if isinstance(start, int) else opened.book.add(start)
        except OSError as error:
            self._say(Message("error", f"The start could not be kept: {error}. Is the disk full?"))
            return
        self._session.submit(NewEpisode(seed))
