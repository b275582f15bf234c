"""Puts together what the dialog of new scenes needs to know of a running session."""

from pathlib import Path

from PyQt6.QtWidgets import QWidget

from app.opening.config import Config
from app.opening.opener import Opened
from app.opening.scene_book import next_seed
from app.scenes.dialog import SceneDialog
from app.scenes.pages import Known
from core.branch_tree import BranchTree
from core.events import Status


def scene_dialog(opened: Opened, status: Status, tree: BranchTree, config: Config, parent: QWidget) -> SceneDialog:
    """The dialog for what is open now; it offers the task's next seed first."""
    known = Known(
        spec=opened.parts.world.spec,
        scene_of=opened.book.scene,
        seed=next_seed(tree),
        here=status.observation,
        head=status.head,
        archive=opened.archive,
        sessions=config.sessions or Path.cwd(),
    )
    return SceneDialog(known, parent)
