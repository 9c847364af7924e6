"""Many elements become one."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.rules.arithmetic import cast, joined
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Cumulate, Pointwise, Reduce

__all__: list[str] = []

FUNCTIONS = {
    "mean": "mean",
    "sum": "sum",
    "prod": "prod",
    "amax": "max",
    "amin": "min",
    "any": "any",
    "all": "all",
    "var": "var",
    "std": "std",
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
