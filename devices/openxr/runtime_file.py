"""Which OpenXR runtime is the active one here, read as the loader does; starts nothing and loads nothing."""

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.errors import StudioError

PLACES: Final = (
    Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "openxr/1/active_runtime.json",
    Path("/etc/xdg/openxr/1/active_runtime.json"),
    Path("/usr/local/etc/openxr/1/active_runtime.json"),
    Path("/etc/openxr/1/active_runtime.json"),
    Path("/usr/share/openxr/1/active_runtime.json"),
)
"""On Linux, the first one that is there."""


class BadRuntimeFile(StudioError):
    """The file that names the runtime cannot be used."""


@dataclass(frozen=True, slots=True)
class RuntimeFile:
    """The file that names the runtime to load."""

    path: Path
    name: str
    """Of the runtime, "SteamVR"; from its file, else from its library."""
    library: str


def runtime_file(places: tuple[Path, ...] = PLACES) -> RuntimeFile | None:
    """The active runtime; None where none is set up.

    Raises:
        BadRuntimeFile: the file is torn, or names no library.
    """
    path = _path(places)
    if path is None:
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))["runtime"]
        library = str(said["library_path"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRuntimeFile(
            f"{path} should name an OpenXR runtime and does not ({type(error).__name__}: {error}). Make your runtime "
            "the active one again in its settings."
        ) from error
    return RuntimeFile(path, str(said.get("name") or Path(library).stem), library)


def would_be_launched(runtime: RuntimeFile, proc: Path = Path("/proc")) -> bool:
    """Whether asking this runtime for anything would open its windows: SteamVR starts with the first request."""
    if "steamvr" not in f"{runtime.path.resolve()} {runtime.library}".lower() or not proc.is_dir():
        return False
    return not any(_content(one) == "vrserver" for one in proc.glob("[0-9]*/comm"))


def _path(places: tuple[Path, ...]) -> Path | None:
    if named := os.environ.get("XR_RUNTIME_JSON"):
        return Path(named)
    if sys.platform == "win32":
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SOFTWARE\Khronos\OpenXR\1") as key:
                return Path(winreg.QueryValueEx(key, "ActiveRuntime")[0])
        except OSError:
            return None
    return next((one for one in places if one.is_file()), None)


def _content(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
