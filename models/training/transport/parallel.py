"""One-thread processes that train together: gradients are averaged, the first one keeps time and checkpoints."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
import torch.distributed as dist
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from core.errors import BadStore

CHECKPOINT_SECONDS = 60.0
LOG_SECONDS = 5.0


class TrainingStage(Protocol):
    """Something that can be trained for a while."""

    name: str
    module: nn.Module
    """Only its parameters that require gradients are trained."""

    def loss(self, random: np.random.Generator, progress: float) -> tuple[Tensor, dict[str, float]]:
        """A loss to descend and figures to plot; progress runs from 0 to 1."""

    def validate(self) -> dict[str, float]:
        """Figures on the validation split."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How long and how."""

    seconds: float
    learning_rate: float
    weight_decay: float
    processes: int
    folder: str
    """Checkpoints and logs go here."""
    ema: float = 0.998
    seed: int = 0
    extra: dict[str, Any] = field(default_factory=dict)


def rate(progress: float) -> float:
    """Warm up, then a cosine down to a hundredth."""
    return float(min(1.0, progress / 0.05 + 0.02) * (0.01 + 0.99 * 0.5 * (1 + np.cos(np.pi * min(progress, 1.0)))))


class Trainer:
    """One process of a stage."""

    def __init__(self, stage: TrainingStage, budget: Budget, rank: int, say: Callable[[str], None]) -> None:
        self.stage, self.budget, self.rank, self.say = stage, budget, rank, say
        self.weights = {n: p for n, p in stage.module.named_parameters() if p.requires_grad}
        self.average = {n: p.detach().clone() for n, p in self.weights.items()}
        self.optimizer = torch.optim.AdamW(
            list(self.weights.values()), budget.learning_rate, betas=(0.9, 0.98), weight_decay=budget.weight_decay
        )
        self.file = Path(budget.folder) / f"{stage.name}.safetensors"
        self.elapsed, self.steps = self._resume()
        self.random = np.random.default_rng((budget.seed, rank, self.steps))

    def _resume(self) -> tuple[float, int]:
        """Take up what was saved, where something was.

        Raises:
            BadStore: the checkpoint is torn or of another network.
        """
        if not self.file.exists():
            return 0.0, 0
        try:
            with safe_open(self.file, "pt") as f:
                return self._take_up(f)
        except (SafetensorError, RuntimeError, KeyError, TypeError) as error:
            raise BadStore(
                f"{self.file} cannot be continued ({error}). Delete it to train this stage from its beginning."
            ) from error

    def _take_up(self, f: Any) -> tuple[float, int]:
        meta = f.metadata()
        for name, weight in self.weights.items():
            weight.data.copy_(f.get_tensor(f"weight/{name}"))
            self.average[name].copy_(f.get_tensor(f"average/{name}"))
            if f"m/{name}" in f.keys():  # noqa: SIM118 - not a dict
                self.optimizer.state[weight] = {
                    "step": torch.tensor(float(meta["steps"])),
                    "exp_avg": f.get_tensor(f"m/{name}"),
                    "exp_avg_sq": f.get_tensor(f"v/{name}"),
                }
        return float(meta["elapsed"]), int(meta["steps"])

    def save(self) -> None:
        """Write the checkpoint whole, then rename."""
        tensors = {f"weight/{n}": w.detach().contiguous() for n, w in self.weights.items()}
        tensors |= {f"average/{n}": w.contiguous() for n, w in self.average.items()}
        for name, weight in self.weights.items():
            state = self.optimizer.state.get(weight)
            if state:
                tensors |= {f"m/{name}": state["exp_avg"].contiguous(), f"v/{name}": state["exp_avg_sq"].contiguous()}
        partial = self.file.with_suffix(".partial")
        save_file(tensors, partial, {"elapsed": str(self.elapsed), "steps": str(self.steps)})
        partial.rename(self.file)

    def _agree(self, value: float) -> float:
        """Average the gradients over all processes; hand round the first one's clock."""
        grads = [p.grad if p.grad is not None else torch.zeros_like(p) for p in self.weights.values()]
        flat = torch.cat([*(g.flatten() for g in grads), torch.tensor([value if self.rank == 0 else 0.0])])
        if self.budget.processes > 1:
            dist.all_reduce(flat)
        agreed, flat = float(flat[-1]), flat[:-1] / self.budget.processes
        norm = float(flat.norm())
        flat = flat * min(1.0, 1.0 / (norm + 1e-6)) if np.isfinite(norm) else torch.zeros_like(flat)
        at = 0
        for p in self.weights.values():
            p.grad = flat[at : at + p.numel()].view_as(p).clone()
            at += p.numel()
        return agreed

    def run(self) -> None:
        """Until the time is up."""
        log = (Path(self.budget.folder) / f"{self.stage.name}.jsonl").open("a")
        began, saved, said = time.monotonic() - self.elapsed, time.monotonic(), 0.0
        progress = self.elapsed / self.budget.seconds if self.budget.seconds > 0 else 1.0
        figures: dict[str, list[float]] = {}
        while progress < 1:
            loss, found = self.stage.loss(self.random, progress)
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            now = time.monotonic()
            progress = self._agree((now - began) / self.budget.seconds)
            self.elapsed = progress * self.budget.seconds
            for group in self.optimizer.param_groups:
                group["lr"] = self.budget.learning_rate * rate(progress)
            self.optimizer.step()
            self.steps += 1
            keep = min(self.budget.ema, 1 - 1 / (self.steps / 10 + 1))
            for name, weight in self.weights.items():
                self.average[name].lerp_(weight.detach(), 1 - keep)
            for key, value in found.items():
                figures.setdefault(key, []).append(value)
            if self.rank == 0 and now - said > LOG_SECONDS:
                said = now
                means = {k: float(np.mean(v)) for k, v in figures.items()}
                figures = {}
                log.write(json.dumps({"elapsed": self.elapsed, "steps": self.steps, **means}) + "\n")
                log.flush()
                left = max(0.0, self.budget.seconds - self.elapsed)
                words = " ".join(f"{k} {v:.4g}" for k, v in means.items())
                self.say(
                    f"{self.stage.name}: {100 * progress:.0f} %, {left / 60:.1f} min left, step {self.steps}, {words}"
                )
            if self.rank == 0 and now - saved > CHECKPOINT_SECONDS:
                saved = now
                self.save()
        if self.rank == 0:
            self.save()
            self.adopt_average()
            log.write(json.dumps({"elapsed": self.elapsed, "validation": self.stage.validate()}) + "\n")
        log.close()

    def adopt_average(self) -> None:
        """Put the averaged weights into the module."""
        for name, weight in self.weights.items():
            weight.data.copy_(self.average[name])


def _process(rank: int, build: Callable[[Any], TrainingStage], recipe: Any, budget: Budget, port: int) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(budget.seed * 1000 + rank)
    if budget.processes > 1:
        address = f"tcp://127.0.0.1:{port}"
        dist.init_process_group(
            "gloo", init_method=address, rank=rank, world_size=budget.processes, timeout=timedelta(minutes=10)
        )
    Trainer(build(recipe), budget, rank, lambda words: print(words, flush=True)).run()
    if budget.processes > 1:
        dist.destroy_process_group()


def train(build: Callable[[Any], TrainingStage], recipe: Any, budget: Budget) -> None:
    """Train a stage to the end of its budget; a stopped one goes on where it was."""
    Path(budget.folder).mkdir(parents=True, exist_ok=True)
    port = 29500 + int(time.time()) % 2000
    if budget.processes == 1:
        _process(0, build, recipe, budget, port)
        return
    from torch.multiprocessing.spawn import spawn

    spawn(_process, (build, recipe, budget, port), nprocs=budget.processes, join=True)  # type: ignore[no-untyped-call]


def averaged(folder: Path, name: str) -> dict[str, Tensor]:
    """The averaged weights of a finished stage, by parameter name."""
    with safe_open(folder / f"{name}.safetensors", "pt") as f:
        return {k.removeprefix("average/"): f.get_tensor(k) for k in f.keys() if k.startswith("average/")}  # noqa: SIM118
