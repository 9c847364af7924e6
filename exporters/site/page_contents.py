"""What a page offers, as plain data: which pictures, which files, and what it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from archgraph.errors import ArchGraphError, FileError, MissingDependencyError
from archgraph.units import bytes_text

__all__ = ["Contents", "Download", "Picture", "Written"]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture on a page: its file, the same for a dark page, and what it shows."""

    file: str
    caption: str
    dark: str = ""


@dataclass(frozen=True, slots=True)
class Download:
    """One file to take away: what it is, and its size in bytes.

    Of a ``figure`` there are files in several formats, the ``label``, each in several ``looks``.
    """

    file: str
    label: str
    size: int
    figure: str = ""
    look: str = ""


@dataclass(slots=True)
class Contents:
    """What a page holds, and what it lacks: the reason in one sentence by what it is.

    ``unwritten`` is the first of the reasons that lies in the disk rather than in a network.
    """

    pictures: list[Picture] = field(default_factory=list)
    downloads: list[Download] = field(default_factory=list)
    lacking: dict[str, str] = field(default_factory=dict)
    unwritten: FileError | None = None

    def download(
        self, what: str, make: Callable[[], Path], *, figure: str = "", look: str = ""
    ) -> None:
        """Add a file that is made, if it can be."""
        lacked = f"{figure} as {what}" + f" ({look})" * bool(look) if figure else what
        with self.trying(lacked):
            path = make()
            self.downloads.append(Download(path.name, what, path.stat().st_size, figure, look))

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
        """Return per folder a line that says how many files, and one for each that it lacks."""
        found: list[str] = []
        for name, paths in self.files.items():
            found.append(f"{name}: {len(paths)} files")
            found += [f"{name} lacks {what}: {why}" for what, why in self.lacking[name].items()]
        every = [self.index, *self.pictures]
        every += [path for paths in self.files.values() for path in paths]
        size = sum(path.stat().st_size for path in every)
        return [
            *found,
            f"wrote {len(every)} files, {bytes_text(size)}; open {self.index}",
        ]
