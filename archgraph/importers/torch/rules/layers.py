"""Normalisation, embedding, attention and recurrent layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archgraph.importers.torch.building import Building, Made, Source, rule
from archgraph.importers.torch.rules.arithmetic import cast, number
from archgraph.importers.torch.trace import Call, Value
from archgraph.ops import (
    GRU,
    LSTM,
    RNN,
    Add,
    BatchNorm2d,
    Embedding,
    GroupNorm,
    IndexSelect,
    LayerNorm,
    Mul,
    Opaque,
    Pointwise,
    Reduce,
    Reshape,
    RMSNorm,
    ScaledDotProductAttention,
    elements,
)

__all__: list[str] = []


@rule("batch_norm", "native_batch_norm", "_native_batch_norm_legit_no_training")
def _batch_norm(b: Building, call: Call) -> Source | None:
    keys = {role: b.key(call[role]) for role in ("weight", "bias", "running_mean", "running_var")}
    if call["running_mean"] is None:
        return _over_the_batch(b, call)
    if None in keys.values():
        return None
    keys["num_batches_tracked"] = b.buffer_beside(str(keys["running_mean"]), "num_batches_tracked")
    op = BatchNorm2d(call["weight"].shape[0], float(call["eps"]), float(call["momentum"]))
    return b.add(op, [b.source(call["input"])], keys=keys)


def _over_the_batch(b: Building, call: Call) -> Source:
    """Normalise each channel by the batch's own mean and variance, as of standardised weights."""
    source, shape = b.source(call["input"]), call["input"].shape
    dtype = b.tensor(source).dtype
    axes = tuple(axis for axis in range(len(shape)) if axis != 1)
    mean = b.add(Reduce("mean", axes, keepdim=True), [source], word="mean")
    off = b.add(Pointwise("sub"), [source, mean], word="sub")
    square = b.add(Mul(), [off, off], word="square")
    variance = b.add(Reduce("mean", axes, keepdim=True), [square], word="variance")
    raised = b.add(Add(), [variance, number(float(call["eps"]), dtype, "eps")], word="add")
    found = b.add(Mul(), [off, b.add(Pointwise("rsqrt"), [raised], word="rsqrt")])
    for word, op in (("weight", Mul()), ("bias", Add())):
        if call[word] is not None:
            row = Reshape((shape[1], *(1,) * (len(shape) - 2)))
            each = b.add(row, [b.source(call[word])], word=f"{word}_each")
            found = b.add(op, [found, each], word=op.kind.lower())
    return found


@rule("layer_norm", "native_layer_norm")
def _layer_norm(b: Building, call: Call) -> Source | None:
    weight, bias = b.key(call["weight"]), b.key(call["bias"])
    shape = tuple(call["normalized_shape"])
    eps = float(call["eps"])
    source = b.source(call["input"])
    if (weight is None) != (call["weight"] is None) or (bias is None) != (call["bias"] is None):
        # Weights that are computed are a product and a sum of their own.
        found: Source = b.add(LayerNorm(shape, eps, elementwise_affine=False), [source])
        if call["weight"] is not None:
            found = b.add(Mul(), [found, b.source(call["weight"])], word="weight")
        if call["bias"] is not None:
            found = b.add(Add(), [found, b.source(call["bias"])], word="bias")
        return found
    if weight is None and bias is not None:
        return None
    op = LayerNorm(shape, eps, weight is not None, bias is not None or weight is None)
    return b.add(op, [source], keys={"weight": weight, "bias": bias})


@rule("group_norm", "native_group_norm", "instance_norm")
def _group_norm(b: Building, call: Call) -> Source | None:
    weight, bias = b.key(call["weight"]), b.key(call["bias"])
    if call["running_mean"] is not None and not call["use_input_stats"]:
        return None
    if (weight is None) != (call["weight"] is None) or (weight is None) != (bias is None):
        return None
    channels = call["input"].shape[1]
    groups = next((call[w] for w in ("num_groups", "group") if call[w] is not None), channels)
    op = GroupNorm(groups, channels, float(call["eps"]), weight is not None)
    return b.add(op, [b.source(call["input"])], keys={"weight": weight, "bias": bias})


@rule("rms_norm")
def _rms_norm(b: Building, call: Call) -> Source:
    weight = b.key(call["weight"])
    eps = call["eps"] if call["eps"] is not None else 1.1920928955078125e-07
    op = RMSNorm(tuple(call["normalized_shape"]), float(eps), weight is not None)
    found: Source = b.add(op, [b.source(call["input"])], keys={"weight": weight})
    if weight is None and call["weight"] is not None:  # one that is computed: 1 + weight
        found = b.add(Mul(), [found, b.source(call["weight"])], word="weight")
    return found


@rule("lstm_cell", "gru_cell", "rnn_tanh_cell", "rnn_relu_cell")
def _cell(b: Building, call: Call) -> Made:
    """One step of a recurrent layer: that layer, for sequences of one step."""
    keys = {f"{role}_l0": b.key(call[short]) for role, short in _CELL.items()}
    biased = call["b_ih"] is not None
    stored = all(keys.values()) or (not biased and keys["weight_ih_l0"] and keys["weight_hh_l0"])
    if not stored or biased != (call["b_hh"] is not None) or len(call["input"].shape) != 2:
        return _steps(b, call, elements(call["input"].shape[:-1]), [call["w_ih"], call["w_hh"]])
    reads, hidden = call["w_ih"].shape[1], call["w_hh"].shape[1]
    op: LSTM | GRU | RNN
    if call.name == "lstm_cell":
        op = LSTM(reads, hidden, bias=biased)
    elif call.name == "gru_cell":
        op = GRU(reads, hidden, bias=biased)
    else:
        op = RNN(reads, hidden, bias=biased, nonlinearity=call.name.split("_")[1])
    states = call["hx"] if isinstance(call["hx"], list) else [call["hx"]]
    given = [call["input"], *states]
    rows = [b.source(each) for each in given]
    rows = [b.add(Reshape((1, *b.shape(each))), [each], word="step") for each in rows]
    found = b.outputs(b.add(op, rows, keys=keys))[1:]
    return [b.add(Reshape(b.shape(each)[1:]), [each], word="state") for each in found]


_CELL = {"weight_ih": "w_ih", "weight_hh": "w_hh", "bias_ih": "b_ih", "bias_hh": "b_hh"}


def _steps(b: Building, call: Call, rows: int, weights: Sequence[Value]) -> Made:
    """Add steps of a recurrent layer in which each row meets all weights once."""
    first, *others = call.outputs
    op = Opaque(
        call.name,
        first.shape,
        0,
        rows * sum(elements(each.shape) for each in weights),
        first.dtype,
        batched=False,
        others=tuple((each.shape, each.dtype) for each in others),
    )
    return b.outputs(b.add(op, [b.source(each) for each in call.values]))


@rule("_weight_norm")
def _weight_norm(b: Building, call: Call) -> Source:
    """The direction of one tensor with the length of another (Salimans and Kingma, 2016)."""
    direction, length = b.source(call["v"]), b.source(call["g"])
    axes = tuple(axis for axis in range(len(b.shape(direction))) if axis != call["dim"])
    norm = b.add(Reduce("norm", axes, keepdim=True), [direction], word="norm")
    factor = b.add(Pointwise("div"), [length, norm], word="div")
    return b.add(Mul(), [direction, factor], word="mul")


@rule("embedding")
def _embedding(b: Building, call: Call) -> Source:
    weight, indices = b.key(call["weight"]), b.source(call["indices"])
    if weight is None:
        return b.add(IndexSelect(0), [b.source(call["weight"]), indices])
    return b.add(Embedding(*call["weight"].shape), [indices], keys={"weight": weight})


@rule("scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu")
def _attention(b: Building, call: Call) -> Source:
    read = [b.source(call[word]) for word in ("query", "key", "value")]
    if call["attn_mask"] is not None:
        read.append(b.source(call["attn_mask"]))
    scale = None if call["scale"] is None else float(call["scale"])
    op = ScaledDotProductAttention(
        bool(call["is_causal"]), scale, bool(call["enable_gqa"]), float(call["dropout_p"] or 0.0)
    )
    return cast(b, b.add(op, read), call.outputs[0].dtype)


@rule("lstm", "gru", "rnn_tanh", "rnn_relu")
def _recurrent(b: Building, call: Call) -> Made:
    params = call["params"]
    if call["data"] is not None:  # sequences of several lengths, packed: a row for each element
        matrices = [each for each in params if len(each.shape) == 2]
        return _steps(b, call, elements(call["data"].shape[:-1]), matrices)
    if params is None or call["input"] is None or call["num_layers"] is None:
        return None
    keys = [b.key(each) for each in params]
    if None in keys:
        return None
    hidden = params[1].shape[1] if call.name != "lstm" else params[0].shape[0] // 4
    settings: dict[str, Any] = {
        "input_size": params[0].shape[1],
        "hidden_size": {"gru": params[0].shape[0] // 3}.get(call.name, hidden),
        "num_layers": call["num_layers"],
        "bias": call["has_biases"],
        "batch_first": call["batch_first"],
        "bidirectional": call["bidirectional"],
    }
    op: LSTM | GRU | RNN
    if call.name == "lstm":
        width = params[1].shape[1]
        op = LSTM(**settings, proj_size=0 if width == hidden else width)
    elif call.name == "gru":
        op = GRU(**settings)
    else:
        op = RNN(**settings, nonlinearity=call.name.removeprefix("rnn_"))
    states = call["hx"] if isinstance(call["hx"], list) else [call["hx"]]
    read = [b.source(call["input"])]
    if not all(each.call is not None and each.call.name == "zeros" for each in states):
        read += [b.source(each) for each in states]
    roles = dict(zip(op.parameters(), keys, strict=True))
    return b.outputs(b.add(op, read, keys=roles))
