import os
import subprocess
import sys

TWICE = """
from PyQt6.QtCore import QRectF
from PyQt6.QtGui import QImage, QPainter
from app.widgets.line_paint import paint_words
from app.qt import make_qt

for _ in range(2):
    qt = make_qt()
    image = QImage(200, 40, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for number in range(50):
        paint_words(painter, QRectF(0, 0, 200, 40), f"step {number}", "#ffffff", 13, 500)
    painter.end()
    del qt
print("painted twice", flush=True)
"""


def test_words_are_painted_after_another_application_has_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", TWICE], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "painted twice" in done.stdout, f"{done.returncode} {done.stderr}"
