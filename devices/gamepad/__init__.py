"""Gamepads through pygame: one SDL thread for all of them, a mapping table, a driver that finds them."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")  # it would greet on standard output, before any JSON
