"""Post-training as a page of a window: of the policy, the world and the sessions that are open."""

from dataclasses import replace
from pathlib import Path

from PyQt6.QtWidgets import QWidget

from app.commands.key_words import KeyOf
from app.pages.page import Acts, PageHost, QuietPage
from app.post_training.page import Arena, PostTrainingPage
from core.errors import StudioError
from core.events import Message
from models import WORLDS, shipped_weights


class PostTraining(QuietPage):
    """See app.pages.page.Page."""

    def __init__(self, host: PageHost) -> None:
        self._host = host
        self.view = PostTrainingPage()
        self.view.drive_asked.connect(self._drive)
        self.view.ended.connect(lambda level, words: host.say(Message(level, words)))

    @property
    def widget(self) -> QWidget:
        """See Page.widget."""
        return self.view

    def show_keys(self, key: KeyOf) -> None:
        """See Page.show_keys."""
        self.view.show_keys(key)

    def acts(self) -> Acts:
        """See Page.acts."""
        return self.view.acts()

    def show(self) -> None:
        """See Page.show: what is open, and the corrections as they are now."""
        self.take_session()
        if self.view.job is None:
            self.view.read(self.view.folder or self._host.sessions() or Path.cwd())

    def take_session(self) -> None:
        """See Page.take_session."""
        opened, config = self._host.session.opened, self._host.config()
        if opened is None or config is None:
            self.view.arena = None
            return
        world, policy = opened.parts.world.spec, opened.parts.policy.spec.identity.name
        learned = world.identity.name in WORLDS and WORLDS.row(world.identity.name).weights
        self.view.arena = Arena(world.identity.name, world.task, config.world_weights if learned else None)
        self.view.form.offer_base(config.policy_weights or _shipped(policy, world.task))

    def stop(self) -> None:
        """See Page.stop."""
        self.view.stop()

    def _drive(self, weights: Path, seed: int | None) -> None:
        """Open a new session with a policy, in the world that is open."""
        config, arena, opens = self._host.config(), self.view.arena, self._host.open
        if config is None or arena is None or opens is None:
            self._host.say(Message("info", f"Drive with it: main.py run --policy-weights {weights}"))
            return
        opens(
            replace(
                config, session=None, world=arena.world, world_weights=arena.weights, task=arena.task, policy="auto",
                policy_weights=weights, seed=config.seed if seed is None else seed,
            )
        )  # fmt: skip


def _shipped(policy: str, task: str) -> Path | None:
    """The weights of the policy that is open; None where it has none."""
    try:
        return shipped_weights(policy, task)
    except StudioError:
        return None
