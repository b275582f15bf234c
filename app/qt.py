"""The one QApplication, made ready: look, fonts, garbage collection, and logging of uncaught exceptions."""

import logging
import sys
import threading
from types import TracebackType

from PyQt6.QtCore import Qt
from PyQt6.QtWidgets import QApplication

from app.widgets import theme
from app.widgets.cyclic_gc import UiCollection
from app.widgets.line_paint import forget

log = logging.getLogger(__name__)


def make_qt() -> QApplication:
    """Make the application object, before any window; another one only after the one before has ended."""
    install_hooks()
    QApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    forget()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("Hi-WM Studio")
    UiCollection(application)
    theme.apply(application)
    return application


def install_hooks() -> None:
    """Log uncaught exceptions with their traceback and keep the window open (PyQt would abort)."""

    def on_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
            return
        log.critical("uncaught exception", exc_info=(kind, error, trace))

    def on_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread is not None else "?"
            log.critical("uncaught exception in thread %s", name, exc_info=args.exc_value)

    sys.excepthook = on_main
    threading.excepthook = on_thread
