"""A post-training in words: its progress, its lineage card and the comparison with the policy before. No Qt."""

from collections.abc import Mapping
from typing import Any

from app.post_training.reading import Corrections
from app.widgets.numbers import grouped

OUTCOMES = {
    (True, True): "both",
    (True, False): "only old",
    (False, True): "only new",
    (False, False): "neither",
}
"""(old solved it, new solved it) -> how it is called."""


def counted(number: int, thing: str) -> str:
    """A number and what it counts: 1 step, 2 steps."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{grouped(number)} {thing if number == 1 else plural}"


def time_left(minutes: float) -> str:
    """For example: 7 min left, 2 h 5 min left."""
    if minutes < 1:
        return "less than a minute left"
    whole = round(minutes)
    return f"{whole} min left" if whole < 60 else f"{whole // 60} h {whole % 60} min left"


def chosen_words(sessions: list[Corrections]) -> str:
    """What the chosen sessions hold."""
    branches, steps = sum(one.accepted for one in sessions), sum(one.steps for one in sessions)
    return f"{counted(len(sessions), 'session')}: {branches} accepted, {grouped(steps)} operator steps"


def card_words(card: Mapping[str, Any]) -> str:
    """Where a policy comes from; "" for a card without lineage."""
    lineage = card.get("lineage")
    if not isinstance(lineage, Mapping):
        return ""
    base, sources = lineage["base"], lineage["sources"]
    lines = [f"From {base['weights']} (SHA-256 {base['sha256'][:8]}):"]
    for name, source in sources.items():
        origin = ""
        if "branches" in source:
            sessions = {branch["session"] for branch in source["branches"]}
            origin = f" of {counted(len(source['branches']), 'branch')} in {counted(len(sessions), 'session')}"
        lines.append(f"• {name}: {counted(int(source['rows']), 'step')}{origin}, {source['share']:.0%} of every batch")
    training = card.get("training", {})
    part = "whole attempts" if lineage["selection"]["part"] == "whole" else "the operator's part"
    lines.append(
        f"Weighting {lineage['weighting']['kind']}, {part}; {grouped(int(training.get('steps', 0)))} steps at "
        f"{float(training.get('rate', 0.0)):g}."
    )
    lines.append(f"Commit {str(card.get('commit', 'unknown'))[:8]}.")
    return "\n".join(lines)


def comparison_words(result: Mapping[str, Any]) -> str:
    """Who won, and how sure that is."""
    low, high = (100 * value for value in result["interval"])
    return (
        f"Of {result['attempts']} scenes both solved {result['both']}, only the old policy {result['only_old']}, only "
        f"the new one {result['only_new']}, neither {result['neither']}. Difference {100 * result['gain']:+.0f} points "
        f"(95 % interval {low:+.0f} to {high:+.0f}), McNemar p = {result['p']:.3f}."
    ).replace("-", "\N{MINUS SIGN}")
