"""Which version this is, and where its files lie."""

import tomllib
from pathlib import Path

from PyQt6.QtWidgets import QDialog, QFormLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.widgets.labels import PlainLabel
from app.widgets.screen import fit_on_screen
from core import error_log
from core.folders import cache_folder, config_folder

PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def version() -> str:
    """Of the program; "unknown" where its project file is missing."""
    try:
        found = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    except (OSError, ValueError, KeyError):
        return "unknown"
    return str(found)


def facts(sessions: Path | None) -> dict[str, str]:
    """What the dialog shows, a line each; sessions that are not recorded have no folder."""
    return {
        "Version": version(),
        "Sessions": str(sessions.resolve()) if sessions is not None else "not recorded",
        "Settings and keys": str(config_folder()),
        "Caches": str(cache_folder()),
        "Logs of errors": str(error_log.folder()),
    }


class AboutDialog(QDialog):
    """Lines that can be selected and copied."""

    def __init__(self, sessions: Path | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Hi-WM Studio")
        column, form = QVBoxLayout(self), QFormLayout()
        column.setContentsMargins(24, 18, 24, 18)
        column.setSpacing(14)
        title, what = PlainLabel("Hi-WM Studio"), PlainLabel("Correct a robot policy inside a learned world model.")
        title.setObjectName("stagetitle")
        what.setWordWrap(True)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for name, words in facts(sessions).items():
            line = QLineEdit(words)
            line.setReadOnly(True)
            line.setCursorPosition(0)
            line.setAccessibleName(name)
            form.addRow(PlainLabel(name), line)
        leave = QPushButton("Close")
        leave.clicked.connect(self.close)
        for widget in (title, what):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(leave)
        fit_on_screen(self, 620, 300)
        leave.setFocus()
