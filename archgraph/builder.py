"""The builder: a network written down as its paper's table, from the input to the last layer."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from archgraph import ops
from archgraph.errors import ShapeError
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
from archgraph.tensors import Key, N, Tensor, ref_to

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

    def __init__(
        self, name: str, input: Sequence[int | str], *, dtype: str = "float32", **facts: Any
    ) -> None:
        """Start a network called ``name`` with an input of shape (channels, height, width).

        The batch comes before that shape, or where it holds an ``"N"``; ``dtype`` is the input's
        element type (``"int64"`` for tokens). ``facts`` describe the network (``title=…``).
        """
        self.net = ArchGraph(name=name, **facts)
        self._prefix = ""
        self._shared: dict[str, Any] = {}
        self.input = self.add_input("input", input, dtype=dtype)

    def add_input(
        self, name: str, shape: Sequence[int | str], *, dtype: str = "float32", **attributes: Any
    ) -> str:
        """Add one more input; its shape is read as that of the first."""
        return self.net.add(name, Input(tuple(shape), dtype), **attributes)  # type: ignore[arg-type]

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

    def tensor(self, x: str) -> Tensor:
        """Return what ``x`` stands for: its whole shape, the batch included, and its type."""
        return self.net.tensor(x)

    def shape(self, x: str) -> Shape:
        """Return the shape of ``x`` for one image, without the batch axis."""
        node = self.net._node.get(x)
        found = self.tensor(x).image if node is None or type(x) is Key else node["shape"]
        if found is None or None in found:
            raise ShapeError(f"the shape of '{x}' is not known.")
        return found

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
        channels = self._axis(x, 0, "channels")
        op = Conv2d(channels, out_channels, kernel_size, stride, padding, dilation, groups, bias)
        return self.add(name, op, x, **attributes)

    def linear(
        self, name: str, x: str, out_features: int, *, bias: bool = True, **attributes: Any
    ) -> str:
        """Add a Linear; its input features are the last axis of ``x``."""
        features = self._axis(x, -1, "features")
        return self.add(name, Linear(features, out_features, bias), x, **attributes)

    def batch_norm(self, name: str, x: str, *, eps: float = 1e-5, **attributes: Any) -> str:
        """Add a BatchNorm2d over the channels of ``x``."""
        return self.add(name, BatchNorm2d(self._axis(x, 0, "channels"), eps), x, **attributes)

    def layer_norm(self, name: str, x: str, *, eps: float = 1e-5, **attributes: Any) -> str:
        """Add a LayerNorm over the last axis of ``x``."""
        return self.add(name, ops.LayerNorm(self._axis(x, -1, "features"), eps), x, **attributes)

    def _axis(self, x: str, axis: int, what: str) -> int:
        shape = self.shape(x)
        if not shape:
            raise ShapeError(f"'{x}' is a scalar for each image: it has no {what}.")
        return shape[axis]

    def relu(self, name: str, x: str, **attributes: Any) -> str:
        """Add a ReLU."""
        return self.add(name, ReLU(), x, **attributes)

    def gelu(self, name: str, x: str, **attributes: Any) -> str:
        """Add a GELU."""
        return self.add(name, ops.GELU(), x, **attributes)

    def flatten(self, name: str, x: str, **attributes: Any) -> str:
        """Add a Flatten to one row of features."""
        return self.add(name, Flatten(), x, **attributes)

    def sum(self, name: str, *inputs: str, **attributes: Any) -> str:
        """Add an element-wise Add of all inputs."""
        return self.add(name, Add(), *inputs, **attributes)

    def concat(self, name: str, *inputs: str, dim: int = 1, **attributes: Any) -> str:
        """Add a Concat of all inputs, by default along the channels (``dim`` counts the batch)."""
        return self.add(name, Concat(dim), *inputs, **attributes)

    def embedding(self, name: str, x: str, count: int, width: int, **attributes: Any) -> str:
        """Add an Embedding: a table of ``count`` rows of ``width`` numbers."""
        return self.add(name, ops.Embedding(count, width), x, **attributes)

    # ---- what is stored, what moves ------------------------------------------------------

    def parameter(self, name: str, shape: Sequence[int]) -> str:
        """Declare a learned tensor below the open scopes, to be read as an input."""
        return self.net.store(self._prefix + name, shape)

    def reshape(self, name: str, x: str, shape: Sequence[int], **attributes: Any) -> str:
        """Add a Reshape; ``shape`` is that for one image, the batch stays in front."""
        return self.add(name, ops.Reshape((N, *shape)), x, **attributes)

    def permute(self, name: str, x: str, *dims: int, **attributes: Any) -> str:
        """Add a Permute; ``dims`` count the batch, as in PyTorch."""
        return self.add(name, ops.Permute(dims), x, **attributes)

    def expand(self, name: str, x: str, shape: Sequence[int], **attributes: Any) -> str:
        """Add an Expand of one tensor to every image; ``shape`` is that for one."""
        return self.add(name, ops.Expand((N, *shape)), x, **attributes)

    def select(self, name: str, x: str, index: int, *, dim: int = 1, **attributes: Any) -> str:
        """Add a Select: what stands at one place of an axis, such as the class token."""
        return self.add(name, ops.Select(index, dim), x, **attributes)

    def split(
        self, name: str, x: str, sizes: Sequence[int], *, dim: int = 1, **attributes: Any
    ) -> tuple[str, ...]:
        """Add a Split along an axis and return its outputs."""
        made = self.add(name, ops.Split(tuple(sizes), dim), x, **attributes)
        return tuple(ref_to(made, index) for index in range(len(sizes)))

    def attention(
        self,
        name: str,
        x: str,
        heads: int,
        *,
        causal: bool = False,
        **attributes: Any,
    ) -> str:
        """Add multi-head attention of tokens (N, L, width), with torch's names of weights.

        Query, key and value are projected, split into ``heads``, attended and projected back
        (Vaswani et al., 2017, section 3.2.2). State-dict keys are those of
        ``torch.nn.MultiheadAttention``, which stores the three projections as one matrix.
        """
        *_, width = self.shape(x)
        if width % heads:
            raise ShapeError(f"the width of '{x}', {width}, is no multiple of {heads} heads.")
        with self.scope(name, **attributes):
            keys = {word: f"{self._prefix}in_proj_{word}" for word in ("weight", "bias")}
            whole = self.linear("in_proj", x, 3 * width, tensors=keys)
            parts = self.split("split", whole, [width] * 3, dim=-1)
            shaped = []
            for word, part in zip(("query", "key", "value"), parts, strict=True):
                length = self.shape(part)[0]
                split = self.reshape(f"{word}_heads", part, (length, heads, width // heads))
                shaped.append(self.permute(word, split, 0, 2, 1, 3))
            y = self.add("attention", ops.ScaledDotProductAttention(is_causal=causal), *shaped)
            y = self.permute("joined", y, 0, 2, 1, 3)
            y = self.reshape("concat", y, (self.shape(x)[0], width))
            return self.linear("out_proj", y, width)

    # ---- the end -------------------------------------------------------------------------

    def build(self, *outputs: str) -> ArchGraph:
        """Return the finished graph; ``outputs`` are what it returns, the main one first."""
        self.net.check_names()
        self.net.set_outputs(*outputs)
        self._tell_forgotten()
        return self.net

    def _tell_forgotten(self) -> None:
        """Warn of branches that lead to no output: mostly a variable that was not passed on."""
        if len(self.net.outputs) == sum(not targets for targets in self.net._succ.values()):
            return  # as many ends as outputs: nothing else ends
        used = set(self.net.outputs)
        waiting = list(used)
        while waiting:
            fresh = [name for name in self.net._pred[waiting.pop()] if name not in used]
            used.update(fresh)
            waiting += fresh
        ends = [name for name in self.net if name not in used and not self.net.succ[name]]
        if ends:
            told = ", ".join(f"'{name}'" for name in ends[:3]) + ", …" * (len(ends) > 3)
            warnings.warn(
                f"in '{self.net.name}' nothing comes of {told}: it leads to no output; pass it on "
                "or name it in build().",
                stacklevel=3,
            )
