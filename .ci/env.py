"""Make the environment of Hi-WM Studio: system packages, virtual environment, torch, everything else.

Needs only Python 3.11 and nothing outside its standard library. Every step says what it does, how large it
is and how long it took; a step that is already done is skipped, one that was interrupted is done again.

    python3 .ci/env.py            what the application needs
    python3 .ci/env.py --test     and what the tests need (a virtual screen)
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "steps"
LOG = VENV / "install.log"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TORCH = "torch==2.13.0"  # exactly, and first: another package would pull the newest GPU build

SYSTEM = [
    "python3-venv",
    "libegl1",
    "libgl1",
    "libegl-mesa0",
    "libgl1-mesa-dri",
    "libglx-mesa0",
    "libglib2.0-0",
    "libfontconfig1",
    "libdbus-1-3",
    "libxkbcommon-x11-0",
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-keysyms1",
    "libxcb-shape0",
    "fonts-dejavu-core",
    "libhidapi-hidraw0",
]
SCREEN = ["xvfb"]
PROBE = (
    "import torch, numpy, scipy, zarr, mujoco, onnxruntime, OpenGL, av; from PyQt6 import QtWidgets, QtOpenGLWidgets"
)


class StepError(Exception):
    """A step that did not work; the text says what, why and how to mend it."""


def megabytes(folder: Path) -> float:
    """Size of a folder on disk; files may vanish while it is measured."""
    total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_size
            except OSError:
                continue
    return total / 1e6


def watched(command: list[str], name: str) -> None:
    """Run a long command, its output into the log, and show the megabytes that arrive."""
    shown = sys.stdout.isatty()
    start, before, told = time.monotonic(), megabytes(VENV), 0.0
    # pip unpacks here too, so that what has arrived can be shown; the folder goes with the command
    with LOG.open("ab") as log, tempfile.TemporaryDirectory(dir=VENV, prefix="downloads-") as downloads:
        log.write(f"\n$ {' '.join(command)}\n".encode())
        log.flush()
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "TMPDIR": downloads})
        while process.poll() is None:
            time.sleep(0.5)
            seconds = time.monotonic() - start
            if seconds - told > (2 if shown else 15):
                told = seconds
                line = f"      {name}: {megabytes(VENV) - before:5.0f} MB, {seconds:3.0f} s"
                print(line, end="\r" if shown else "\n", flush=True)
    if process.returncode:
        tail = "\n".join(LOG.read_text(errors="replace").splitlines()[-12:])
        raise StepError(f"{name} failed. The end of {LOG}:\n{tail}\nMend the cause and run the same command again.")


def missing_system(wanted: list[str]) -> list[str]:
    """Which Debian packages are not installed; none on other systems."""
    if not shutil.which("dpkg-query"):
        return []
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted]
    found = subprocess.run(query, capture_output=True, text=True).stdout.splitlines()
    installed = {line.split()[0] for line in found if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def system_packages(wanted: list[str]) -> str:
    """Install what is missing with apt when root; otherwise say the one line to run."""
    missing = missing_system(wanted)
    if not missing:
        return "present"
    line = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        raise StepError(f"These system packages are missing: {', '.join(missing)}.\nRun: sudo {' '.join(line)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
    plan = subprocess.run([*line, "--assume-no"], capture_output=True, text=True, env=quiet).stdout
    size = next((text for text in plan.splitlines() if text.startswith("Need to get")), "")
    print(f"      as root, with apt: {' '.join(missing)}\n      {size}", flush=True)
    done = subprocess.run([*line, "-qq"], capture_output=True, text=True, env=quiet)
    if done.returncode:
        raise StepError(f"apt could not install {', '.join(missing)}:\n{done.stderr.strip()}\nRun: {' '.join(line)}")
    return f"{len(missing)} installed"


def virtual_environment() -> str:
    """A venv whose Python runs; a broken one is made anew."""
    if PYTHON.exists() and subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True).returncode == 0:
        return "present"
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
    if done.returncode:
        raise StepError(f"The virtual environment could not be made:\n{done.stdout.strip()}\nOn Debian: python3-venv.")
    return "made"


def pip_step(name: str, packages: list[str], key: str) -> str:
    """Install packages unless the stamp of exactly this list is there."""
    stamp = STAMPS / f"{name}-{hashlib.sha256((key + ' '.join(packages)).encode()).hexdigest()[:16]}"
    if stamp.exists():
        return "present"
    before, constraints = megabytes(VENV), ROOT / "constraints.txt"
    watched([str(PYTHON), "-m", "pip", "install", "-c", str(constraints), *packages], name)
    STAMPS.mkdir(exist_ok=True)
    stamp.touch()
    return f"{megabytes(VENV) - before:.0f} MB"


def probe(key: str) -> str:
    """Whether the libraries load, which a missing system package would prevent."""
    stamp = STAMPS / f"probe-{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    if stamp.exists():
        return "present"
    done = subprocess.run([PYTHON, "-c", PROBE], capture_output=True, text=True)
    if done.returncode:
        raise StepError(f"The installed libraries do not load:\n{done.stderr.strip().splitlines()[-1]}")
    stamp.touch()
    return "they load"


def main() -> int:
    """Run the steps; 0 when everything is there, 1 with the cause otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--test", action="store_true", help="also what the tests need")
    parser.add_argument("--quiet", action="store_true", help="say nothing where everything is there")
    arguments = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        print(f"Python 3.11 is needed; this is {sys.version.split()[0]}. Run make PYTHON=python3.11", file=sys.stderr)
        return 1
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    packages = project["dependencies"] + project["optional-dependencies"]["dev"]
    key = (ROOT / "constraints.txt").read_text()
    screenless = sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    system = SYSTEM + (SCREEN if arguments.test or screenless else [])
    steps = (
        ("system packages", lambda: system_packages(system)),
        ("virtual environment", virtual_environment),
        (TORCH, lambda: pip_step("torch", [TORCH], "")),
        ("Python packages", lambda: pip_step("packages", packages, key)),
        ("probe", lambda: probe(key)),
    )
    for number, (name, step) in enumerate(steps, 1):
        start = time.monotonic()
        if not arguments.quiet:
            print(f"[{number}/{len(steps)}] {name} ...", flush=True)
        try:
            result = step()
        except StepError as failure:
            print(f"[{number}/{len(steps)}] {name}: {failure}", file=sys.stderr)
            return 1
        if result != "present" or not arguments.quiet:
            print(f"[{number}/{len(steps)}] {name}: {result}, {time.monotonic() - start:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
