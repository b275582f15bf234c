"""Labels and tool tips that show the text of others (names, notes, paths, messages) as text, never as markup.

A QLabel guesses: a branch named ``<img src=...>`` would become a picture, loaded from wherever it says. A test holds
that no other file makes a QLabel.
"""

import html
from collections.abc import Sequence

from PyQt6.QtCore import Qt
from PyQt6.QtGui import QResizeEvent
from PyQt6.QtWidgets import QLabel

Part = tuple[str, str]
"""Words and their colour; "" is the colour of the label, "strong" makes the words bold instead."""
STRONG = "strong"


class PlainLabel(QLabel):
    """A label whose text is shown letter by letter."""

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)


class ColouredLabel(QLabel):
    """A label of words in several colours; it escapes each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.RichText)
        self._words = ""

    @property
    def words(self) -> str:
        """What is read, without markup."""
        return self._words

    def show_words(self, words: str) -> None:
        """Show words in one colour; a line may break at every space."""
        self._words = words
        self.setText(html.escape(words))
        self._keep_height()

    def resizeEvent(self, event: QResizeEvent | None) -> None:  # noqa: N802
        """See QWidget.resizeEvent."""
        super().resizeEvent(event)
        self._keep_height()

    def _keep_height(self) -> None:
        """Ask for the height of all lines, which a splitter would not."""
        wanted = self.heightForWidth(self.width()) if self.wordWrap() else 0
        if wanted != self.minimumHeight():
            self.setMinimumHeight(max(0, wanted))

    def show_parts(self, groups: Sequence[Sequence[Part]]) -> None:
        """Show groups of parts; a line breaks between groups only, where the label wraps."""
        self._words = "   ".join(" ".join(words for words, _ in group) for group in groups)
        self.setText(" &nbsp; ".join("&nbsp;".join(_markup(*part) for part in group) for group in groups))
        self._keep_height()


def _markup(words: str, colour: str) -> str:
    text = html.escape(words).replace(" ", "&nbsp;")
    if colour == STRONG:  # <b> asks for a weight that the font does not have, and Qt smears one
        return f'<span style="font-weight:600">{text}</span>'
    return f'<span style="color:{colour}">{text}</span>' if colour else text


def plain_tip(text: str) -> str:
    """A tool tip that shows a text as it is: Qt takes a tool tip with a tag in it for markup."""
    if "<" not in text:
        return text
    return f"<qt>{html.escape(text).replace(chr(10), '<br>')}</qt>"


def plain_title(text: str) -> str:
    """The text of a button or a menu entry, in which a lone & would mark a key."""
    return text.replace("&", "&&")
