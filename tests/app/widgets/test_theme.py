import re

import pytest
from PyQt6.QtGui import QColor, QFontInfo
from PyQt6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.studio.table import COMMANDS
from app.widgets import icons, theme
from core.errors import UnknownName


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in theme.rgba(colour)[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SURFACES = (theme.WELL, theme.BACKGROUND, theme.PANEL, theme.RAISED, theme.HOVER)
"""What words may lie on where a rule of the style sheet names no background."""
WORDS = (theme.TEXT, theme.TEXT_DIM, theme.TEXT_FAINT, theme.POLICY, theme.OPERATOR, theme.REPLAY, theme.SUCCESS,
         theme.WARNING, theme.FAILURE, theme.LEFT, theme.RIGHT)  # fmt: skip
"""Colours in which widgets paint words themselves."""
FILLS = (theme.ACCENT, theme.OPERATOR, theme.SUCCESS, theme.FAILURE, theme.TEXT, theme.LEFT, theme.RIGHT)
"""Of the signs over the pictures, whose words are ON_COLOUR."""


def sheet_pairs() -> set[tuple[str, str]]:
    """(words, ground) of every rule of the style sheet; words without a ground of their own lie on any surface."""
    pairs = set()
    for body in re.findall(r"{([^}]*)}", theme.style_sheet()):
        found = dict(re.findall(r"(?:^|;|\n)\s*([a-z-]+):\s*(?:1px solid )?(#[0-9A-Fa-f]{6})", body))
        if "selection-color" in found:
            pairs.add((found["selection-color"], found["selection-background-color"]))
        if "color" in found:
            grounds = (found["background"],) if "background" in found else SURFACES
            pairs |= {(found["color"], ground) for ground in grounds}
    return pairs


def test_every_pair_of_the_style_sheet_can_be_read() -> None:
    pairs = sheet_pairs()
    assert (theme.ON_COLOUR, theme.ACCENT) in pairs, "the rules are found"
    assert (theme.TEXT_FAINT, theme.BACKGROUND) in pairs
    assert {pair: contrast(*pair) for pair in pairs if contrast(*pair) < 4.5} == {}


@pytest.mark.parametrize("surface", SURFACES)
def test_painted_words_can_be_read_on_every_surface(surface: str) -> None:
    assert contrast(theme.TEXT, surface) >= 7
    assert {colour for colour in WORDS if contrast(colour, surface) < 4.5} == set()


@pytest.mark.parametrize("fill", FILLS)
def test_words_can_be_read_on_filled_signs(fill: str) -> None:
    assert contrast(theme.ON_COLOUR, fill) >= 4.5


def test_the_style_sheet_has_no_open_name_and_no_literal_colour() -> None:
    sheet = theme.style_sheet()
    assert "$" not in sheet
    palette = {v for k, v in vars(theme).items() if k.isupper() and isinstance(v, str)}
    assert set(re.findall(r"#[0-9A-Fa-f]{6}\b", sheet)) <= palette


def test_our_own_font_is_used(qtbot: QtBot) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    before = (application.styleSheet(), application.font(), application.palette(), application.style())
    theme.apply(application)
    assert QFontInfo(theme.font()).family() == "Inter"
    application.setStyleSheet(before[0])
    application.setFont(before[1])
    application.setPalette(before[2])


def test_every_command_finds_its_icon(qtbot: QtBot) -> None:
    for command in COMMANDS:
        assert icons.icon(command.icon).isNull() == (command.icon == "")


@pytest.mark.parametrize("name", icons.names())
def test_an_icon_is_sharp_and_in_the_requested_colour(qtbot: QtBot, name: str) -> None:
    picture = icons.pixmap(name, 24, theme.FAILURE, 2.0)
    assert (picture.width(), picture.height()) == (48, 48)
    image = picture.toImage()
    drawn = [image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() == 255]
    assert len(drawn) > 30
    if name != "studio":
        assert all(abs(c.red() - QColor(theme.FAILURE).red()) < 3 for c in drawn)


def test_an_unknown_icon_is_named(qtbot: QtBot) -> None:
    with pytest.raises(UnknownName, match="no_such_icon"):
        icons.icon("no_such_icon")
