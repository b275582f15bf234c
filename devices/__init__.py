"""Hands. The table imports nothing; a device is imported when it is asked for."""

from core.registry import Registry

DEVICES = Registry("device", {"keyboard": "devices.keyboard:Keyboard", "scripted": "devices.scripted:Scripted"})
DRIVERS = Registry("driver", {})
"""Kinds of hardware that is looked for: load(name)() is a devices.found.Driver."""
