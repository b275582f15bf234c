"""Monado, a real OpenXR runtime, in a cache folder; then a Python command of this project that can talk to it.

Debian 12 has no Monado. The prebuilt packages of the next Debian are unpacked beside everything else, without root
and without changing the system, and Python runs through their loader, so that its libraries fit. apt fetches and
checks them, over whatever mirror and proxy this machine uses. Needs nothing outside the standard library.

    python3 .ci/monado.py                             the tests marked openxr
    python3 .ci/monado.py -m benchmarks.headset       any other Python command line
    python3 .ci/monado.py --fresh                     fetch the newest packages first
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv/bin/python"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hi-wm"
SUITE = "trixie"
MIRROR = "http://deb.debian.org/debian"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
PACKAGES = ["monado-service", "libopenxr1-monado", "mesa-vulkan-drivers", "libegl-mesa0", "libegl1", "libgl1",
            "libglx-mesa0", "libgl1-mesa-dri", "libopengl0"]  # fmt: skip
TOOLS = {"apt-get": "apt", "apt-cache": "apt", "dpkg-deb": "dpkg"}
UNREAD = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/icons", "var")
TESTS = ["-m", "pytest", "-m", "openxr"]
COMPLETE = "complete-2"
"""A file in the folder that is written last; its number says how the folder was made."""
GRAPHICS = ("EGL", "GL", "GLX", "OpenGL")


class SetupError(Exception):
    """The runtime could not be set up; the text says what, why and how to mend it."""


def settings(work: Path) -> str:
    """Options of apt for a separate package tree in which nothing is installed."""
    return "\n".join(
        [
            f'Dir "{work}/";',
            f'Dir::State "{work}/state"; Dir::State::status "{work}/status"; Dir::Cache "{work}/cache";',
            f'Dir::Etc::sourcelist "{work}/sources.list"; Dir::Etc::sourceparts "/dev/null";',
            f'Dir::Etc::preferencesparts "{work}/none"; APT::Sandbox::User "{user()}";',
            'APT::Architecture "amd64"; APT::Architectures { "amd64"; }; APT::Install-Recommends "false";',
            "#clear APT::Update::Post-Invoke;",
            "#clear APT::Update::Post-Invoke-Success;",
            "#clear DPkg::Post-Invoke;",
            "",
        ]
    )


def user() -> str:
    """The current user: apt would otherwise fetch as a user that may not write here."""
    import pwd

    return pwd.getpwuid(os.geteuid()).pw_name


def tried(command: list[str], what: str) -> str:
    """Run a command; its output.

    Raises:
        SetupError: it failed; with its last words.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-8:])
        raise SetupError(f"{what} failed:\n{tail}\nIs the mirror reachable? Run the same command again.")
    return done.stdout


def mirror() -> str:
    """Where this machine gets Debian from."""
    sites = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)"], capture_output=True, text=True, check=False
    ).stdout.split()
    return next((site.rstrip("/") for site in sites if site.rstrip("/").endswith("/debian")), MIRROR)


def found() -> Path | None:
    """The newest folder that is complete."""
    folders = [one for one in CACHE.glob("monado-*") if (one / COMPLETE).exists()]
    return max(folders, key=lambda one: (one / COMPLETE).stat().st_mtime, default=None)


def check_tools() -> None:
    """Refuse a machine on which this cannot work, in words."""
    if os.uname().machine != "x86_64":
        raise SetupError(f"Monado is fetched for x86_64; this machine is {os.uname().machine}.")
    lacking = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})
    if lacking:
        raise SetupError(f"Monado comes as Debian packages; {', '.join(lacking)} is not here. Run this on Debian 12.")
    if not Path(KEYRING).exists():
        raise SetupError(f"{KEYRING} is missing. Run: sudo apt-get install -y debian-archive-keyring")


def set_up() -> Path:
    """Fetch and unpack everything; the folder.

    Raises:
        SetupError: whatever was in the way.
    """
    check_tools()
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetching-") as name:
        work, start = Path(name), time.monotonic()
        for folder in ("state/lists/partial", "cache/archives/partial", "none"):
            (work / folder).mkdir(parents=True)
        (work / "status").touch()
        source = mirror()
        (work / "sources.list").write_text(f"deb [signed-by={KEYRING}] {source} {SUITE} main\n")
        (work / "apt.conf").write_text(settings(work))
        apt = ["-c", str(work / "apt.conf")]
        print(f"[monado] packages of Debian {SUITE} from {source}, about 170 MB ...", flush=True)
        tried(["apt-get", *apt, "update", "--error-on=any"], f"Reading the package list of {SUITE} from {source}")
        policy = tried(["apt-cache", *apt, "policy", PACKAGES[0]], "Asking for the version of Monado")
        version = next((line.split()[1] for line in policy.splitlines() if "Candidate:" in line), "(none)")
        if version == "(none)":
            raise SetupError(f"{source} has no {PACKAGES[0]} in {SUITE}.")
        tried(["apt-get", *apt, "install", "--download-only", "-y", *PACKAGES], "Fetching the packages")
        target = CACHE / f"monado-{version}"
        unpack(sorted((work / "cache/archives").glob("*.deb")), work / "root")
        shutil.rmtree(target, ignore_errors=True)
        (work / "root").rename(target)
        (target / COMPLETE).touch()
        print(f"[monado] {version} in {target}, {time.monotonic() - start:.0f} s", flush=True)
    return target


def unpack(packages: list[Path], root: Path) -> None:
    """Lay the files of packages into a folder; none of their scripts runs."""
    root.mkdir()
    for package in packages:
        tried(["dpkg-deb", "-x", str(package), str(root)], f"Unpacking {package.name}")
    for folder in UNREAD:
        shutil.rmtree(root / folder, ignore_errors=True)
    libraries = root / "usr/lib/x86_64-linux-gnu"
    for name in GRAPHICS:  # PyOpenGL asks for libEGL.so first: the system's, if only that is there, and they do not mix
        for library in libraries.glob(f"lib{name}.so.[0-9]"):
            (libraries / f"lib{name}.so").symlink_to(library.name)


def environment(root: Path) -> dict[str, str]:
    """For the caller that starts the service, see benchmarks/monado.py, and for the OpenXR loader."""
    libraries = root / "usr/lib/x86_64-linux-gnu"
    folders = [libraries, root / "usr/lib", *(libraries / one for one in ("pulseaudio", "blas", "lapack"))]
    driver = next((root / "usr/share/vulkan/icd.d").glob("lvp*.json"), None)
    if driver is None:
        raise SetupError(f"{root} has no software Vulkan driver. Remove the folder and run the same command again.")
    return {
        "HI_WM_MONADO": str(root / "usr/bin/monado-service"),
        "HI_WM_MONADO_LOADER": str(libraries / "ld-linux-x86-64.so.2"),
        "HI_WM_MONADO_LIBRARIES": ":".join(map(str, folders)),
        "XR_RUNTIME_JSON": str(root / "usr/share/openxr/1/openxr_monado.json"),
        "VK_DRIVER_FILES": str(driver),
        "VK_ICD_FILENAMES": str(driver),
    }


def main(words: list[str]) -> int:
    """Set up what is missing, run the command; its exit code, 1 where nothing could be set up."""
    fresh = "--fresh" in words
    command = [word for word in words if word != "--fresh"] or TESTS
    try:
        root = (None if fresh else found()) or set_up()
        extra = environment(root)
    except (SetupError, OSError) as failure:
        print(f"[monado] {failure}", file=sys.stderr)
        return 1
    if not PYTHON.exists():
        print("[monado] the environment is missing. Run: make env-test", file=sys.stderr)
        return 1
    through = [extra["HI_WM_MONADO_LOADER"], "--library-path", extra["HI_WM_MONADO_LIBRARIES"], str(PYTHON)]
    return subprocess.run([*through, *command], cwd=ROOT, env={**os.environ, **extra}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
