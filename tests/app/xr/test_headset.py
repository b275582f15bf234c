"""The headset on the UI thread, without any runtime."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.application import Application
from app.opening.config import Config
from app.studio.table import COMMANDS
from app.window.settings import WindowSettings
from app.xr.headset import Headset, held
from app.xr.help_panel import content
from devices.openxr import thread as module
from devices.openxr.profiles import PREFIX, PROFILES, InUse
from devices.openxr.thread import XrState
from devices.verb_bindings import bindings_with


def using(path: str) -> XrState:
    return XrState(used=InUse(PREFIX + path, PREFIX + path), why="")


def test_the_help_card_has_the_buttons_of_the_controllers_that_are_held() -> None:
    touch = held(using("oculus/touch_controller"), bindings_with(), COMMANDS)
    assert touch.buttons["take_over"] == ("right/a",)
    assert touch.buttons["to_failure"] == ("left/x",)
    assert touch.buttons["clutch"] == ("left/squeeze", "right/squeeze")
    assert touch.buttons["scrub"] == ("left/thumbstick_x", "right/thumbstick_x")
    assert touch.buttons["scale"] == ("left/thumbstick", "right/thumbstick")
    wand = held(using("htc/vive_controller"), bindings_with(), COMMANDS)
    assert wand.buttons["take_over"] == ("right/menu",)
    assert "recentre" not in wand.buttons
    own = bindings_with({"discard": ("openxr/right_menu", "key/del"), "mark_success": ()})
    assert held(using("hp/mixed_reality_controller"), own, COMMANDS).buttons["discard"] == ("right/menu",)


@pytest.mark.parametrize("profile", PROFILES, ids=lambda one: one.path)
def test_every_controller_has_a_card(profile: object) -> None:
    card = content(held(using(profile.path), bindings_with(), COMMANDS), "PAUSED")  # type: ignore[attr-defined]
    assert all(rows for _, rows in card.hands)


def test_the_devices_page_shows_the_state_of_the_headset() -> None:
    headset = Headset(True, None)
    try:
        headset.xr.state = XrState(why="none", installed=False)
        assert headset.words == "", "most people have no headset"
        headset.xr.state = XrState(why="Monado runs, but no headset is connected.", installed=True)
        assert headset.words == "Monado runs, but no headset is connected."
        headset.xr.state = replace(headset.xr.state, found=True)
        assert headset.words == "", "the card of the controllers says it"
        headset.xr.state = XrState(runtime="Monado", system="Monado: Index", why="", installed=True, drawing=True)
        assert headset.words == "Monado: Index shows the session."
        headset.xr.state = replace(headset.xr.state, drawing=False)
        assert "only its controllers" in headset.words
    finally:
        headset.close()


@pytest.fixture
def no_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "runtime_file", lambda: None)


@pytest.mark.usefixtures("no_runtime")
def test_an_application_whose_runtime_is_missing_is_an_ordinary_one(qtbot: QtBot, qapp: object, tmp_path: Path) -> None:
    config = Config(world="toy", sessions=None, device="auto", hardware=True, headset="auto")
    studio = Application(config, WindowSettings(tmp_path / "window.ini"), {})
    try:
        studio.start()
        qtbot.waitUntil(lambda: studio.session.status is not None, timeout=30_000)
        qtbot.waitUntil(lambda: studio.headset.xr.told.is_set(), timeout=30_000)
        assert studio.session.status.device == "keyboard"
        studio.window.run_command("recentre")
        assert not studio.hands.plugged.all
        assert not studio.window.toasts.cards, "without a headset there is no message about one"
    finally:
        studio.dispose()


def test_a_torn_arrangement_is_reported_once(tmp_path: Path) -> None:
    (tmp_path / "operator.headset.toml").write_text("curved = 'sometimes'\n")
    headset = Headset(True, tmp_path / "operator.toml")
    try:
        assert "curved" in headset.take_trouble()[0]
        assert headset.take_trouble() == []
    finally:
        headset.close()


def test_no_headset_is_made_where_none_is_wanted(make_studio: Callable[..., Application]) -> None:
    assert make_studio().headset is None
    assert make_studio(headset="auto").headset is None, "without hardware, as in tests and benchmarks"
