"""Sizes of panels and words in dmm: one dmm is one millimetre seen from one metre, 0.0573 degrees.

The unit is that of the Daydream team ("Designing Screen Interfaces for VR", Google I/O 2017). The smallest words here
have an em of 24 dmm: with Inter, whose capitals are 0.727 em tall, a capital spans 17.5 dmm = 1.0 degrees. Words that
are read often have 30 dmm (capital 1.25 degrees), titles 40. docs/panels.md compares that with other figures.
"""

from typing import Final

DENSITY: Final = 1.25
"""Pixels of an image per dmm: 21.8 per degree, about what headsets of 2022 to 2025 resolve in their middle."""

SMALL: Final = 24
"""Em of the smallest words, dmm."""
FAR: Final = 27
"""The same on status strip and timeline, whose middles hang 1.06 and 1.13 m away."""
BODY: Final = 30
TITLE: Final = 40

GAP: Final = 24
"""Between panels, dmm."""
CAMERA: Final = (560, 616)
"""Width and height, dmm. Multiples of 8 are whole and even numbers of pixels."""
STATUS: Final = (1144, 128)
TIMELINE: Final = (1144, 416)
HELP: Final = (560, 744)
RADIUS: Final = 14
"""Of the corners of panels, dmm."""
EDGE: Final = 24
"""Between the edge of a panel and its words, dmm."""
