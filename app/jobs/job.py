"""A command of main.py as a separate process: the window receives its progress and may end it at any time.

The command writes one JSON object a line to standard error: {"progress": ...} or {"said": "a sentence"}. Its result is
the last line of standard output, a JSON object as well. Otherwise the last other line of standard error says why.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from PyQt6.QtCore import QObject, QProcess, QTimer, pyqtSignal

MAIN: Final = Path(__file__).resolve().parents[2] / "main.py"
PATIENCE_MS: Final = 10_000
"""How long a process that saves its state may take before it is killed."""


class Job(QObject):
    """Runs once; the next job with the same output resumes what this one wrote before it was ended."""

    progressed = pyqtSignal(object)
    """What the command reports: fields by name."""
    said = pyqtSignal(str)
    """A sentence of the command."""
    done = pyqtSignal(object)
    """The result: fields by name."""
    failed = pyqtSignal(str)
    """Why, in words; "" where it was ended on request."""

    def __init__(self, words: Sequence[str], parent: QObject | None, what: str, saves: bool = False) -> None:
        """Get ready.

        Args:
            words: The command line behind main.py; the first one names the command.
            parent: Owner.
            what: What the job is called in messages.
            saves: Whether the command saves its state on SIGTERM; others are killed.
        """
        super().__init__(parent)
        self._words, self._what, self._saves, self._ended, self._last = list(words), what, saves, False, ""
        self._process = QProcess(self)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._process.kill)
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
        if self._saves:
            self._process.terminate()
            self._patience.start(PATIENCE_MS)
        else:
            self._process.kill()

    def stop(self) -> None:
        """End it and wait; emits nothing."""
        self._process.blockSignals(True)
        if self._saves:
            self._process.terminate()
            if self._process.waitForFinished(3000):
                return
        self._process.kill()
        self._process.waitForFinished(3000)

    def _read(self) -> None:
        self._process.setReadChannel(QProcess.ProcessChannel.StandardError)
        while self._process.canReadLine():
            line = bytes(self._process.readLine().data()).decode(errors="replace").strip()
            if line.startswith("{"):
                self._take(json.loads(line))
            elif line:
                self._last = line.removeprefix(f"main.py {self._words[0]}: ")

    def _take(self, values: dict[str, Any]) -> None:
        if "progress" in values:
            self.progressed.emit(values["progress"])
        elif "said" in values:
            self.said.emit(str(values["said"]))

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._read()
        if self._ended:
            self.failed.emit("")
        elif code == 0 and status == QProcess.ExitStatus.NormalExit:
            answer = bytes(self._process.readAllStandardOutput().data()).decode().strip().splitlines()
            try:
                result: dict[str, Any] = json.loads(answer[-1])
            except (IndexError, ValueError):
                self.failed.emit(f"The {self._what} finished but did not report what it wrote. Look into its folder.")
            else:
                self.done.emit(result)
        else:
            silent = f"The {self._what} ended without an error message. The same {self._what} resumes it."
            self.failed.emit(self._last or silent)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self.failed.emit(f"The {self._what} could not be started: {self._process.errorString()}.")
