"""The scripted demo: the real application, driven by the same commands as keys."""
