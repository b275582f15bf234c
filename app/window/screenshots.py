"""Pictures of the window on disk."""

import time
from pathlib import Path
from typing import Final

from PyQt6.QtWidgets import QWidget

from core.events import Message

FOLDER: Final = Path("out/screenshots")


def save(window: QWidget) -> Message:
    """Write what a window shows; words for the user about where it lies, or why it does not."""
    path = FOLDER / time.strftime("%Y-%m-%d_%H-%M-%S.png")
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        written = window.grab().save(str(path))
    except OSError:  # a folder that cannot be made
        written = False
    if written:
        return Message("info", f"Saved {path}.")
    words = f"The screenshot could not be written to {path.absolute()}. Is the disk full, or read-only?"
    return Message("error", words)
