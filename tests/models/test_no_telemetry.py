"""The program writes only to its own cache folder and looks up no name: run with an empty home and no network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WATCH = """
import atexit, os, socket, sys

def refused(name):
    def call(*args, **kwargs):
        with open(os.environ["LOOKED_UP"], "a") as file:
            file.write(f"{name} {args}\\n")
        raise OSError(f"{name} is not allowed here")
    return call

for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "create_connection"):
    setattr(socket, name, refused(name))
"""
"""A sitecustomize that writes down every look-up from Python. strace sees those of libraries."""
IMPORT_EVERYTHING = """
import importlib, pkgutil
for package in ("core", "devices", "models", "app"):
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:  # a library that is optional on this system
            assert not str(error.name).split(".")[0] in ("core", "devices", "models", "app"), error
from models.onnx_runtime import version
assert version
"""


def isolated(command: Sequence[str], tmp_path: Path) -> tuple[list[str], list[str]]:
    """Run a command with an empty home; what it wrote there, and the names and addresses that it asked for."""
    home, site, looked_up, trace = (tmp_path / name for name in ("home", "site", "looked_up", "trace"))
    home.mkdir()
    site.mkdir()
    (site / "sitecustomize.py").write_text(WATCH)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
    environment = kept | {
        "HOME": str(home), "PYTHONPATH": f"{site}{os.pathsep}{ROOT}", "LOOKED_UP": str(looked_up),
        "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    done = subprocess.run(
        [*tracer(trace), *offline(), sys.executable, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    asked = looked_up.read_text().splitlines() if looked_up.exists() else []
    if trace.exists():
        asked += [line for line in trace.read_text().splitlines() if "AF_INET" in line]
    return sorted(str(p.relative_to(home)) for p in home.rglob("*") if not p.is_dir()), asked


def tracer(trace: Path) -> list[str]:
    """strace of every call that sends or connects, where it is installed and permitted."""
    call = ["strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg"]
    return [*call, "-o", str(trace)] if permitted([*call, "-o", os.devnull]) else []


def offline() -> list[str]:
    """A separate network namespace without any device, where this user may make one."""
    return ["unshare", "-rn"] if permitted(["unshare", "-rn"]) else []


def permitted(prefix: Sequence[str]) -> bool:
    return shutil.which(prefix[0]) is not None and not subprocess.run([*prefix, "true"], capture_output=True).returncode


@pytest.mark.skipif(sys.platform != "linux", reason="the cache folder's name is that of Linux")
def test_a_rollout_writes_only_its_cache_and_asks_for_no_name(tmp_path: Path) -> None:
    words = ["main.py", "rollout", "--attempts", "1", "--max-steps", "5"]
    wrote, asked = isolated(words, tmp_path)
    assert asked == []
    assert wrote, "the policy's graphs were not cached"
    assert [name for name in wrote if not name.startswith(".cache/hi-wm-studio/")] == []


def test_importing_everything_writes_nothing_and_asks_for_no_name(tmp_path: Path) -> None:
    wrote, asked = isolated(["-c", IMPORT_EVERYTHING], tmp_path)
    assert asked == []
    fonts = ".cache/matplotlib/"  # matplotlib, which draws the reports, caches the list of fonts
    assert [name for name in wrote if not name.startswith(fonts)] == []
