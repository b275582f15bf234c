"""An export as a separate process of low priority: the window receives its progress and may end it at any time."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QObject, QProcess, pyqtSignal

MAIN: Final = Path(__file__).resolve().parents[2] / "main.py"


class ExportJob(QObject):
    """Runs once; the next job with the same contents resumes what this one wrote before it was ended."""

    progressed = pyqtSignal(object)
    """Fields of models.datasets.export.run.Progress, by name."""
    done = pyqtSignal(object)
    """Fields of models.datasets.export.run.Exported, by name."""
    failed = pyqtSignal(str)
    """Why, in words; "" where it was ended on request."""

    def __init__(self, words: Sequence[str], parent: QObject | None = None) -> None:
        """Get ready.

        Args:
            words: The command line behind main.py, see export_command.arguments_of.
            parent: Owner.
        """
        super().__init__(parent)
        self._words, self._ended, self._said = list(words), False, ""
        self._process = QProcess(self)
        self._process.setWorkingDirectory(str(Path.cwd()))
        self._process.readyReadStandardError.connect(self._read)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._on_error)

    def start(self) -> None:
        """Begin."""
        self._process.start(sys.executable, [str(MAIN), *self._words])

    def cancel(self) -> None:
        """End it; failed("") follows."""
        self._ended = True
        self._process.kill()  # as safe as any other end: see models.datasets.export.target

    def stop(self) -> None:
        """End it and wait; says nothing."""
        self._process.blockSignals(True)
        self._process.kill()
        self._process.waitForFinished(3000)

    def _read(self) -> None:
        self._process.setReadChannel(QProcess.ProcessChannel.StandardError)
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode(errors="replace").strip()
            if line.startswith("{"):
                self.progressed.emit(json.loads(line)["progress"])
            elif line:
                self._said = line.removeprefix("main.py export: ")

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._ended:
            self.failed.emit("")
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            answer = bytes(self._process.readAllStandardOutput().data()).decode().strip().splitlines()
            try:
                result: dict[str, Any] = json.loads(answer[-1])
            except (IndexError, ValueError):
                self.failed.emit("The export finished but did not report what it wrote. Look into its folder.")
            else:
                self.done.emit(result)
        else:
            self.failed.emit(
                self._said or "The export process ended without an error message. Exporting the same again resumes it."
            )

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(f"The export could not be started: {self._process.errorString()}.")
