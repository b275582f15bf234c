"""Where the files of the user are, and that those of earlier versions are found again."""

from pathlib import Path

import platformdirs
import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix
from platformdirs.windows import Windows

from core.folders import cache_folder, config_folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HI_WM_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_on_linux_the_folders_are_those_of_earlier_versions(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "PlatformDirs", Unix)
    assert config_folder() == home / ".config" / "hi-wm"
    assert cache_folder() == home / ".cache" / "hi-wm-studio"
    (home / ".config" / "hi-wm").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "own"))
    assert config_folder() == home / "own" / "hi-wm"
    monkeypatch.setenv("HI_WM_CACHE", str(home / "large disk"))
    assert cache_folder() == home / "large disk"


def test_elsewhere_the_folders_are_those_of_the_system(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "PlatformDirs", MacOS)
    assert config_folder() == home / "Library" / "Application Support" / "hi-wm"
    assert cache_folder() == home / "Library" / "Caches" / "hi-wm-studio"
    monkeypatch.setattr(platformdirs, "PlatformDirs", Windows)
    monkeypatch.setattr(Windows, "user_config_dir", property(lambda dirs: str(home / "AppData" / str(dirs.appname))))
    assert config_folder() == home / "AppData" / "hi-wm"


def test_a_folder_that_an_earlier_version_wrote_stays_in_use(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "PlatformDirs", MacOS)
    before = home / ".config" / "hi-wm"
    before.mkdir(parents=True)
    assert config_folder() == before
    (home / "Library" / "Application Support" / "hi-wm").mkdir(parents=True)
    assert config_folder() == home / "Library" / "Application Support" / "hi-wm"
