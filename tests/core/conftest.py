"""Property tests here say what holds, never how fast: the machine may be busy."""

from hypothesis import settings

settings.register_profile("studio", deadline=None, max_examples=60)
settings.load_profile("studio")
