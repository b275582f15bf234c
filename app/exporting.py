"""The export of the session that is open: one dialog, made when it is first asked for, gone with the session."""

from typing import TYPE_CHECKING

from core.events import Message

if TYPE_CHECKING:
    from app.application import Application
    from app.export_dialog import ExportDialog


class Exporting:
    """Shows the dialog and outlives its being hidden."""

    def __init__(self, studio: "Application") -> None:
        self._studio = studio
        self.dialog: ExportDialog | None = None

    def show(self) -> None:
        """Open the dialog, or bring back the one that is hidden."""
        studio, tell = self._studio, self._studio.window.show_message
        if studio.opened is None or studio.opened.folder is None:
            tell(Message("warning", "This session is not recorded, so there is nothing to export."))
            return
        from app.export_dialog import ExportDialog  # with the store, which the first window does not wait for

        if self.dialog is None:
            self.dialog = ExportDialog(studio.opened.folder, lambda: studio.tree, studio.window)
            self.dialog.ended.connect(lambda level, words: tell(Message(level, words)))
            self.dialog.finished.connect(lambda _: studio.window.activateWindow())  # the keys are the window's again
            studio.bridge.tree.connect(self._follow)
        self.dialog.refresh()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def stop(self) -> None:
        """The session closes: so does its dialog, and what it writes can be gone on with."""
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            self._studio.bridge.tree.disconnect(self._follow)
            dialog.stop()
            dialog.deleteLater()

    def _follow(self, _: object) -> None:
        """Branches changed: what would be exported, too."""
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.refresh()
