"""What a runtime is: a name, a way to learn its version, and a way to run a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Array", "Prepare", "Run", "Runtime", "Trial", "packaged"]

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

Run: TypeAlias = Callable[[], list[Array]]
"""Runs the loaded file once and returns its outputs, in the order that was asked for."""

Prepare: TypeAlias = Callable[[Path, Mapping[str, Array], Sequence[str]], Run]
"""Loads a file, given the value of each input by name and the names of the outputs."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A program that runs ONNX files.

    ``version`` returns None where it is not installed; ``install`` is the command that mends that.
    ``note`` says what a reader of a result must know, such as a setting that it depends on.
    """

    name: str
    install: str
    version: Callable[[], str | None]
    prepare: Prepare
    note: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """How a runtime fared with a file: its outputs and seconds per run, or the reason why not."""

    outputs: tuple[Array, ...] | None = None
    seconds: float | None = None
    reason: str | None = None


def packaged(module: str, distribution: str) -> Callable[[], str | None]:
    """Return a function that gives the version of an installed Python package, else None."""

    def version() -> str | None:
        if util.find_spec(module) is None:
            return None
        try:
            return metadata.version(distribution)
        except metadata.PackageNotFoundError:
            return "?"

    return version
