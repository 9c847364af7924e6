"""The difference of two networks: what was found, and how it prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archgraph.difference.findings import Findings
from archgraph.difference.in_html import in_html
from archgraph.difference.render_difference import (
    difference_record,
    difference_table,
    render_difference,
)
from archgraph.tables import Showing, Table

__all__ = ["Difference"]


@dataclass(frozen=True, repr=False)
class Difference(Findings, Showing):
    """What ``diff`` found, from the first network to the second; it prints as sentences.

    A notebook shows the same, with a table to unfold, a row for each difference.

    ``pairs``      every node of the first network that the second has too, with its name there
    ``added``      nodes that only the second has; ``removed``: only the first
    ``renamed``    pairs of names where they differ
    ``inputs``     inputs of another shape or element type
    ``replaced``   another operator in the same place: ReLU, GELU
    ``changed``    the same operator with other settings: stride, padding, a constant, a device
    ``resized``    the same operator with other widths: channels, features
    ``retyped``    the same operator that gives or stores another element type
    ``shared``     operators that share a stored tensor with others than before: tied weights
    ``rewired``    operators that read from elsewhere, beyond what was added and removed
    ``following``  operators that are the same, whose outputs' shapes follow from what is before
    ``outputs``    what the networks return, before and after, where that is not the same
    ``totals``     by metric the totals of both networks; None where one is unknown

    An operator is in one of ``replaced``, ``changed`` and ``resized`` at most. Weights are not
    compared.
    """

    def render(self, format: str = "words") -> str:
        """Return it as text: ``words``, ``table``, ``json``, ``csv``, ``markdown`` or ``latex``.

        Raises FormatError for any other format.
        """
        return render_difference(self, format)

    def _tables(self, exact: bool) -> tuple[list[Table], dict[str, Any]]:
        del exact  # figures are exact
        return [difference_table(self)], difference_record(self)

    def _words(self) -> str:
        return self.render()

    def _repr_html_(self) -> str:
        return in_html(self, difference_table(self))
