"""What reading a damaged session may raise, before it becomes words."""

import struct
from pathlib import Path
from typing import Final

from core.errors import StudioError

DAMAGE: Final = (
    OSError, ValueError, RuntimeError, LookupError, TypeError, ArithmeticError, AttributeError, MemoryError,
    struct.error,
)  # fmt: skip
"""A file that is missing or refused, numbers and texts that are not what was written."""


def reason(error: Exception) -> str:
    """Why something of a session cannot be read, in words of one line."""
    match error:
        case FileNotFoundError():
            return "a file of it is missing"
        case OSError():
            return error.strerror or str(error)
        case KeyError():
            return f"it does not say {error}"
        case MemoryError():
            return "it says that it is larger than the memory"
        case ValueError() | RuntimeError() if str(error):
            return str(error)
        case _:
            return f"its values do not fit together ({type(error).__name__})"


def trouble_words(folder: Path, error: Exception) -> str:
    """Why a session cannot be read, for its user; the caller goes on with the next session."""
    if isinstance(error, StudioError):
        return str(error)
    return f"The session {folder} cannot be read: {reason(error)}. `main.py verify {folder}` says more."
