"""Recorded corrections held against the reference world."""
