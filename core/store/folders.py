"""Which folders are sessions, or were meant to be: one answer for every command and page."""

from pathlib import Path

from core.errors import BadStore
from core.regular_files import read_json
from core.store.layout import COPIES, FORMAT, JOURNAL_FOLDER, ROOT


def looks_like_session(folder: Path) -> bool:
    """Whether a folder has a journal, or a root that says it is ours, or lacks a root beside arrays of ours."""
    try:
        if (folder / JOURNAL_FOLDER).is_dir():
            return True
        values = read_json(folder / ROOT)
        attributes = values["attributes"]
        return bool((attributes or {}).get("format") == FORMAT)
    except (FileNotFoundError, NotADirectoryError, ValueError, TypeError, LookupError, AttributeError):
        return (folder / "nodes").is_dir() and (folder / "branches").is_dir()  # torn, but what is beside it is ours
    except OSError:
        return True  # it cannot be read, which is reported and not hidden


def session_folders(folder: Path) -> list[Path]:
    """Folders inside a folder that are or were meant to be sessions, by name; other things are passed over.

    Raises:
        BadStore: there is no such folder.
        OSError: it may not be read.
    """
    if not folder.is_dir():
        raise BadStore(f"There is no folder {folder}. Check the path, or record a session first.")
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and COPIES not in path.name and looks_like_session(path)
    )
