"""What a comparison of two networks finds, as plain data: partners, and what is not the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from archgraph.graph import ArchGraph
from archgraph.metrics import Number

__all__ = ["Change", "Findings", "Setting"]


class Setting(NamedTuple):
    """What is not the same, such as ``stride``, and its values before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One operator of both networks: what the first and the second call it, and what differs."""

    before: str
    after: str
    settings: tuple[Setting, ...]


@dataclass(frozen=True, repr=False)
class Findings:
    """The fields of a Difference, which tells of each."""

    first: ArchGraph
    second: ArchGraph
    pairs: Mapping[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]
    inputs: tuple[Change, ...]
    replaced: tuple[Change, ...]
    changed: tuple[Change, ...]
    resized: tuple[Change, ...]
    retyped: tuple[Change, ...]
    shared: tuple[Change, ...]
    rewired: tuple[Change, ...]
    following: tuple[Change, ...]
    outputs: tuple[tuple[str, ...], tuple[str, ...]] | None
    totals: Mapping[str, tuple[Number | None, Number | None]]

    @property
    def equal(self) -> bool:
        """Whether the networks are the same, names of operators included."""
        return self.isomorphic and not self.renamed

    @property
    def isomorphic(self) -> bool:
        """Whether the networks are the same but for the names of operators."""
        return not any(
            (
                *(self.added, self.removed, self.inputs, self.replaced, self.changed),
                *(self.resized, self.retyped, self.shared, self.rewired, self.following),
                self.outputs,
            )
        )
