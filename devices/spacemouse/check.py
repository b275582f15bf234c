"""The check of `main.py doctor` for SpaceMice."""

import re

from core.check import Check
from core.errors import MissingPackage
from devices.spacemouse import library
from devices.spacemouse.driver import SpaceMouseDriver
from devices.udev import INSTALL, forbidden

NAME = "hidapi (SpaceMouse)"


def check() -> Check:
    """The library of SpaceMice, and whether the pucks that are plugged in may be opened."""
    driver = SpaceMouseDriver()
    try:
        driver.find()
        listed = [one for one in library.listed() if one.spec is not None]
    except MissingPackage as error:
        cure = re.search(r"`([^`]+)`", str(error))
        return Check(NAME, "broken", str(error).partition(". ")[0], cure.group(1) if cure else "make env")
    if closed := sorted({one.path for one in listed if forbidden(one.path)}):
        return Check(NAME, "broken", f"no permission to open {', '.join(closed)}", INSTALL)
    if driver.unusable:
        words, _, fix = " ".join(driver.unusable).partition(". ")
        return Check(NAME, "optional", words, fix)
    count = len({one.path for one in listed})
    return Check(NAME, "ok", f"{count} interface{'s' * (count != 1)} plugged in" if count else "no puck plugged in")
