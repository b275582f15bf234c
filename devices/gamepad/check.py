"""The check of `main.py doctor` for gamepads."""

from core.check import Check
from core.errors import MissingPackage
from devices.gamepad.driver import GamepadDriver

NAME = "SDL (gamepads)"


def check() -> Check:
    """SDL, which reads gamepads, and the pads that it can read."""
    driver = GamepadDriver()
    try:
        pads, unusable = driver.find(), driver.unusable
    except MissingPackage as error:
        return Check(NAME, "broken", str(error).partition(". ")[0], "make env")
    finally:
        driver.close()
    if unusable:
        words, _, fix = " ".join(unusable).partition(". ")
        return Check(NAME, "optional", "; ".join([*(pad.words for pad in pads), words]), fix)
    return Check(NAME, "ok", ", ".join(pad.words for pad in pads) or "no pad plugged in")
