"""The cells of the study: what a policy is post-trained on in each, as values."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from models.post_training.config import CORRECTION_SHARE, OWN_SHARE


@dataclass(frozen=True, slots=True)
class Cell:
    """One way of going on from the base. What no share is given to is demonstrations that the base knows."""

    words: str
    """For the report."""
    trained: bool = True
    """Whether there is a training at all."""
    share: float = 0.0
    """Part of every batch for corrections."""
    own_share: float = 0.0
    """Part of every batch for the policy's own successes in the world."""
    extra_share: float = 0.0
    """Part of every batch for demonstrations that the base has not seen."""

    @property
    def needs_sessions(self) -> bool:
        """Whether it trains on what was recorded in the world."""
        return self.share > 0 or self.own_share > 0


CELLS: Final = MappingProxyType(
    {
        "base": Cell("the base policy as it is", trained=False),
        "longer": Cell("the same steps on the base's demonstrations alone"),
        "closed_loop": Cell("own successes in the world, no operator", own_share=CORRECTION_SHARE + OWN_SHARE),
        "hi_wm": Cell("corrections and own successes in the world", share=CORRECTION_SHARE, own_share=OWN_SHARE),
        "control": Cell(
            "new demonstrations of the reference world and own successes",
            own_share=OWN_SHARE,
            extra_share=CORRECTION_SHARE,
        ),
        "hi_wm_10": Cell("corrections at 10 % of every batch", share=0.10, own_share=OWN_SHARE),
        "hi_wm_20": Cell("corrections at 20 % of every batch", share=0.20, own_share=OWN_SHARE),
        "hi_wm_50": Cell("corrections at 50 % of every batch", share=0.50, own_share=OWN_SHARE),
        "corrections_only": Cell("corrections without own successes", share=CORRECTION_SHARE),
    }
)
"""Name -> cell."""
MAIN: Final = ("base", "longer", "closed_loop", "hi_wm", "control")
"""The cells of the main table."""
