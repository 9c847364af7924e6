"""Many elements become one."""

from __future__ import annotations

from math import prod

from archgraph.importers.torch.building import Building, Made, Source, rule
from archgraph.importers.torch.rules.arithmetic import cast, joined, number
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Cumulate, Mul, Pointwise, Reduce, Reshape
from archgraph.tensors import Batch

__all__: list[str] = []

FUNCTIONS = {
    "mean": "mean",
    "sum": "sum",
    "prod": "prod",
    "amax": "max",
    "amin": "min",
    "any": "any",
    "all": "all",
    "norm": "norm",
    "linalg_vector_norm": "norm",
    "frobenius_norm": "norm",
    "logsumexp": "logsumexp",
    "argmax": "argmax",
    "argmin": "argmin",
}


def _axes(dims: object) -> tuple[int, ...]:
    if dims is None:
        return ()
    return tuple(dims) if isinstance(dims, (list, tuple)) else (dims,)  # type: ignore[return-value]


@rule(*FUNCTIONS)
def _reduce(b: Building, call: Call) -> Source:
    source = b.source(call["self"])
    dtype = call.outputs[0].dtype
    if call["dtype"] is not None:
        source = cast(b, source, dtype)
    op = Reduce(FUNCTIONS[call.name], _axes(call["dim"]), bool(call["keepdim"]))
    return b.add(op, [source])


@rule("var", "std", "var_mean", "std_mean")
def _variance(b: Building, call: Call) -> Made:
    """Σ (x − mean)² / (n − correction); with 1 that is a reduction of its own."""
    source, axes = b.source(call["self"]), _axes(call["dim"])
    keep, less = bool(call["keepdim"]), call["correction"]
    if less is None:
        less = 0 if call["unbiased"] is False else 1
    name, both = call.name.removesuffix("_mean"), call.name.endswith("_mean")
    if less == 1:
        found = b.add(Reduce(name, axes, keep), [source], word=name)
        return [found, b.add(Reduce("mean", axes, keep), [source], word="mean")] if both else found
    centre = b.add(Reduce("mean", axes, True), [source], word="mean")
    off = b.add(Pointwise("sub"), [source, centre], word="sub")
    square = b.add(Mul(), [off, off], word="square")
    found = b.add(Reduce("mean", axes, keep), [square], word=name)
    if less:
        shape = b.shape(source)
        reduced = [shape[axis] for axis in axes] if axes else shape
        if any(type(size) is Batch for size in reduced):
            return None
        more = prod(reduced) / (prod(reduced) - less)
        factor = number(more, b.tensor(found).dtype, "correction")
        found = b.add(Mul(), [found, factor], word="correction")
    if name == "std":
        found = b.add(Pointwise("sqrt"), [found], word="sqrt")
    if not both:
        return found
    if not keep:
        centre = b.add(Reshape(call.outputs[1].shape), [centre], word="squeeze")
    return [found, centre]


@rule("max", "min")
def _extreme(b: Building, call: Call) -> Source | list[Source]:
    source = b.source(call["self"])
    if isinstance(call["other"], Value):
        other = b.source(call["other"])
        name = f"{call.name}imum"
        return joined(b, Pointwise(name), [source, other], call.outputs[0].dtype)
    if call["dim"] is None:
        return b.add(Reduce(call.name), [source])
    axes, keep = _axes(call["dim"]), bool(call["keepdim"])
    which = b.add(Reduce(f"arg{call.name}", axes, keep), [source], word=f"arg{call.name}")
    return [b.add(Reduce(call.name, axes, keep), [source]), which]


@rule("cumsum", "cumprod")
def _cumulate(b: Building, call: Call) -> Source:
    source = b.source(call["self"])
    if call["dtype"] is not None:
        source = cast(b, source, call.outputs[0].dtype)
    found = b.add(Cumulate(call.name.removeprefix("cum"), call["dim"]), [source])
    return cast(b, found, call.outputs[0].dtype)
