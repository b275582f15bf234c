"""Bimanual Push-T: geometry, starts, judge, scripted operator. Imports no simulator."""
