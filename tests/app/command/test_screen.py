"""The virtual screen of the demo and of the tests."""

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")

KILLED = """
import os, signal
from app.command.screen import VirtualScreen

VirtualScreen(64, 64).__enter__()
print(os.environ["DISPLAY"], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv of util-linux")
def test_the_server_ends_with_a_program_that_is_killed() -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], stdout=subprocess.PIPE, text=True)
    assert done.returncode == -signal.SIGKILL
    lock = f"/tmp/.X{done.stdout.strip().removeprefix(':')}-lock"
    deadline = time.monotonic() + 10
    while os.path.exists(lock) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not os.path.exists(lock)
