"""The check of `main.py doctor` for VR headsets."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from core.check import Check
from devices.openxr.runtime_file import PLACES, BadRuntimeFile, runtime_file, would_be_launched

NAME: Final = "OpenXR (VR headset)"
ROOT: Final = Path(__file__).resolve().parents[2]
TIMEOUT: Final = 60.0
"""Seconds that the runtime may take to answer."""
_QUESTION: Final = """
import os, sys
from devices.openxr.session import asked
print("ANSWER", *asked(), sep="|")
sys.stdout.flush()
os._exit(0)
"""


def check(places: tuple[Path, ...] = PLACES) -> Check:
    """The runtime of VR headsets, asked in a separate process: a runtime that crashes ends only that process."""
    try:
        found = runtime_file(places)
    except BadRuntimeFile as error:
        return Check(NAME, "broken", str(error), "see docs/vr.md")
    if found is None:
        words = "no runtime; only VR needs one. Start SteamVR, Meta Quest Link, WiVRn or Monado once"
        return Check(NAME, "optional", words, "see docs/vr.md")
    if importlib.util.find_spec("xr") is None:
        return Check(NAME, "broken", "pyopenxr is not installed", "make env")
    if would_be_launched(found):
        return Check(NAME, "optional", f"{found.name} is set up, and not running ({found.path})", "start SteamVR")
    answer = subprocess.run(
        [sys.executable, "-c", _QUESTION], cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT, check=False
    )
    said = re.search(r"^ANSWER\|(.*)\|(.*)\|(.*)$", answer.stdout, re.MULTILINE)
    if said is None:
        last = (answer.stderr.strip().splitlines() or ["no output"])[-1]
        return Check(NAME, "broken", f"{found.name} cannot be loaded ({found.path}): {last}", "see docs/vr.md")
    runtime, headset, trouble = said.groups()
    if not headset:
        return Check(NAME, "optional", f"{runtime or found.name}: {trouble} ({found.path})", "see docs/vr.md")
    return Check(NAME, "ok", f"{runtime} with {headset}")
