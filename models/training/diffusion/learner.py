"""One training step of the diffusion policy, and everything that a checkpoint of the training must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import BadCheckpoint
from models.policies.diffusion.config import DiffusionConfig
from models.policies.diffusion.network import FEATURES, DiffusionNetwork, pictures
from models.policies.diffusion.scaling import STRIDE, Floats, Scaling
from models.training.diffusion.dataset import Windows
from models.training.diffusion.schedule import ddpm

WEIGHT_DECAY = 1e-4
EMA_DECAY = 0.999
CLIP_NORM = 1.0
Phase = Literal["look", "act", "both"]


@dataclass(frozen=True, slots=True)
class StepConfig:
    """What one step does."""

    batch: int = 64
    """Frames that are looked at."""
    chunks_per_look: int = 4
    """Noise levels that are denoised per look: looking is what costs time."""
    pose_loss: float = 0.5
    """Weight of the pose head where the recording holds the truth."""
    state_noise: float = 0.05
    """Noise on the measured states in units of scaling.STRIDE (1 is 2 cm): against copying the last motion."""
    picture_noise: float = 0.02
    """Standard deviation of brightness and colour changes, and of pixel noise; 1 is the full range."""


class Learner:
    """Network, averaged network and optimiser. Randomness is a function of seed and step."""

    def __init__(
        self, config: DiffusionConfig, scaling: Scaling, step: StepConfig, seed: int, bf16: bool, device: str = "cpu"
    ) -> None:
        torch.manual_seed(seed)
        self.config, self.scaling, self.settings, self.seed, self.bf16 = config, scaling, step, seed, bf16
        self.device = torch.device(device)
        network = DiffusionNetwork(config).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network: DiffusionNetwork = network.to(self.device)
        self.average = {name: value.detach().clone() for name, value in self.network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(self.network.parameters(), weight_decay=WEIGHT_DECAY)
        self.scheduler = ddpm(config)
        pixels = step.batch * len(config.cameras) * 3 * config.image_size**2
        self._grain = torch.randn(pixels + 1_000_003, generator=torch.Generator().manual_seed(seed))
        self._zero = torch.zeros((), device=self.device)
        self.steps = 0

    def _there(self, values: NDArray[Any] | Tensor) -> Tensor:
        """On the device of the network. Noise is drawn on the CPU, so that a seed means the same on both."""
        return (values if isinstance(values, Tensor) else torch.from_numpy(values)).to(self.device)

    def step(self, data: Windows, rate: float, phase: Phase, seen: Floats | None = None) -> dict[str, float]:
        """One optimiser step at this learning rate.

        Args:
            data: frames and actions.
            rate: learning rate.
            phase: what learns: "look" the encoder and its pose head, "act" everything behind the encoder, "both" all.
            seen: (N, 132) what looking() gave for the frames of `data`; phase "act" needs it.
        """
        random = np.random.default_rng((self.seed, self.steps))
        noise = torch.Generator().manual_seed(self.seed * 1_000_003 + self.steps)
        rows = random.integers(len(data), size=self.settings.batch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.bf16):
            losses = self._losses(data, rows, noise, phase, seen)
        self.optimiser.zero_grad(set_to_none=True)
        total = losses.get("pose", self._zero) * self.settings.pose_loss + losses.get("chunk", self._zero)
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), CLIP_NORM)
        self.optimiser.step()
        self.steps += 1
        self._follow()
        return {name: float(value.detach()) for name, value in losses.items()}

    def _losses(
        self, data: Windows, rows: NDArray[np.int64], noise: torch.Generator, phase: Phase, seen: Floats | None
    ) -> dict[str, Tensor]:
        if phase == "act":
            assert seen is not None
            chosen = self._there(seen[rows])
            features, guess = chosen[:, :FEATURES], chosen[:, FEATURES:]
            return {"chunk": self._acting(data, rows, features, guess, noise)}
        features, guess = (
            part.float() for part in self.network.see(self._there(self._jittered(data.frames[rows], noise)))
        )
        truth = self._there(data.poses[rows])
        known = torch.isfinite(truth)
        losses = {"pose": ((guess - truth.nan_to_num()) * known).square().sum() / known.sum().clamp(min=1)}
        if phase == "both":
            losses["chunk"] = self._acting(data, rows, features, guess, noise)
        return losses

    def _acting(
        self, data: Windows, rows: NDArray[np.int64], features: Tensor, guess: Tensor, noise: torch.Generator
    ) -> Tensor:
        now, before = data.states[rows], data.before(rows)
        target = self._there(self.scaling.normalised(data.chunks(rows, self.config.horizon), now))
        states = self._there(self.scaling.states(self._shaken(now, noise), self._shaken(before, noise)))
        return self._denoising(target, self.network.condition(features, guess, states), noise)

    def _denoising(self, target: Tensor, condition: Tensor, noise: torch.Generator) -> Tensor:
        """Mean squared error of what the denoiser predicts, several noise levels per look."""
        many = self.settings.chunks_per_look
        target, condition = target.repeat_interleave(many, 0), condition.repeat_interleave(many, 0)
        error = self._there(torch.randn(target.shape, generator=noise))
        level = self._there(torch.randint(self.config.noise_levels, (len(target),), generator=noise))
        noisy: Tensor = self.scheduler.add_noise(target, error, level)
        wanted: dict[str, Tensor] = {"sample": target, "epsilon": error}
        if self.config.prediction == "v_prediction":
            wanted["v_prediction"] = self.scheduler.get_velocity(target, error, level)
        predicted: Tensor = self.network.denoiser(noisy, level, condition)
        return (predicted.float() - wanted[self.config.prediction]).square().mean()

    def _jittered(self, frames: NDArray[np.uint8], noise: torch.Generator) -> Tensor:
        """Pictures with another brightness and colour and some pixel noise; nothing moves in them."""
        x, size = pictures(torch.from_numpy(frames)), self.settings.picture_noise
        b, v = x.shape[:2]
        gain = 1.0 + 2.0 * size * torch.randn(b, v, 1, 1, 1, generator=noise)
        shift = size * torch.randn(b, v, 3, 1, 1, generator=noise)
        at = int(torch.randint(len(self._grain) - x.numel(), (1,), generator=noise))
        grain = self._grain[at : at + x.numel()].view(x.shape)
        return x * gain + shift + size * torch.rand(b, 1, 1, 1, 1, generator=noise) * grain

    @torch.inference_mode()
    def looking(self, data: Windows) -> Floats:
        """What the averaged encoder sees in every frame: features and pose guess, (N, 132)."""
        network = self.averaged()
        parts = []
        for at in range(0, len(data), 256):
            seen = network.see(pictures(self._there(data.frames[at : at + 256])))
            parts.append(torch.cat(seen, 1).cpu().numpy())
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

    def averaged(self) -> DiffusionNetwork:
        """A network with the averaged weights, in evaluation mode."""
        network = DiffusionNetwork(self.config).to(self.device)
        network.load_state_dict(self.average)
        return network.eval()

    def save(self, path: Path) -> None:
        """Everything that going on needs, as safetensors, by rename."""
        from safetensors.torch import save_file

        tensors = {f"average.{k}": v.contiguous() for k, v in self.average.items()}
        tensors |= {f"network.{k}": v.contiguous() for k, v in self.network.state_dict().items()}
        for index, state in self.optimiser.state_dict()["state"].items():
            tensors |= {f"optimiser.{index}.{k}": torch.as_tensor(v).contiguous() for k, v in state.items()}
        partial = path.with_name(path.name + ".partial")
        save_file(tensors, partial, {"steps": str(self.steps), "config": self.config.to_json()})
        partial.replace(path)

    def resume(self, path: Path) -> None:
        """Go on where save() was called.

        Raises:
            BadCheckpoint: torn, or of another configuration.
        """
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, "pt") as file:
                header: Mapping[str, str] = file.metadata()
                tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not iterable)
        except (SafetensorError, OSError) as error:
            raise BadCheckpoint(f"The training checkpoint {path} is torn: {error}. Delete it to begin anew.") from error
        if header.get("config") != self.config.to_json():
            raise BadCheckpoint(f"The training checkpoint {path} is of another configuration; choose another --out.")
        self.network.load_state_dict(_under(tensors, "network."))
        self.average = {name: self._there(value) for name, value in _under(tensors, "average.").items()}
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in _under(tensors, "optimiser.").items():
            index, _, key = name.partition(".")
            moments.setdefault(int(index), {})[key] = value
        self.optimiser.load_state_dict({**self.optimiser.state_dict(), "state": moments})
        self.steps = int(header["steps"])


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
