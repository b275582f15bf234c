"""The commands `main.py devices ...`: the hands without a window."""
