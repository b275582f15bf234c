"""Gamepads through pygame: one SDL thread for all of them, a mapping table, a driver that finds them."""
