from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PyQt6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.application import Application
from app.opening.scene_book import FIRST_SEED
from app.scenes.dialog import SceneDialog
from app.scenes.pages import SeedPage
from core.branch_tree import Branch
from core.errors import BadConfig
from core.task import Scene


@pytest.fixture
def dialog(studio: Application, qtbot: QtBot) -> SceneDialog:
    for wanted in (1, 2, 3):
        qtbot.keyClick(studio.window, Qt.Key.Key_Period)
        qtbot.waitUntil(lambda wanted=wanted: studio.session.head is not None and studio.session.head.index == wanted)
    dialog = studio.studio.scenes.ask()
    assert dialog is not None
    return dialog


def trunk(studio: Application) -> Branch:
    assert studio.session.head is not None
    return studio.session.tree.branches[studio.session.head.branch]


def wait_for_new_episode(studio: Application, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: studio.session.head is not None and trunk(studio).episode == 1, timeout=5000)


def save_frames(studio: Application, folder: Path, size: int | None = None) -> dict[str, Path]:
    assert studio.session.status is not None
    paths = {}
    for camera, frame in studio.session.status.observation.frames.items():
        paths[camera] = folder / f"{camera}.png"
        image = Image.fromarray(frame)
        (image if size is None else image.resize((size, size))).save(paths[camera])
    return paths


def test_the_menu_opens_the_dialog_and_the_policy_waits(studio: Application, qtbot: QtBot) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "AUTONOMOUS")
    qtbot.keyClick(studio.window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: bool(studio.window.findChildren(SceneDialog)))
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.phase == "PAUSED")
    studio.window.findChildren(SceneDialog)[0].reject()


def test_a_seed_without_a_picture_does_not_start_a_world_of_pictures(qtbot: QtBot, dialog: SceneDialog) -> None:
    """Start was offered, and then refused."""
    known = dialog.seed._known
    page = SeedPage(replace(known, spec=replace(known.spec, kind="transport"), scene_of=lambda n: Scene("toy", n)))
    qtbot.addWidget(page)
    with pytest.raises(BadConfig, match="No picture comes with seed"):
        page.start()


def test_a_seed_starts_its_scene(studio: Application, qtbot: QtBot, dialog: SceneDialog) -> None:
    assert dialog.seed.number.text() == "1"
    dialog.seed.number.setText("41")
    assert dialog.possible
    dialog.accept()
    wait_for_new_episode(studio, qtbot)
    assert trunk(studio).scene_seed == 41


@pytest.mark.parametrize("text", ["", "-1", "four", str(FIRST_SEED)])
def test_what_is_no_seed_is_refused_in_words(dialog: SceneDialog, text: str) -> None:
    dialog.seed.number.setText(text)
    assert not dialog.possible
    assert "whole number" in dialog.words
    dialog.reject()


def test_a_recorded_step_of_this_session_starts_a_scene_that_looks_like_it(
    studio: Application, qtbot: QtBot, dialog: SceneDialog
) -> None:
    dialog.show_page(1)
    assert dialog.step.step.value() == 3
    dialog.step.slider.setValue(2)
    assert dialog.possible
    assert "Step 2" in dialog.words
    dialog.accept()
    wait_for_new_episode(studio, qtbot)
    assert trunk(studio).scene_seed >= FIRST_SEED


def test_a_step_of_another_session_starts_a_scene(
    make_studio: Callable[..., Application], qtbot: QtBot, tmp_path: Path, dialog: SceneDialog, studio: Application
) -> None:
    assert studio.session.opened is not None
    folder = studio.session.opened.folder
    assert folder is not None
    dialog.reject()
    qtbot.waitUntil(lambda: studio.session.status is not None and studio.session.status.recorded == 3)
    other = make_studio()
    other.start()
    qtbot.waitUntil(lambda: other.session.status is not None, timeout=10_000)
    asked = other.studio.scenes.ask()
    assert asked is not None
    asked.show_page(1)
    asked.step.open(tmp_path / "nothing")
    assert not asked.possible
    assert "no session" in asked.words
    asked.step.open(folder)
    assert asked.step.branch.currentText().startswith("A ")
    assert asked.step.step.value() == 3
    asked.accept()
    wait_for_new_episode(other, qtbot)


def test_without_a_recording_the_step_under_the_head_can_still_be_taken(
    make_studio: Callable[..., Application], qtbot: QtBot
) -> None:
    studio = make_studio(sessions=None)
    studio.start()
    qtbot.waitUntil(lambda: studio.session.status is not None, timeout=10_000)
    dialog = studio.studio.scenes.ask()
    assert dialog is not None
    dialog.show_page(1)
    assert dialog.possible
    dialog.accept()
    wait_for_new_episode(studio, qtbot)


def test_pictures_start_a_scene_that_can_be_started_again(
    studio: Application, qtbot: QtBot, dialog: SceneDialog, tmp_path: Path
) -> None:
    paths = save_frames(studio, tmp_path)
    dialog.show_page(2)
    assert "one picture per camera" in dialog.words
    for camera, path in paths.items():
        assert not dialog.possible
        dialog.pictures.choose(camera, path)
    dialog.pictures.hands.setCurrentIndex(1)
    assert dialog.possible
    dialog.accept()
    wait_for_new_episode(studio, qtbot)
    seed = trunk(studio).scene_seed
    assert seed >= FIRST_SEED
    qtbot.keyClick(studio.window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: trunk(studio).episode == 2)
    assert trunk(studio).scene_seed == seed


def test_a_picture_of_the_wrong_size_is_reported_and_the_session_continues(
    studio: Application, qtbot: QtBot, dialog: SceneDialog, tmp_path: Path
) -> None:
    paths = save_frames(studio, tmp_path, 50)
    dialog.show_page(2)
    dialog.pictures.choose("top", paths["top"])
    assert not dialog.possible
    assert "50 × 50" in dialog.words
    dialog.accept()
    assert dialog.isVisible()
    dialog.reject()
    qtbot.waitUntil(studio.window.isActiveWindow)
    qtbot.keyClick(studio.window, Qt.Key.Key_Period)
    qtbot.waitUntil(lambda: studio.session.head is not None and studio.session.head.index == 4)


def test_pictures_that_the_world_cannot_start_from_are_reported_and_the_session_continues(
    studio: Application, qtbot: QtBot, dialog: SceneDialog, tmp_path: Path
) -> None:
    assert studio.session.opened is not None
    dialog.show_page(2)
    for camera in studio.session.opened.parts.world.spec.cameras:
        path = tmp_path / f"{camera.name}.png"
        Image.fromarray(np.zeros((camera.height, camera.width, 3), np.uint8)).save(path)
        dialog.pictures.choose(camera.name, path)
    dialog.accept()
    qtbot.waitUntil(lambda: bool(studio.window.toasts.cards), timeout=5000)
    assert "sees no block" in studio.window.toasts.cards[-1].message.text
    assert trunk(studio).episode == 0


def test_the_step_under_the_head_starts_a_scene_by_its_key(studio: Application, qtbot: QtBot) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wait_for_new_episode(studio, qtbot)
    assert trunk(studio).scene_seed >= FIRST_SEED


def test_a_session_without_steps_leaves_no_start_behind(studio: Application, qtbot: QtBot, tmp_path: Path) -> None:
    qtbot.keyClick(studio.window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    wait_for_new_episode(studio, qtbot)
    assert list(tmp_path.glob("sessions/*.scenes/*.npz"))
    studio.switcher.close()
    assert not list((tmp_path / "sessions").iterdir())
