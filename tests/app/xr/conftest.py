"""A state of the headset's panels, made from a synthetic session."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt6.QtWidgets import QApplication

from app.timeline.model import TimelineModel
from app.widgets import theme
from app.xr.state import PanelState
from app.xr.timeline_view import view_of
from models.tasks.push_t.geometry import CAMERAS, HOME, LIMITS
from tests.app.made_up_session import MadeUp, three_failures


@pytest.fixture(autouse=True)
def _fonts(qapp: QApplication) -> None:
    """Words need an application, and look as they do in it."""
    if not qapp.styleSheet():
        theme.apply(qapp)


@pytest.fixture(scope="session")
def made() -> MadeUp:
    return three_failures(TimelineModel())


@pytest.fixture
def state(made: MadeUp) -> PanelState:
    """Correcting, both clutches held, both grippers on a grey picture, nothing pulls."""
    ee = HOME.copy()
    ee[:3], ee[7:10] = (0.45, 0.12, 0.05), (0.55, -0.10, 0.08)
    grey = {camera.name: np.full((128, 128, 3), 118, np.uint8) for camera in CAMERAS}
    status = made.status(made.model.head, "CORRECTING", driver="operator")  # type: ignore[arg-type]
    status = replace(status, observation=replace(status.observation, frames=grey, ee_state=ee), target=ee.astype(float))
    return PanelState(CAMERAS, grey, status, LIMITS, recording=True, timeline=view_of(made.model))
