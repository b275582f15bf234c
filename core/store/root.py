"""The root's attributes: sealed with a checksum and kept twice, so that a torn zarr.json loses nothing.

The copy lies in the attributes of the group ``checks``. It is written after the root and before any journal file is
removed, so whichever of the two is whole, the journal files beside it hold the rest.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import BadStore
from core.regular_files import read_json
from core.store.columns import PARTIAL, group_metadata, replace_file
from core.store.layout import JOURNAL_FOLDER, ROOT
from core.store.lock import NAME as LOCK_NAME
from core.store.lock import WANTED

SEAL: Final = "seal"
COPY: Final = "checks/zarr.json"
"""Where the copy lies, in its attribute "root"."""


@dataclass(frozen=True, slots=True, eq=False)
class Root:
    """The attributes of a session, from whichever of its two places is whole."""

    values: dict[str, Any]
    trouble: str = ""
    """What is wrong with zarr.json, where the copy had to serve; "" for nothing."""


def sealed(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes with their checksum, which ignores attributes that other programs add."""
    keys = sorted(attributes)
    return {**attributes, SEAL: {"crc32": _crc(attributes, keys), "keys": keys}}


def intact(attributes: Mapping[str, Any]) -> bool:
    """Whether the sealed attributes are what was written; sessions from before there were seals have nothing to show.

    Raises:
        KeyError, TypeError: the seal itself is torn.
    """
    seal = attributes.get(SEAL)
    return seal is None or _crc(attributes, seal["keys"]) == seal["crc32"]


def _crc(attributes: Mapping[str, Any], keys: list[str]) -> int:
    return zlib.crc32(json.dumps({key: attributes.get(key) for key in keys}, sort_keys=True).encode())


def write_root(folder: Path, attributes: Mapping[str, Any], *, sync: bool = False) -> None:
    """Commit: the root by rename, then its copy."""
    values = sealed(attributes)
    replace_file(folder / ROOT, group_metadata(values), sync=sync)
    write_copy(folder, values, sync=sync)


def write_copy(folder: Path, values: Mapping[str, Any], *, sync: bool = False) -> None:
    """Keep sealed attributes a second time."""
    (folder / COPY).parent.mkdir(exist_ok=True)
    replace_file(folder / COPY, group_metadata({"root": dict(values)}), sync=sync)


def read_root(folder: Path) -> Root | None:
    """The root of a session; None where the folder holds nothing yet. Changes nothing.

    Raises:
        BadStore: no such folder, not a session, or torn without a copy.
    """
    if not folder.is_dir():
        raise BadStore(f"There is no session at {folder}. Check the path, or start a new session there.")
    values, trouble = _whole(folder / ROOT)
    if values is not None and not trouble:
        return Root(values)
    copy = read_copy(folder)
    if copy is not None:
        return Root(copy, trouble)
    if trouble != MISSING:
        raise BadStore(
            f"{folder / ROOT} is damaged (it {trouble}), and there is no copy of it. `main.py repair {folder}` mends "
            "what can be mended; else restore it from a copy of the session."
        )
    if all(
        entry.name in (LOCK_NAME, WANTED, JOURNAL_FOLDER) or entry.name.endswith(PARTIAL) for entry in folder.iterdir()
    ):
        return None
    raise BadStore(f"{folder} is not a session, and it is not empty. Choose another folder.")


MISSING: Final = "is missing"


def read_copy(folder: Path) -> dict[str, Any] | None:
    """The copy of the root's attributes; None where there is none that is whole."""
    try:
        values, trouble = _whole(folder / COPY)
    except BadStore:
        return None
    copy = None if values is None or trouble else values.get("root")
    try:
        return copy if isinstance(copy, dict) and SEAL in copy and intact(copy) else None
    except (KeyError, TypeError):
        return None


def _whole(path: Path) -> tuple[dict[str, Any] | None, str]:
    """The attributes of a zarr.json, and what is wrong with them."""
    try:
        values = read_json(path)["attributes"]
        if not isinstance(values, dict):
            return None, "holds no attributes"
        return values, "" if intact(values) else "does not fit its checksum"
    except (FileNotFoundError, NotADirectoryError):
        return None, MISSING
    except (ValueError, KeyError, TypeError, RecursionError):
        return None, "is torn"
    except OSError as error:
        raise BadStore(f"The session {path.parent} cannot be read: {error.strerror or error}.") from error


def unsealed(folder: Path) -> dict[str, Any] | None:
    """The root's attributes although they do not fit their checksum: the last resort of a repair."""
    return _whole(folder / ROOT)[0]
