"""The file of a sweep's results: whole lines appended as they come, read to go on with them."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from archgraph.answers.sweeping.configurations import cell_text
from archgraph.errors import FileError, FormatError
from archgraph.files.locks import try_lock
from archgraph.interrupts import uninterrupted

__all__ = ["FORMATS", "ResultsFile", "line_of"]

FORMATS = ("csv", "jsonl")
"""What a file of results may be; both are whole after every line."""

_SYNC = 0.5
"""Seconds after which what was written is brought to the disk."""


def line_of(row: Mapping[str, Any], columns: Sequence[str], form: str) -> str:
    """Return a line of results."""
    if form == "jsonl":
        return (
            json.dumps({name: row[name] for name in columns}, ensure_ascii=False, default=str)
            + "\n"
        )
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([cell_text(row[name]) for name in columns])
    return text.getvalue()


class ResultsFile:
    """Results in the order of their lines; ``there`` are the keys of those that it held already."""

    def __init__(self, path: Path, form: str, columns: Sequence[str], settings: Sequence[str]):
        self.path, self._form, self._columns = path, form, tuple(columns)
        self._settings = tuple(settings)
        self.there: set[tuple[str, ...]] = set()
        self._number = -1
        self._synced = monotonic()

    @contextmanager
    def opened(self) -> Iterator[ResultsFile]:
        """Hold the file: its lines are read, one that was torn is dropped, others may be added.

        Raises FileError where it cannot be written or another process writes it, FormatError where
        it holds other columns.
        """
        try:
            file = self.path.open("a+b", buffering=0)
        except OSError as error:
            raise FileError(f"'{self.path}' cannot be written: {error.strerror}.") from None
        with file:
            if try_lock(file) is False:
                raise FileError(f"'{self.path}' is being written by another sweep.")
            self._number = file.fileno()
            file.seek(0)
            self._take(file.read())
            try:
                yield self
            finally:
                os.fsync(self._number)

    def _take(self, content: bytes) -> None:
        """Take note of the lines that there are; drop what a process that was killed half wrote."""
        whole, newline, _ = content.rpartition(b"\n")
        whole += newline
        if len(whole) < len(content):
            os.ftruncate(self._number, len(whole))
        try:
            text = whole.decode("utf-8")
        except UnicodeDecodeError:
            raise self._foreign("its bytes are no text") from None
        if not text:
            if self._form == "csv":
                self._write(
                    line_of(
                        dict(zip(self._columns, self._columns, strict=True)), self._columns, "csv"
                    )
                )
            return
        if self._form == "csv":
            header, *rows = csv.reader(io.StringIO(text))
            self._compare(header)
            for row in rows:
                if len(row) != len(header):
                    raise self._foreign(f"a line has {len(row)} cells")
                self._note(dict(zip(header, row, strict=True)))
            return
        for number, line in enumerate(text.splitlines(), 1):
            try:
                found = json.loads(line)
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise self._foreign(f"line {number} is no JSON object")
            self._compare(list(found))
            self._note(found)

    def _compare(self, found: Sequence[str]) -> None:
        if tuple(found) != self._columns:
            raise self._foreign(f"its columns are {', '.join(found):.200}")

    def _foreign(self, why: str) -> FormatError:
        return FormatError(
            f"'{self.path}' does not hold the results of this sweep, {', '.join(self._columns)}: "
            f"{why}; give another file."
        )

    def _note(self, row: Mapping[str, Any]) -> None:
        self.there.add(tuple(cell_text(row[name]) for name in self._settings))

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Append lines; a signal waits until they are whole."""
        self._write("".join(line_of(row, self._columns, self._form) for row in rows))

    def _write(self, text: str) -> None:
        left = memoryview(text.encode("utf-8"))
        try:
            with uninterrupted():
                while left:
                    left = left[os.write(self._number, left) :]
            if monotonic() - self._synced > _SYNC:
                os.fsync(self._number)
                self._synced = monotonic()
        except OSError as error:
            raise FileError(f"'{self.path}' takes no more: {error.strerror}.") from None
