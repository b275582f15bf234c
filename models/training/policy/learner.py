"""One training step of a policy, and everything that a checkpoint of the training must hold."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.action import ACTION_DIM
from core.errors import BadCheckpoint
from models.policies.chunks.encoder import POSE_DIM, KeypointEncoder, pictures
from models.policies.chunks.scaling import STRIDE, Floats, Scaling
from models.training.policy.backbone import Backbone
from models.training.policy.mixture import Source, draw
from models.training.policy.preference import Pairs, known, preference_loss
from models.training.policy.step_config import Phase, StepConfig
from models.training.policy.training_file import TrainingFile, read_training, write_training
from models.training.policy.windows import Windows

WEIGHT_DECAY = 1e-4
EMA_DECAY = 0.999
CLIP_NORM = 1.0
Drawn = Sequence[tuple[Source, NDArray[np.int64]]]
"""Sources and the rows that were drawn from each."""


class Learner:
    """Network, averaged network and optimiser. Randomness is a function of seed and step."""

    def __init__(
        self, backbone: Backbone, scaling: Scaling, step: StepConfig, seed: int, bf16: bool, device: str = "cpu"
    ) -> None:
        torch.manual_seed(seed)
        self.backbone, self.config = backbone, backbone.config
        self.scaling, self.settings, self.seed, self.bf16 = scaling, step, seed, bf16
        self.device = torch.device(device)
        network = backbone.network().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: KeypointEncoder = network.to(self.device)
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.network.parameters(), weight_decay=WEIGHT_DECAY)
        pixels = step.batch * len(self.config.cameras) * 3 * self.config.image_size**2
        self._grain = torch.randn(pixels + 1_000_003, generator=torch.Generator().manual_seed(seed))
        self._zero = torch.zeros((), device=self.device)
        self._seen: dict[str, Floats] = {}
        self._reference: KeypointEncoder | None = None
        self.steps = 0

    def begin_from(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Take trained weights as the weights and as their average; the optimiser stays fresh.

        Raises:
            BadCheckpoint: they are of another network.
        """
        try:
            self.network.load_state_dict({name: torch.from_numpy(np.array(v)) for name, v in weights.items()})
        except RuntimeError as error:
            raise BadCheckpoint(f"The weights to begin from do not fit their configuration: {error}") from error
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self._reference = self.averaged() if self.settings.preference > 0 else None

    def _there(self, values: NDArray[Any] | Tensor) -> Tensor:
        """On the device of the network. Noise is drawn on the CPU, so that a seed means the same on both."""
        return (values if isinstance(values, Tensor) else torch.from_numpy(values)).to(self.device)

    def step(self, sources: Sequence[Source], rate: float, phase: Phase) -> dict[str, float]:
        """One optimiser step at this learning rate.

        Args:
            sources: Where the rows of the batch are drawn from. In the phase "act" freeze() was called with them.
            rate: Learning rate.
            phase: What learns.

        Returns:
            "pose", "chunk" and "preference" where the phase has them, and of several sources also "chunk <source>".
        """
        random = np.random.default_rng((self.seed, self.steps))
        noise = torch.Generator().manual_seed(self.seed * 1_000_003 + self.steps)
        rows = draw(sources, self.settings.batch, random)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            losses = self._losses(sources, rows, noise, phase)
        self.optimiser.zero_grad(set_to_none=True)
        total = losses.get("pose", self._zero) * self.settings.pose_loss + losses.get("chunk", self._zero)
        if "preference" in losses:
            total = total + losses["preference"] * self.settings.preference
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP_NORM)
        self.optimiser.step()
        self.steps += 1
        self._follow()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _losses(
        self, sources: Sequence[Source], rows: Sequence[NDArray[np.int64]], noise: torch.Generator, phase: Phase
    ) -> dict[str, Tensor]:
        pairs = list(zip(sources, rows, strict=True))
        if phase == "act":
            seen = self._there(np.concatenate([self._seen[source.name][part] for source, part in pairs]))
            return self._acting(pairs, seen, noise)
        frames = np.concatenate([source.data.frames[part] for source, part in pairs])
        seen = self.network.see(self._there(self._jittered(frames, noise))).float()
        losses = {"pose": self._pose(pairs, seen)} if self.settings.pose_loss > 0 else {}
        return losses | (self._acting(pairs, seen, noise) if phase == "both" else {})

    def _pose(self, pairs: Drawn, seen: Tensor) -> Tensor:
        """Mean squared error of the pose head, where the truth is known."""
        truth = self._there(np.concatenate([source.data.poses[rows] for source, rows in pairs]))
        known = torch.isfinite(truth)
        misses = (seen[:, -POSE_DIM:] - truth.nan_to_num()) * known
        return misses.square().sum() / known.sum().clamp(min=1)

    def _acting(self, pairs: Drawn, seen: Tensor, noise: torch.Generator) -> dict[str, Tensor]:
        """The chunk loss and, of several sources, that of each."""
        horizon, many = self.config.horizon, self.settings.chunks_per_look
        now, before, chunks = (
            np.concatenate(parts)
            for parts in zip(
                *((s.data.states[r], s.data.before(r), s.data.chunks(r, horizon)) for s, r in pairs), strict=True
            )
        )
        target = self._there(self.scaling.normalised(chunks, now))
        states = self._there(self.scaling.states(self._shaken(now, noise), self._shaken(before, noise)))
        errors = self.backbone.errors(self.network, target, seen, states, many, noise)
        ends = np.cumsum([0, *(len(rows) for _, rows in pairs)]) * many
        parts = {}
        for (source, rows), (start, end) in zip(pairs, pairwise(ends), strict=True):
            inside = self._there(source.data.inside(rows, horizon)) if source.past_end == "mask" else None
            parts[source.name] = _mean(errors[start:end], inside, many)
        preferred = self._preferred(pairs, target, seen, states, now, noise) if self._reference is not None else {}
        if len(pairs) == 1:
            return {"chunk": next(iter(parts.values())), **preferred}
        total = torch.stack([parts[source.name] * source.share for source, _ in pairs]).sum()
        return {"chunk": total, **{f"chunk {name}": value for name, value in parts.items()}, **preferred}

    def _preferred(
        self, pairs: Drawn, target: Tensor, seen: Tensor, states: Tensor, now: Floats, noise: torch.Generator
    ) -> dict[str, Tensor]:
        """The preference loss of the rows of a batch that have a rejected chunk; 0 where none has."""
        horizon = self.config.horizon
        nothing = np.full((1, horizon, ACTION_DIM), np.nan, np.float32)
        rejected = np.concatenate(
            [nothing.repeat(len(rows), 0) if s.rejected is None else s.rejected[rows] for s, rows in pairs]
        )
        chosen = np.flatnonzero(known(rejected))
        if not len(chosen):
            return {"preference": self._zero}
        worse = self._there(self.scaling.normalised(rejected[chosen], now[chosen]))
        inside = self._there(np.concatenate([source.data.inside(rows, horizon) for source, rows in pairs])[chosen])
        at = self._there(chosen)
        two = Pairs(target[at], worse, inside, seen[at], states[at])
        many, beta = self.settings.chunks_per_look, self.settings.beta
        return {"preference": preference_loss(self.backbone, self.network, self._reference, two, many, noise, beta)}

    def _jittered(self, frames: NDArray[np.uint8], noise: torch.Generator) -> Tensor:
        """Pictures with another brightness and colour and some pixel noise; nothing moves in them."""
        x, size = pictures(torch.from_numpy(frames)), self.settings.picture_noise
        b, v = x.shape[:2]
        gain = 1.0 + 2.0 * size * torch.randn(b, v, 1, 1, 1, generator=noise)
        shift = size * torch.randn(b, v, 3, 1, 1, generator=noise)
        at = int(torch.randint(len(self._grain) - x.numel(), (1,), generator=noise))
        grain = self._grain[at : at + x.numel()].view(x.shape)
        return x * gain + shift + size * torch.rand(b, 1, 1, 1, 1, generator=noise) * grain

    def freeze(self, sources: Sequence[Source]) -> None:
        """Compute once what the averaged encoder sees in every frame, for steps that leave the encoder alone."""
        self._seen = {source.name: self.looking(source.data) for source in sources}

    @torch.inference_mode()
    def looking(self, data: Windows) -> Floats:
        """What the averaged encoder sees in every frame, (N, D)."""
        network = self.averaged()
        parts = [
            network.see(pictures(self._there(data.frames[at : at + 256]))).cpu().numpy()
            for at in range(0, len(data), 256)
        ]
        return np.concatenate(parts)

    def settle(self) -> None:
        """Take the averaged weights as the weights: done once, where a phase that froze the encoder begins."""
        self.network.load_state_dict(self.average)

    def _shaken(self, states: Floats, noise: torch.Generator) -> Floats:
        """Measured states (B, 14) with a little noise on every number."""
        size = self.settings.state_noise * STRIDE
        return np.asarray(states + size * torch.randn(states.shape, generator=noise).numpy(), np.float32)

    def _follow(self) -> None:
        """The averaged weights, faster at first."""
        decay = min(EMA_DECAY, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1.0 - decay)

    def weights(self) -> dict[str, NDArray[Any]]:
        """The averaged weights as arrays."""
        return {name: value.contiguous().cpu().numpy().copy() for name, value in self.average.items()}

    def averaged(self) -> KeypointEncoder:
        """A network with the averaged weights, in evaluation mode."""
        network = self.backbone.network().to(self.device)
        network.load_state_dict(self.average)
        return network.eval()

    def save(self, path: Path) -> None:
        """Write everything that going on needs."""
        header = {"steps": str(self.steps), "config": self.config.to_json(), "kind": self.backbone.kind}
        header["precision"] = "bf16" if self.bf16 else "float32"
        moments = self.optimiser.state_dict()["state"]
        write_training(path, TrainingFile(header, self.network.state_dict(), self.average, moments))

    def resume(self, path: Path) -> None:
        """Go on where save() was called.

        Raises:
            BadCheckpoint: torn, or of another configuration.
        """
        found = read_training(path)
        kind, same = found.header.get("kind", "diffusion"), found.header.get("config") == self.config.to_json()
        if kind != self.backbone.kind or not same:
            raise BadCheckpoint(f"The training checkpoint {path} is of another configuration; choose another --out.")
        self.network.load_state_dict(found.network)
        self.average = {name: self._there(value) for name, value in found.average.items()}
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": found.moments})
        self.steps = int(found.header["steps"])


def _mean(errors: Tensor, inside: Tensor | None, many: int) -> Tensor:
    """Mean of squared errors (B many, H, 14), where given only of the targets that are inside (B, H)."""
    if inside is None:
        return errors.mean()
    kept = inside.repeat_interleave(many, 0)[..., None]
    return (errors * kept).sum() / (kept.sum() * errors.shape[-1])
