"""Linear layers and matrix products."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.importers.torch.building import Building, Made, Source, rule
from archgraph.importers.torch.rules.arithmetic import number
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import Add, Einsum, GroupedMatMul, Linear, MatMul, Mul, Opaque, Permute, elements

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
def _einsum(b: Building, call: Call) -> Source | None:
    """Two operands at a time, in torch's order: from the left, or along the path that it chose."""
    read = [b.source(each) for each in call["tensors"]]
    left, arrow, result = call["equation"].replace(" ", "").partition("->")
    words = left.split(",")
    if len(read) < 3 or not arrow or "..." in left:
        return b.add(Einsum(call["equation"]), read)
    path: Sequence[int] = call["path"] or ()
    while len(read) > 1:
        one, two = (path[0], path[1]) if path else (0, 1)
        path = path[2:]
        left_over = [each for n, each in enumerate(words) if n not in (one, two)]
        kept = set("".join(left_over) + result)
        pair = dict.fromkeys(words[one] + words[two])
        word = "".join(c for c in pair if c in kept) if left_over else result
        made = b.add(Einsum(f"{words[one]},{words[two]}->{word}"), [read[one], read[two]])
        rest = [each for n, each in enumerate(read) if n not in (one, two)]
        # Without a path the product takes the place of the first; along one it comes last.
        read, words = (
            ([*rest, made], [*left_over, word])
            if call["path"]
            else ([made, *rest], [word, *left_over])
        )
    return read[0]


@rule("bilinear")
def _bilinear(b: Building, call: Call) -> Source:
    """y_o = Σ x_i · W_oij · z_j, and a bias: the products of x with W first."""
    one, weight, two = (b.source(call[word]) for word in ("input1", "weight", "input2"))
    half = b.add(Einsum("...i,oij->...oj"), [one, weight], word="weight")
    return _with_bias(
        b, b.add(Einsum("...oj,...j->...o"), [half, two], word="bilinear"), call["bias"]
    )


@rule("vdot")
def _vdot(b: Building, call: Call) -> Source:
    return b.add(MatMul(), [b.source(call["self"]), b.source(call["other"])], word="dot")


@rule("_grouped_mm", "_scaled_grouped_mm")
def _grouped(b: Building, call: Call) -> Made:
    """Rows in groups, each group times a matrix of its own: a row meets one expert's weights.

    Where one side is cut into groups along the rows or columns that it keeps, or along the extent
    that is summed, every element of the left side meets every column of one matrix.
    """
    one, two = call["self"], call["mat2"]
    plain = call.name == "_grouped_mm" and call["bias"] is None
    if plain and (len(one.shape), len(two.shape)) == (2, 3):
        return b.add(GroupedMatMul(), [b.source(each) for each in (one, two, call["offs"])])
    products = elements(one.shape) * two.shape[-1]
    if len(one.shape) == 3 and len(two.shape) == 2:
        products //= one.shape[0]
    return _costing(b, call, products)


@rule("linear_dynamic", "linear_relu_dynamic")
def _quantised_linear(b: Building, call: Call) -> Made:
    """A linear layer whose weights are packed as whole numbers, out of a graph's reach."""
    return _costing(b, call, elements(call.outputs[0].shape) * call["X"].shape[-1])


def _costing(b: Building, call: Call, macs: int) -> Made:
    """Add what has no operator of its own, but known multiply-adds."""
    out = call.outputs[0]
    op = Opaque(call.name, out.shape, 0, macs, out.dtype, batched=False)
    return b.outputs(b.add(op, [b.source(each) for each in call.values]))
