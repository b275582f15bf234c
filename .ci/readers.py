"""Open exports with the projects they are for: environments of their own, outside the application's.

    python3 .ci/readers.py            make what is missing, then run the tests marked `readers`
    python3 .ci/readers.py --make     only make the environments

zarr      zarr 2.12.0 and numcodecs 0.10.2 on Python 3.9, as diffusion_policy pins them; where no Python 3.9 is found,
          zarr 2.12.0 and numcodecs 0.11.0, the nearest that has a build for 3.11. About 80 MB.
robots    lerobot 0.4.4 (the last for Python 3.11) with the torch that it pins, which comes with its GPU libraries
          however little they are needed, and robomimic 0.3.0. About 8.5 GB, 3 to 10 minutes.

They live in $READERS or ~/.cache/hi-wm-studio/readers. A step that is done is skipped; remove the folder to begin anew.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("READERS") or Path.home() / ".cache" / "hi-wm-studio" / "readers")
PYTHON = "Scripts/python.exe" if os.name == "nt" else "bin/python"
ZARR_39 = ["zarr==2.12.0", "numcodecs==0.10.2", "numpy<2"]
ZARR_311 = ["zarr==2.12.0", "numcodecs==0.11.0", "numpy<2"]
LEROBOT = ["lerobot==0.4.4"]
ROBOMIMIC = ["robomimic==0.3.0", "tensorboardX"]
"""Without their dependencies: robomimic asks for egl_probe, which must be compiled and is only used to render."""
ROBOMIMIC_NEEDS = ["h5py", "psutil", "tensorboard", "matplotlib"]
FFMPEG = "ffmpeg"
"""Debian package with the libraries of torchcodec, LeRobot's first choice of a decoder."""


class StepError(Exception):
    """A step that did not work; the text says what, why and how to mend it."""


def python_39() -> str | None:
    """A Python 3.9 that runs, None where there is none."""
    pyenv = sorted(Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv").glob("versions/3.9.*/bin/python"))
    for candidate in (shutil.which("python3.9"), *map(str, pyenv)):
        if candidate and _runs(candidate, "import sys, venv; sys.exit(sys.version_info[:2] != (3, 9))"):
            return candidate
    return None


def environment(name: str, base: str, steps: list[list[str]]) -> str:
    """Make an environment: one pip command after the other, unless exactly these are stamped as done."""
    folder = CACHE / name
    key = hashlib.sha256(repr((base, steps)).encode()).hexdigest()[:16]
    stamp = folder / f"made-{key}"
    if stamp.exists() and _runs(str(folder / PYTHON), "import numpy"):
        return "present"
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = CACHE / f"{name}.log"
    with log.open("wb") as file:
        for command in [[base, "-m", "venv", str(folder)], *steps]:
            line = command if command[0] == base else [str(folder / PYTHON), "-m", "pip", "install", *command]
            if subprocess.run(line, stdout=file, stderr=file).returncode:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
                raise StepError(f"`{' '.join(line)}` failed. The end of {log}:\n{tail}")
    stamp.touch()
    return "made"


def zarr_environment() -> str:
    """The zarr of diffusion_policy, or the nearest."""
    older = python_39()
    if older:
        return environment("zarr", older, [ZARR_39]) + ", Python 3.9: exactly what diffusion_policy pins"
    return environment("zarr", sys.executable, [ZARR_311]) + ", no Python 3.9 here: numcodecs 0.11.0 on 3.11"


def robots_environment() -> str:
    """LeRobot and robomimic; they share the torch that LeRobot pins."""
    steps = [LEROBOT, ["--no-deps", *ROBOMIMIC], ROBOMIMIC_NEEDS]
    return environment("robots", sys.executable, steps)


def decoder() -> str:
    """FFmpeg's libraries for torchcodec; without them the pictures are decoded by PyAV alone."""
    if shutil.which("ffmpeg"):
        return "present"
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return "no ffmpeg: LeRobot decodes with PyAV alone (install the package ffmpeg for torchcodec as well)"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
    done = subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", FFMPEG], env=quiet,
                          capture_output=True)  # fmt: skip
    return "installed" if done.returncode == 0 else "apt could not install ffmpeg: PyAV alone decodes"


def _runs(python: str, code: str) -> bool:
    try:
        return subprocess.run([python, "-c", code], capture_output=True).returncode == 0
    except OSError:
        return False


def main() -> int:
    """Make the environments and run the tests; the exit code of pytest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--make", action="store_true", help="only make the environments")
    arguments, rest = parser.parse_known_args()
    if sys.version_info[:2] != (3, 11):
        print(f"Python 3.11 is needed; this is {sys.version.split()[0]}. Run make PYTHON=python3.11", file=sys.stderr)
        return 1
    steps = (("zarr 2.12", zarr_environment), ("lerobot and robomimic", robots_environment), ("FFmpeg", decoder))
    for number, (name, step) in enumerate(steps, 1):
        start = time.monotonic()
        print(f"[{number}/{len(steps)}] {name} ...", flush=True)
        try:
            result = step()
        except StepError as failure:
            print(f"[{number}/{len(steps)}] {name}: {failure}", file=sys.stderr)
            return 1
        print(f"[{number}/{len(steps)}] {name}: {result}, {time.monotonic() - start:.0f} s", flush=True)
    if arguments.make:
        return 0
    found = {f"READERS_{name.upper()}": str(CACHE / name / PYTHON) for name in ("zarr", "robots")}
    tests = [str(ROOT / ".venv" / PYTHON), "-m", "pytest", "tests/readers", "-m", "readers", "-s", *rest]
    return subprocess.run(tests, cwd=ROOT, env={**os.environ, **found}).returncode


if __name__ == "__main__":
    sys.exit(main())
