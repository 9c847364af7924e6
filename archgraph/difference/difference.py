"""The difference of two networks: what was found, and how it prints."""

from __future__ import annotations

from dataclasses import dataclass

from archgraph.difference.findings import Findings
from archgraph.difference.render_difference import render_difference

__all__ = ["Difference"]


@dataclass(frozen=True, repr=False)
class Difference(Findings):
    """What ``diff`` found, from the first network to the second; it prints as sentences.

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

    def __str__(self) -> str:
        return self.render().rstrip("\n")

    __repr__ = __str__
