"""The builder: a network written down as its paper's table, from the input to the last layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from archgraph.graph import ArchGraph
from archgraph.ops import (
    Add,
    BatchNorm2d,
    Concat,
    Conv2d,
    Flatten,
    Input,
    Linear,
    Op,
    Pair,
    ReLU,
    Shape,
)

__all__ = ["Builder"]


class Builder:
    """Builds an ArchGraph; what it passes around are node names.

    >>> b = Builder("tiny", input=(3, 32, 32))
    >>> x = b.conv("conv1", b.input, 16, 3, padding=1)
    >>> x = b.relu("relu1", x)
    >>> net = b.build(b.linear("fc", b.flatten("flatten", x), 10))
    >>> net.total("params")
    164298
    """

    def __init__(self, name: str, input: Sequence[int], **facts: Any) -> None:
        """Start a network called ``name`` with one input of shape (channels, height, width)."""
        self.net = ArchGraph(name=name, **facts)
        self._prefix = ""
        self._shared: dict[str, Any] = {}
        self.input = self.net.add("input", Input(tuple(input)))

    # ---- where nodes go ------------------------------------------------------------------

    @contextmanager
    def scope(self, path: str, **attributes: Any) -> Iterator[None]:
        """Put the nodes added inside below ``path`` (may be empty), with these attributes."""
        before = self._prefix, self._shared
        self._prefix += f"{path}." if path else ""
        self._shared = self._shared | attributes
        try:
            yield
        finally:
            self._prefix, self._shared = before

    def stage(
        self, key: str, label: str, path: str = "", **attributes: Any
    ) -> AbstractContextManager[None]:
        """Open a stage: the coarsest group, such as all blocks of one map size."""
        self.net.define_group(key, "stage", label)
        return self.scope(path, stage=key, **attributes)

    def block(
        self, key: str, label: str, path: str = "", **attributes: Any
    ) -> AbstractContextManager[None]:
        """Open a block: a module that a picture shows as one box."""
        self.net.define_group(key, "block", label)
        return self.scope(path, block=key, **attributes)

    def shape(self, x: str) -> Shape:
        """Return the shape of a node's output, without the batch axis."""
        shape: Shape = self.net.nodes[x]["shape"]
        return shape

    # ---- operators -----------------------------------------------------------------------

    def add(self, name: str, op: Op, *inputs: str, **attributes: Any) -> str:
        """Add any operator; its name is ``name`` below the open scopes."""
        return self.net.add(self._prefix + name, op, inputs, **self._shared, **attributes)

    def conv(
        self,
        name: str,
        x: str,
        out_channels: int,
        kernel_size: int | Pair,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        *,
        dilation: int | Pair = 1,
        groups: int = 1,
        bias: bool = True,
        **attributes: Any,
    ) -> str:
        """Add a Conv2d; its input channels are those of ``x``."""
        op = Conv2d(
            self.shape(x)[0],
            out_channels,
            kernel_size,
            stride,
            padding,
            dilation,
            groups,
            bias,
        )
        return self.add(name, op, x, **attributes)

    def linear(
        self, name: str, x: str, out_features: int, *, bias: bool = True, **attributes: Any
    ) -> str:
        """Add a Linear; its input features are the last axis of ``x``."""
        return self.add(name, Linear(self.shape(x)[-1], out_features, bias), x, **attributes)

    def batch_norm(self, name: str, x: str, *, eps: float = 1e-5, **attributes: Any) -> str:
        """Add a BatchNorm2d over the channels of ``x``."""
        return self.add(name, BatchNorm2d(self.shape(x)[0], eps), x, **attributes)

    def relu(self, name: str, x: str, **attributes: Any) -> str:
        """Add a ReLU."""
        return self.add(name, ReLU(), x, **attributes)

    def flatten(self, name: str, x: str, **attributes: Any) -> str:
        """Add a Flatten to one row of features."""
        return self.add(name, Flatten(), x, **attributes)

    def sum(self, name: str, *inputs: str, **attributes: Any) -> str:
        """Add an element-wise Add of all inputs."""
        return self.add(name, Add(), *inputs, **attributes)

    def concat(self, name: str, *inputs: str, **attributes: Any) -> str:
        """Add a Concat of all inputs along the channels."""
        return self.add(name, Concat(), *inputs, **attributes)

    # ---- the end -------------------------------------------------------------------------

    def build(self, *outputs: str) -> ArchGraph:
        """Return the finished graph; ``outputs`` are what it returns, the main one first."""
        self.net.check_names()
        self.net.set_outputs(*outputs)
        return self.net
