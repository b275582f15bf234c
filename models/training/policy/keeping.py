"""What a training does every few hundred steps: validate, export, save what a resume needs, draw the curves."""

from collections.abc import Mapping
from typing import Any

from models.training.policy import curves
from models.training.policy.exports import ExportRule, export
from models.training.policy.learner import Learner
from models.training.policy.log import Log
from models.training.policy.validation import validate
from models.training.policy.windows import Windows


def keep(learner: Learner, validation: Windows, log: Log, rule: ExportRule, card: Mapping[str, Any]) -> None:
    """Carry it out; the checkpoint of the training is written last, so that a kill on the way repeats all of it."""
    figures = validate(learner.backbone, learner.averaged(), learner.scaling, validation)
    log.figures(learner.steps, figures)
    history = curves.read(log.path, learner.steps)
    export(learner, rule, history, {**card, "validation": figures})
    learner.save(rule.out / "training.safetensors")
    curves.draw(history, rule.out / "curves.png")
