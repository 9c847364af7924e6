"""What a network's page offers, as plain data: which pictures, which files, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archgraph.errors import ArchGraphError, FileError, MissingDependencyError

__all__ = ["Contents", "Download", "Picture", "Written"]


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


@dataclass(slots=True)
class Contents:
    """What a page holds, and what it lacks: the reason in one sentence by what it is.

    ``unwritten`` is the first of the reasons that lies in the disk rather than in a network.
    """

    pictures: list[Picture] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    unwritten: FileError | None = None

    def download(self, what: str, make: Callable[[], Path]) -> None:
        """Add a file that is made, if it can be."""
        with self.trying(what):
            path = make()
            self.downloads.append(Download(path.name, what, path.stat().st_size))

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Note why something lacks where what makes it refuses to.

        A package that is not installed is no matter of one page: MissingDependencyError passes.
        """
        try:
            yield
        except MissingDependencyError:
            raise
        except ArchGraphError as error:
            self.lacking[what] = str(error)
            if isinstance(error, FileError):
                self.unwritten = self.unwritten or error

    def files(self) -> list[str]:
        """Return the names of all files."""
        shown = [file for each in self.pictures for file in (each.file, each.dark) if file]
        return list(dict.fromkeys([*shown, *(each.file for each in self.downloads)]))


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the index, its own pictures, every file and what lacks, by folder."""

    index: Path
    pictures: tuple[Path, ...]
    files: dict[str, tuple[Path, ...]]
    lacking: dict[str, dict[str, str]]

    def lines(self) -> list[str]:
        """Return per network a line that names its files and one for each that it lacks."""
        found: list[str] = []
        for name, paths in self.files.items():
            found.append(f"{name}: {', '.join(path.name for path in paths)}")
            found += [f"{name} lacks {what}: {why}" for what, why in self.lacking[name].items()]
        count = sum(map(len, self.files.values())) + len(self.pictures) + 1
        return [*found, f"wrote {count} files; open {self.index}"]
