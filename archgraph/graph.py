"""ArchGraph: a network as a networkx DAG that carries the cost of every node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from archgraph.costs import Base
from archgraph.plugins import function
from archgraph.wiring import WiredGraph

__all__ = ["ArchGraph"]


class ArchGraph(WiredGraph):
    """A network: nodes are operators, edges are tensors; both are annotated.

    A node's name is its dotted path (``layer1.0.conv1``). Its attributes:

    ``op``                the operator, a frozen dataclass of ``archgraph.ops``
    ``shape``             the first output's shape for one image: k·N is k, N is left out
    ``outputs``           all outputs as Tensors: whole shape, element type
    ``params``, ``macs``, ``flops``, ``lecture``, ``activation_bytes``
                          the costs for one image; None where unknown
    ``device``            the device that runs it, an integer, or None
    ``label``             the name that the paper gives it, where that differs
    ``stage``, ``block``  ids of the groups it belongs to (``net.groups``), where it does
    ``role``              what it is there for: "reduction", "projection", "auxiliary"
    ``training_only``     True for what runs in training and not at inference
    ``tensors``           keys of the stored tensors that it reads, where they are not the usual

    and any metric that a user attaches; ``archgraph.attributes`` lists them all. An edge's
    ``uses`` are pairs of (output, input position), so adding a tensor to itself is one edge with
    two; its ``bytes`` are those of the outputs that it carries, for one image.

    What a network stores is in ``net.tensors``: by default each operator's own, under the keys of
    a state dict (``conv1.weight``). An input position that no edge feeds reads one of them.

    Being a ``networkx.DiGraph``, it takes every networkx algorithm; networkx's writers that want
    scalars take ``net.plain()``.
    """

    def __repr__(self) -> str:
        """Return the name and the size: ``ArchGraph('resnet18', nodes=70, edges=77)``."""
        return (
            f"{type(self).__name__}({self.name!r}, nodes={self.number_of_nodes()}, "
            f"edges={self.number_of_edges()})"
        )

    # ---- checking ------------------------------------------------------------------------

    def check(self) -> None:
        """Raise GraphError unless the graph holds together, whoever changed it and how.

        Checked: every node has an operator, there is no cycle, the edges and stored tensors fill
        each operator's input positions exactly, the shapes follow from the inputs, no operator's
        name is also a module's, and the outputs exist.
        """
        from archgraph.checking import check

        check(self)

    def check_names(self) -> None:
        """Raise GraphError when an operator's name is also the name of a module."""
        from archgraph.checking import check_names

        check_names(self)

    # ---- other forms ---------------------------------------------------------------------

    def inference(self) -> Self:
        """Return the graph without the nodes that only training uses."""
        from archgraph.parts import inference

        return inference(self)

    def module(self, path: str) -> Self:
        """Return one module or group as a graph of its own: ``net.module("layer1.0")``."""
        from archgraph.parts import module

        return module(self, path)

    def with_input(self, shape: Sequence[int] | Mapping[str, Sequence[int | str]]) -> Self:
        """Return the same network for another input.

        ``shape`` is that of the first input without the batch (channels, height, width), or whole
        shapes by the inputs' names, with "N" for the batch. A network that was read from a module
        or a file, and not changed since, is read again.
        """
        from archgraph.parts import with_input

        return with_input(self, shape)

    def plain(self) -> Base:
        """Return a DiGraph with scalar attributes only, for GraphML and other writers."""
        from archgraph.scalars import plain

        return plain(self)

    def save(self, path: str | Path) -> Path:
        """Write the graph to a ``.json`` file that ``archgraph.load`` reads back exactly."""
        written: Path = function("exporters", "json", "a .json file")(self, Path(path))
        return written

    def show(self, **options: Any) -> Any:
        """Return a picture that shows itself in a notebook: ``net.show(level="layer")``.

        The options are those of ``draw``; the picture can be saved.
        """
        return function("tools", "picture", "a picture in a notebook")([self], options)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """Return what a notebook shows: the picture where one can be drawn, and words."""
        shown: dict[str, str] = function("tools", "notebook", "a picture in a notebook")(self)
        return shown
