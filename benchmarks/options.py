"""Options that the benchmarks share, and what they say about the machine they ran on."""

import argparse
import os
import platform
from pathlib import Path


def parser(name: str, description: str | None, quick: str) -> argparse.ArgumentParser:
    """A parser with --quick; `quick` describes what it leaves out."""
    made = argparse.ArgumentParser(
        prog=f"python -m benchmarks.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--quick", action="store_true", help=f"only see whether it runs: {quick}")
    return made


def add_world(made: argparse.ArgumentParser) -> None:
    """Which learned world is measured."""
    made.add_argument(
        "--world-weights", type=Path, metavar="FILE", help="weights of the transport world (default: the shipped ones)"
    )


def machine() -> str:
    """Processor, cores and what else keeps them busy, in one line."""
    busy = f", load average {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{processor()}, {os.cpu_count()} cores{busy}"


def processor(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name, where the system gives one."""
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
