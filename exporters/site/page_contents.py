"""What a network's page offers: which pictures and which files, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Download", "Picture", "Written"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture on a page: its file, the same for a dark page, and what it shows."""

    file: str
    caption: str
    dark: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """One file to take away: what it is, and its size in bytes."""

    file: str
    label: str
    size: int


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the index, its own pictures, and every file by network."""

    index: Path
    pictures: tuple[Path, ...]
    files: dict[str, tuple[Path, ...]]

    def lines(self) -> list[str]:
        """Return one line per network that names its files, and one that names the index."""
        found = [
            f"{name}: {', '.join(path.name for path in paths)}"
            for name, paths in self.files.items()
        ]
        count = sum(map(len, self.files.values())) + len(self.pictures) + 1
        return [*found, f"wrote {count} files; open {self.index}"]
