"""Branches beside each other, aligned where they part."""
