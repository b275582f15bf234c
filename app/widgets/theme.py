"""The look of the application: palette, typography, spacing and the Qt style sheet.

Colours carry meaning once each: who drives (policy, operator, replay), which arm (left, right; the colours of the
end effectors in the scene), how it went (success, warning, failure). No meaning depends on colour alone.
"""

import re
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Final

from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PyQt6.QtWidgets import QApplication

# Surfaces, from the deepest to the nearest.
WELL: Final = "#0D0F13"
"""Behind pictures."""
BACKGROUND: Final = "#14171C"
PANEL: Final = "#1A1E25"
RAISED: Final = "#232933"
HOVER: Final = "#2A313C"
LINE: Final = "#2F3642"
LINE_STRONG: Final = "#465061"

# Words.
TEXT: Final = "#E8ECF2"
TEXT_DIM: Final = "#AFB9C7"
TEXT_FAINT: Final = "#929DAC"
ON_COLOUR: Final = "#101318"
"""Text on a filled colour."""

# Meanings.
ACCENT: Final = "#7DB1FF"
"""Selection, focus and the head."""
POLICY: Final = "#43B5C0"
OPERATOR: Final = "#FFC24B"
REPLAY: Final = "#94A2B8"
SUCCESS: Final = "#4CC98F"
WARNING: Final = "#F08F4A"
FAILURE: Final = "#F87781"
LEFT: Final = "#5C9DFF"
RIGHT: Final = "#CE7DF2"

LANES: Final = ("#8FA6C4", "#7FB58A", "#C9A26B", "#B48CC9", "#6FB3B8", "#C98A8A", "#A8B46A", "#8E93D6")
"""Stable, quiet colours of branches; a branch keeps its own."""

# Spacing scale, device-independent pixels.
XS, S, M, L, XL = 4, 8, 12, 16, 24
RADIUS: Final = 6

# Typography, pixels at text size 1.
SMALL, BODY, TITLE, HUGE = 11, 13, 16, 22
FAMILIES: Final = ("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans")

ARROW: Final = (Path(__file__).parents[2] / "assets" / "theme" / "arrow.svg").as_posix()
"""A style sheet takes pictures from files only."""
FONT_FOLDER: Final = Path(__file__).parents[2] / "assets" / "fonts"


@lru_cache(maxsize=64)
def font(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """A font of the application with figures of equal width, so that counting numbers do not jitter.

    Shared: copy it before changing it.
    """
    result = QFont()
    result.setFamilies(list(FAMILIES))
    result.setPixelSize(size)
    result.setWeight(weight)
    result.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


TEXT_SIZES: Final = (0.85, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
"""Factors on every text, icon and lane that the user may choose from."""


class _Scale:
    """The text size; one per process, as the style sheet is."""

    now = 1.0


def text_scale() -> float:
    """The factor on everything that is read, one of TEXT_SIZES."""
    return _Scale.now


def px(size: float) -> int:
    """Pixels at text size 1 -> pixels now."""
    return round(size * _Scale.now)


def rgba(colour: str, alpha: float = 1.0) -> tuple[float, float, float, float]:
    """A colour of this palette as red, green, blue, alpha in 0..1, straight alpha."""
    value = int(colour.removeprefix("#"), 16)
    return (value >> 16 & 255) / 255, (value >> 8 & 255) / 255, (value & 255) / 255, alpha


def faded(colour: str, alpha: float) -> QColor:
    """A colour of this palette with an opacity 0..1."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def apply(application: QApplication) -> None:
    """Give the application its fonts, palette and style sheet; call once, before the first window."""
    for path in sorted(FONT_FOLDER.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))
    application.setStyle("Fusion")
    application.setPalette(_palette())
    set_text_scale(application, _Scale.now)


def set_text_scale(application: QApplication, factor: float) -> None:
    """Draw every text larger or smaller, at once and in every window; widgets hear of it as a change of style."""
    _Scale.now = min(TEXT_SIZES, key=lambda size: abs(size - factor))
    application.setFont(font(px(BODY)))
    application.setStyleSheet(style_sheet())


def _palette() -> QPalette:
    roles = {
        QPalette.ColorRole.Window: BACKGROUND,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: WELL,
        QPalette.ColorRole.AlternateBase: PANEL,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.PlaceholderText: TEXT_FAINT,
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: FAILURE,
        QPalette.ColorRole.ToolTipBase: RAISED,
        QPalette.ColorRole.ToolTipText: TEXT,
        QPalette.ColorRole.Highlight: ACCENT,
        QPalette.ColorRole.HighlightedText: ON_COLOUR,
        QPalette.ColorRole.Link: ACCENT,
        QPalette.ColorRole.Light: LINE_STRONG,
        QPalette.ColorRole.Mid: LINE,
        QPalette.ColorRole.Dark: BACKGROUND,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(TEXT_FAINT))
    return palette


def style_sheet() -> str:
    """The Qt style sheet: object names are those that the widgets of this folder set."""
    sheet = Template(_SHEET).substitute(
        {name: value for name, value in globals().items() if name.isupper() and isinstance(value, str | int)}
    )
    return re.sub(r"\b(\d+)px", lambda found: f"{px(int(found[1])) or int(found[1])}px", sheet)


_SHEET: Final = """
QMainWindow, QDialog { background: $BACKGROUND; }
QDialog { border: 1px solid $LINE_STRONG; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QToolTip { background: $RAISED; color: $TEXT; border: 1px solid $LINE_STRONG; padding: 4px 8px; }

QMenuBar { background: $BACKGROUND; color: $TEXT_DIM; padding: 2px 6px; border-bottom: 1px solid $LINE; }
QMenuBar::item { background: transparent; padding: 5px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $HOVER; color: $TEXT; }
QMenu { background: $RAISED; border: 1px solid $LINE_STRONG; padding: 5px; }
QMenu::item { padding: 6px 28px 6px 26px; border-radius: 4px; }
QMenu::item:selected { background: $HOVER; }
QMenu::item:disabled { color: $TEXT_FAINT; }
QMenu::icon { padding-left: 8px; }
QLabel#menutitle { color: $TEXT_DIM; padding: 5px 12px 5px 12px; font-weight: 600; }
QMenu::separator { height: 1px; background: $LINE; margin: 5px 8px; }

QToolBar { background: $BACKGROUND; border: none; border-bottom: 1px solid $LINE; padding: 4px 8px; spacing: 4px; }
QToolBar::separator { width: 1px; background: $LINE; margin: 6px 8px; }
QToolButton { background: transparent; color: $TEXT; border: 1px solid transparent; border-radius: ${RADIUS}px;
  icon-size: 16px;
  padding: 5px 9px; }
QFrame#drivebar[tight="true"] QToolButton { padding: 5px 3px; }
QToolButton:hover { background: $HOVER; }
QToolButton:pressed { background: $LINE; }
QToolButton:checked { background: $HOVER; border-color: $LINE_STRONG; }
QToolButton:disabled { color: $TEXT_FAINT; }
QToolButton:focus { border-color: $ACCENT; }

QPushButton { background: $RAISED; color: $TEXT; border: 1px solid $LINE_STRONG; border-radius: ${RADIUS}px;
  padding: 6px 14px; min-height: 18px; }
QPushButton:hover { background: $HOVER; }
QPushButton:pressed { background: $LINE; }
QPushButton:default { background: $ACCENT; color: $ON_COLOUR; border-color: $ACCENT; }
QPushButton:disabled, QPushButton:default:disabled { background: $RAISED; color: $TEXT_FAINT; border-color: $LINE; }
QPushButton:focus { border-color: $ACCENT; }

QLineEdit, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit { background: $WELL; color: $TEXT;
  border: 1px solid $LINE_STRONG; border-radius: ${RADIUS}px; padding: 5px 8px; selection-background-color: $ACCENT;
  selection-color: $ON_COLOUR; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus { border-color: $ACCENT; }
QComboBox { background: $RAISED; color: $TEXT; border: 1px solid $LINE_STRONG; border-radius: ${RADIUS}px;
  padding: 4px 10px; min-height: 18px; }
QComboBox:hover { background: $HOVER; }
QComboBox:focus { border-color: $ACCENT; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$ARROW"); width: 12px; height: 12px; }
QComboBox QAbstractItemView { background: $RAISED; border: 1px solid $LINE_STRONG; selection-background-color: $HOVER;
  selection-color: $TEXT; outline: none; padding: 4px; }
QDoubleSpinBox#setting { min-width: 86px; max-width: 86px; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 12px; height: 12px; background: $WELL; border: 1px solid $LINE_STRONG;
  border-radius: 3px; }
QCheckBox::indicator:checked { background: $ACCENT; border-color: $ACCENT; }
QCheckBox::indicator:hover, QCheckBox::indicator:focus { border-color: $ACCENT; }
QComboBox:disabled, QLineEdit:disabled, QSpinBox:disabled { color: $TEXT_FAINT; border-color: $LINE; }
QCheckBox:focus { color: $ACCENT; }
QSlider:focus::handle:horizontal { background: $ACCENT; }
QProgressBar { background: $LINE; border: none; border-radius: 2px; }
QProgressBar::chunk { background: $ACCENT; border-radius: 2px; }
QSlider::groove:horizontal { height: 4px; background: $LINE; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $ACCENT; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; margin: -5px 0; border-radius: 7px; background: $TEXT; }

QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $LINE_STRONG; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: $TEXT_FAINT; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: $LINE; }
QSplitter::handle:hover { background: $ACCENT; }
QSplitter::handle:vertical { height: 1px; }
QSplitter::handle:horizontal { width: 1px; }
QStatusBar { background: $BACKGROUND; color: $TEXT_DIM; }
QStatusBar::item { border: none; }

QFrame#sidepanel, QScrollArea#sidepanel, QWidget#sidecontent { background: $PANEL; border: none; }
QFrame#sidepanel, QScrollArea#sidepanel { border-left: 1px solid $LINE; }
QFrame#sidecolumn { background: $PANEL; border-left: 1px solid $LINE; }
QFrame#sidecolumn QScrollArea#sidepanel { border-left: none; }
QToolButton#sidetab { padding: 5px 8px; color: $TEXT_DIM; border: none; border-bottom: 2px solid transparent;
  border-radius: 0; font-weight: 500; }
QToolButton#sidetab:hover { color: $TEXT; background: transparent; }
QToolButton#sidetab:checked { color: $TEXT; background: transparent; border-bottom-color: $ACCENT; }
QFrame#devicecard { background: $RAISED; border: 1px solid $LINE; border-left: 3px solid $LINE_STRONG;
  border-radius: ${RADIUS}px; }
QFrame#devicecard[state="on"] { border-left-color: $SUCCESS; }
QFrame#devicecard[state="off"] { border-left-color: $FAILURE; }
QLabel#devicename { font-weight: 500; }
QLabel#question { color: $OPERATOR; font-weight: 600; }
QToolButton#choice { background: $PANEL; border: 1px solid $LINE_STRONG; padding: 2px 7px; border-radius: 4px;
  font-size: ${SMALL}px; color: $TEXT_DIM; }
QToolButton#choice:hover { color: $TEXT; background: $HOVER; }
QToolButton#choice:checked { background: $HOVER; border-color: $ACCENT; color: $TEXT; }
QToolButton#choice[needed="true"] { background: $ACCENT; border-color: $ACCENT; color: $ON_COLOUR; }
QToolButton#choice:disabled { color: $TEXT_FAINT; border-color: $LINE; background: transparent; }
QWidget#bindings { background: $BACKGROUND; }
QLabel#section { color: $TEXT_FAINT; font-size: ${SMALL}px; font-weight: 600; }
QLabel#dim, QLabel#note { color: $TEXT_DIM; }
QLabel#note, QLabel#why { font-size: ${SMALL}px; }
QLabel#why { color: $WARNING; }
QLabel#phase { font-size: ${HUGE}px; font-weight: 600; }
QLabel#phase[phase="LOADING"] { color: $TEXT_DIM; }
QLabel#phase[phase="AUTONOMOUS"] { color: $POLICY; }
QLabel#phase[phase="CORRECTING"] { color: $OPERATOR; }
QLabel#driver { color: $TEXT_DIM; }

QFrame#hintline { background: $BACKGROUND; border-top: 1px solid $LINE; min-height: 32px; max-height: 32px; }
QLabel#keycap { background: $RAISED; color: $TEXT; border: 1px solid $LINE_STRONG; border-bottom-width: 2px;
  border-radius: 4px; padding: 0 6px; font-size: ${SMALL}px; font-weight: 500; min-height: 17px; max-height: 17px; }
QLabel#keyword { color: $TEXT_DIM; font-size: 12px; }
QLabel#keyowner { color: $TEXT_DIM; font-size: 12px; font-weight: 600; padding-right: 10px; }
QLabel#keyowner[arms="true"] { color: $OPERATOR; }

QFrame#stage { background: rgba(13, 15, 19, 216); }
QScrollArea#stagearea, QScrollArea#stagearea QWidget#stagemiddle { background: transparent; border: none; }
QFrame#veil { background: rgba(13, 15, 19, 120); }
QListWidget#palettelist, QListWidget#historylist { background: transparent; border: none; outline: none; }
QListWidget#palettelist::item { border-radius: 4px; }
QListWidget#palettelist::item:selected { background: $HOVER; }
QListWidget#historylist::item { padding: 5px 6px; border-radius: 4px; }
QListWidget#historylist::item:hover { background: $RAISED; }
QListWidget#historylist::item:selected { background: $HOVER; color: $TEXT; border-left: 2px solid $ACCENT; }
QLabel#palettegrey { color: $TEXT_FAINT; }
QFrame#stagecard { background: $PANEL; border: 1px solid $LINE_STRONG; border-radius: 10px; }
QLabel#stagetitle { font-size: ${TITLE}px; font-weight: 600; }
QFrame#stage[kind="failure"] QLabel#stagetitle { color: $FAILURE; }
QLabel#stagetext { color: $TEXT_DIM; }

QToolButton#tab { border: 1px solid $LINE; padding: 6px 14px; color: $TEXT_DIM; }
QToolButton#tab:checked { background: $HOVER; border-color: $ACCENT; color: $TEXT; }
QLabel#startwords { color: $TEXT_DIM; }
QLabel#startwords[failed="true"] { color: $WARNING; }

QFrame#toast { background: $RAISED; border: 1px solid $LINE_STRONG; border-left: 3px solid $ACCENT;
  border-radius: ${RADIUS}px; }
QFrame#toast[level="hint"] { border-left-color: $ACCENT; }
QFrame#toast[level="warning"] { border-left-color: $WARNING; }
QFrame#toast[level="error"] { border-left-color: $FAILURE; }
QLabel#toasttitle { font-weight: 500; }
QLabel#toastdetails { color: $TEXT_DIM; font-size: ${SMALL}px; }

QFrame#timelinehead { background: $PANEL; border-right: 1px solid $LINE; border-bottom: 1px solid $LINE; }
QLabel#episode { color: $TEXT; font-size: 12px; font-weight: 600; }
QToolButton#small { padding: 3px 3px; border-radius: 4px; color: $TEXT_DIM; font-size: ${SMALL}px; }
QFrame#hovercard { background: $RAISED; border: 1px solid $LINE_STRONG; }
QLabel#hovertitle { font-size: 12px; font-weight: 600; }

QFrame#pagehead { background: $BACKGROUND; border-bottom: 1px solid $LINE; }
QFrame#pagebar { min-height: 42px; max-height: 42px; }
QProgressBar#share { min-width: 90px; max-width: 160px; min-height: 5px; max-height: 5px; }
QLabel#pagetitle { font-size: ${TITLE}px; font-weight: 600; }
QLabel#strong { font-weight: 600; }
QLabel#banner { background: $RAISED; color: $WARNING; border-top: 1px solid $LINE; border-left: 3px solid $WARNING;
  padding: 7px 14px; }
QFrame#queuecolumn { background: $PANEL; border-right: 1px solid $LINE; }
QListView#queue, QTableView#sessions, QTreeWidget#keylist {
  background: $PANEL; border: 1px solid $PANEL; outline: none; }
QTableView#sessions QHeaderView::section, QTreeWidget#keylist QHeaderView::section {
  background: $BACKGROUND; color: $TEXT_FAINT; border: none;
  border-bottom: 1px solid $LINE; padding: 6px 6px; font-size: ${SMALL}px; font-weight: 600; }
QFrame#branchhead, QFrame#transport { background: $BACKGROUND; }
QLabel#notetext { color: $OPERATOR; }
QLineEdit#stepfield { padding: 2px 6px; min-width: 52px; max-width: 52px; }
QFrame#verdictbar { background: $BACKGROUND; border-top: 1px solid $LINE; }
QToolButton#verdict { background: $RAISED; border: 1px solid $LINE_STRONG; padding: 5px 12px; }
QToolButton#verdict:hover { background: $HOVER; }
QToolButton#verdict[chosen="true"] { border-color: $ACCENT; }
QToolButton#verdict:disabled { color: $TEXT_FAINT; border-color: $LINE; }
QToolButton:focus, QToolButton#choice:focus, QToolButton#tab:focus, QToolButton#verdict:focus, QToolButton#small:focus,
QPushButton:focus, QComboBox:focus { border: 1px solid $TEXT; background: $HOVER; color: $TEXT; }
QPushButton:default:focus { background: $ACCENT; color: $ON_COLOUR; border: 1px solid $TEXT; }
QListView#queue:focus, QTableView#sessions:focus, QTreeWidget#keylist:focus,
QListWidget#historylist:focus { border: 1px solid $TEXT; }
"""
