"""Folders of the user in which the application keeps its files, where this system wants them."""

import os
from pathlib import Path
from typing import Final

import platformdirs

CONFIG: Final = "hi-wm"
CACHE: Final = "hi-wm-studio"


def config_folder() -> Path:
    """Profiles, leader arms and calibrations, for example ~/.config/hi-wm on Linux; made by the first write.

    Versions before this one wrote ~/.config/hi-wm on every system: where only that folder exists, it stays in use.
    """
    folder = platformdirs.user_config_path(CONFIG, appauthor=False)
    before = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / CONFIG
    return before if before.is_dir() and not folder.is_dir() else folder


def cache_folder() -> Path:
    """What can be made again, for example ~/.cache/hi-wm-studio on Linux; $HI_WM_CACHE names another folder."""
    chosen = os.environ.get("HI_WM_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path(CACHE, appauthor=False)
