"""What a check of a session found out."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Level = Literal["damage", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a session that its user should know."""

    level: Level
    path: str
    """Inside the session; "" for the session itself."""
    words: str


@dataclass(slots=True, eq=False)
class Verdict:
    """What verify found out; filled while it works."""

    folder: Path
    nodes: int = 0
    """That are in the arrays or in the journal."""
    steps: int = 0
    rows: int = 0
    """Rows of arrays that were read."""
    unchecked: int = 0
    """Of these, rows without a checksum of their own."""
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether everything that was recorded is there as it was recorded."""
        return not any(finding.level == "damage" for finding in self.findings)

    def damage(self, path: str, words: str) -> None:
        """Report data that is not as it was recorded, once per file however many of its rows are affected."""
        finding = Finding("damage", path, words)
        if self.findings[-1:] != [finding]:
            self.findings.append(finding)

    def note(self, path: str, words: str) -> None:
        """Something is worth knowing and costs nothing."""
        self.findings.append(Finding("note", path, words))

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        findings = [{"level": f.level, "path": f.path, "words": f.words} for f in self.findings]
        numbers = {name: getattr(self, name) for name in ("nodes", "steps", "rows", "unchecked")}
        return {"folder": str(self.folder), "ok": self.ok, **numbers, "findings": findings}
