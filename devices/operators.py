"""The operators of one computer: a profile each, and which of them was chosen last.

operator.toml in the operator's folder is the first one; operators/NAME.toml beside it are the others.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.config import parse_toml
from core.errors import BadConfig
from devices.profile import Profile, save

FIRST: Final = "operator.toml"
FOLDER: Final = "operators"
CHOSEN: Final = "chosen.txt"
"""Name of the chosen profile's file, in FOLDER."""


def folder_of(profile: Path) -> Path:
    """The folder whose operators a profile is one of."""
    return profile.parent.parent if profile.parent.name == FOLDER else profile.parent


def operators(profile: Path) -> dict[Path, str]:
    """The profiles beside one, that one first where it is somewhere else: file -> what the operator is called."""
    folder = folder_of(profile)
    files = [folder / FIRST, *sorted((folder / FOLDER).glob("*.toml"))]
    return {file: name_in(file) for file in dict.fromkeys([*files, profile] if profile not in files else files)}


def name_in(file: Path) -> str:
    """What the operator of a profile is called; the name of the file where that has no name, or does not exist yet."""
    try:
        name = parse_toml(file.read_text(encoding="utf-8")).get("name")
    except (OSError, ValueError):
        name = None
    return name if isinstance(name, str) and name else file.stem


def chosen(folder: Path) -> Path:
    """The profile that was chosen last in a folder; the first one where none was, or where it is gone."""
    try:
        file = folder / FOLDER / (folder / FOLDER / CHOSEN).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return folder / FIRST
    return file if file.parent == folder / FOLDER and file.is_file() else folder / FIRST


def choose(profile: Path) -> None:
    """Remember a profile of a folder for the next start; one of somewhere else is not remembered.

    Raises:
        BadConfig: the choice could not be written.
    """
    folder = folder_of(profile)
    if profile not in (folder / FIRST, folder / FOLDER / profile.name):
        return
    note = folder / FOLDER / CHOSEN
    try:
        if profile == folder / FIRST:
            note.unlink(missing_ok=True)
            return
        partial = note.with_name(note.name + ".partial")
        partial.write_text(profile.name + "\n", encoding="utf-8")
        partial.replace(note)
    except OSError as error:
        raise BadConfig(f"The choice of {profile} could not be kept: {error}. Is the disk full?") from error


def new_operator(beside: Path, name: str, like: Profile) -> Path:
    """Make a profile for one more operator, who begins with the settings of another one; its file.

    Raises:
        BadConfig: the name is empty or taken, or the file could not be written.
    """
    name = name.strip()
    stem = re.sub(r"[^\w-]+", "_", name).strip("_")
    if not stem:
        raise BadConfig("An operator needs a name with a letter or a figure in it.")
    if name in operators(beside).values():
        raise BadConfig(f"There is an operator called {name!r} already. Choose another name.")
    file = folder_of(beside) / FOLDER / f"{stem}.toml"
    if file.exists():
        raise BadConfig(f"There is a file {file} already. Choose another name.")
    try:
        save(replace(like, name=name), file)
    except OSError as error:
        raise BadConfig(f"The profile {file} could not be written: {error}. Is the disk full?") from error
    return file
