"""Linear layers and matrix products."""

from __future__ import annotations

from archgraph.importers.torch.building import Building, Source, rule
from archgraph.importers.torch.rules.arithmetic import number
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Add, Einsum, Linear, MatMul, Mul, Permute

__all__: list[str] = []


@rule("linear")
def _linear(b: Building, call: Call) -> Source:
    weight, bias = call["weight"], call["bias"]
    source = b.source(call["input"])
    found = _layer(b, source, weight, bias, transposed=False)
    if found is not None:
        return found
    columns = b.source(weight)
    if len(weight.shape) > 1:
        columns = b.add(Permute((1, 0)), [columns], word="transpose")
    return _with_bias(b, b.add(MatMul(), [source, columns]), bias)


def _with_bias(b: Building, found: Source, bias: Value | None) -> Source:
    return found if bias is None else b.add(Add(), [found, b.source(bias)], word="add")


def _layer(
    b: Building, source: Source, weight: Value, bias: Value | None, *, transposed: bool
) -> Source | None:
    """Add a linear layer where the weights are stored as they are; else None."""
    key, bias_key = b.key(weight), b.key(bias)
    if key is None or weight.source != "parameter" or len(weight.shape) != 2:
        return None
    out_features, in_features = reversed(weight.shape) if transposed else weight.shape
    own = bias_key is not None and bias is not None and bias.shape == (out_features,)
    op = Linear(in_features, out_features, own, transposed)
    word = _word(key)
    keys = {"weight": key, "bias": bias_key if own else None}
    found = b.add(op, [source], word=word, keys=keys)
    return found if own else _with_bias(b, found, bias)


def _word(key: str) -> str | None:
    """Return what a weight's key calls its layer: ``in_proj`` for ``in_proj_weight``."""
    last = key.rpartition(".")[2]
    return last.removesuffix("_weight") if last.endswith("_weight") else None


@rule("matmul", "mm", "bmm", "mv", "dot")
def _matmul(b: Building, call: Call) -> Source:
    one = call["self"]
    two = next(each for each in (call["other"], call["mat2"], call["vec"], call["tensor"]) if each)
    found = None
    if one.source != "parameter" and len(one.shape) > 1:
        found = _layer(b, b.source(one), two, None, transposed=True)
    return b.add(MatMul(), [b.source(one), b.source(two)]) if found is None else found


@rule("addmm", "addmv", "baddbmm")
def _addmm(b: Building, call: Call) -> Source:
    names = {"addmm": ("mat1", "mat2"), "addmv": ("mat", "vec"), "baddbmm": ("batch1", "batch2")}
    one, two = (call[name] for name in names[call.name])
    bias, alpha, beta = call["self"], call["alpha"], call["beta"]
    if alpha == 1 and beta == 1:
        found = _layer(b, b.source(one), two, bias, transposed=True)
        if found is not None:
            return found
    product: Source = b.add(MatMul(), [b.source(one), b.source(two)], word="matmul")
    added = b.source(bias)
    dtype = call.outputs[0].dtype
    if alpha != 1:
        product = b.add(Mul(), [product, number(alpha, dtype, "alpha")], word="alpha")
    if beta == 0:
        return product
    if beta != 1:
        added = b.add(Mul(), [added, number(beta, dtype, "beta")], word="beta")
    return b.add(Add(), [product, added], word="add")


@rule("einsum")
def _einsum(b: Building, call: Call) -> Source:
    return b.add(Einsum(call["equation"]), [b.source(each) for each in call["tensors"]])
