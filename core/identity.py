"""Who computed a state: enough to say whether it can be replayed bit for bit."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """Name, weights and arithmetic of a world or a policy."""

    name: str
    """Registry name, for example "transport"."""
    sha256: str
    """Of the weights; of the source for parts without weights; "" where nothing identifies it."""
    backend: str
    """For example "onnxruntime 1.23.2 cpu", "torch 2.13.0 cuda", "mujoco 3.17.0"."""
    threads: int = 1

    def to_dict(self) -> dict[str, str | int]:
        """Plain values for a JSON attribute."""
        return {"name": self.name, "sha256": self.sha256, "backend": self.backend, "threads": self.threads}

    @staticmethod
    def from_dict(values: dict[str, object]) -> "Identity":
        """The inverse of to_dict; unknown keys are ignored."""
        return Identity(
            str(values["name"]), str(values["sha256"]), str(values["backend"]), int(str(values.get("threads", 1)))
        )
