"""The column beside the pictures: the session on one page, the devices on the other."""

from PyQt6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from app.widgets import theme
from app.window.side_panel import WIDTH


class SideColumn(QFrame):
    """Pages under a row of tabs; it shows the first page until another one is chosen."""

    def __init__(self, first: tuple[str, QWidget]) -> None:
        super().__init__()
        self.setObjectName("sidecolumn")
        self.refresh()
        self._pages, self._tabs = QStackedWidget(), QHBoxLayout()
        self._group = QButtonGroup(self)
        self._tabs.setContentsMargins(12, 8, 12, 4)
        self._tabs.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._tabs)
        column.addWidget(self._pages, 1)
        self.add(*first)
        self.show_page(0)

    @property
    def page(self) -> int:
        """Number of the page that is seen."""
        return self._pages.currentIndex()

    def add(self, title: str, page: QWidget) -> None:
        """One more page."""
        tab = QToolButton()
        tab.setObjectName("sidetab")
        tab.setText(title)
        tab.setCheckable(True)
        tab.setFocusPolicy(tab.focusPolicy().NoFocus)
        number = self._pages.addWidget(page)
        tab.clicked.connect(lambda: self.show_page(number))
        self._group.addButton(tab, number)
        self._tabs.addWidget(tab, 1)

    def show_page(self, number: int) -> None:
        """Turn to a page."""
        self._pages.setCurrentIndex(number)
        tab = self._group.button(number)
        if tab is not None:
            tab.setChecked(True)

    def refresh(self) -> None:
        """Another text size."""
        self.setFixedWidth(theme.px(WIDTH))

    def turn_to(self, title: str) -> None:
        """Turn to a page by its title, and from it back to the first one."""
        numbers = [n for n in range(self._pages.count()) if self._title(n) == title]
        if numbers:
            self.show_page(0 if self.page == numbers[0] else numbers[0])

    def _title(self, number: int) -> str:
        tab = self._group.button(number)
        return tab.text() if tab is not None else ""
