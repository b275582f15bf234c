"""Shows the hints of app/window/first_steps.py, and remembers that they were followed."""

from collections.abc import Callable

from app.window.first_steps import FirstSteps, looked
from app.window.settings import WindowSettings
from core.branch_tree import BranchTree
from core.events import Message, Status


class Guide:
    """Looks at each status of a session; UI thread."""

    def __init__(
        self, settings: WindowSettings, key: Callable[[str], str], tell: Callable[[Message], None], wanted: bool
    ) -> None:
        """Begin where the operator stopped.

        Args:
            settings: Remembers that the first steps are done.
            key: From the name of a command to its key.
            tell: Shows a message.
            wanted: Whether to show hints at all.
        """
        self._settings, self._key, self._tell, self._wanted = settings, key, tell, wanted
        self._steps = FirstSteps()

    def begin(self) -> None:
        """Another session is open."""
        self._steps = FirstSteps("done" if self._settings.first_steps_done else "start")

    def look(self, status: Status, tree: BranchTree) -> None:
        """Show a hint where it is time for one."""
        if not self._wanted:
            return
        before = self._steps.stage
        self._steps, words = looked(self._steps, status, tree, self._key)
        if words:
            self._tell(Message("hint", words))
        if self._steps.stage == "done" != before:
            self._settings.first_steps_done = True
