"""Claim 11: GoogLeNet and its Inception modules."""

from __future__ import annotations

from archgraph.analysis import depth
from archgraph.architecture import build
from archgraph.lectures import Answer, Claim, Figure, Row
from archgraph.ops import Linear
from archgraph.tables.table import Column, Table
from archgraph.units import exact_text, spaced_shape

from .looking import in_words, of_kind, published_row, total

__all__ = ["BRANCHING_CLAIMS"]


_WORDS = {
    "AvgPool2d": "average pool",
    "Conv2d": "1×1 convolution",
    "Linear": "fully connected",
}
"""What the layers of an auxiliary classifier are called."""


def _googlenet() -> Answer:
    net, alexnet = build("googlenet"), build("alexnet_two_gpu")
    naive, reduced = build("inception_naive"), build("inception_reduced")
    module = "inception3a"
    concat = f"{module}.concat"
    whole = net.nodes[concat]["shape"]
    branches = [(name, net.nodes[name]["shape"]) for name in net.inputs_of(concat)]
    sources = {
        each
        for name in net
        if name.startswith(f"{module}.")
        for each in net.inputs_of(name)
        if not each.startswith(f"{module}.")
    }
    columns = (Column("branch", "Branch of Inception 3a"), Column("gives", "Gives", "shape"))
    rows = (*branches, ("together, along depth", whole))
    linear = of_kind(net.inference(), Linear)
    heads = sorted({name.split(".")[0] for name in net if net.nodes[name].get("training_only")})
    layers = [
        _WORDS[net.op(name).kind]
        for name in net.topological()
        if name.startswith(f"{heads[0]}.") and net.op(name).kind in _WORDS
    ]
    params = total(net, "params")
    fewer = total(alexnet, "params") / params
    return Answer(
        rows=(
            Row("layers with weights on the longest path", depth(net), 22),
            Row("branches of Inception 3a, all on one input", len(branches)),
            Row("inputs of Inception 3a", len(sources)),
            Row("naive module", total(naive, "macs"), unit="MACs"),
            Row("the same module with reductions", total(reduced, "macs"), unit="MACs"),
            Row("channels given, naive and reduced",
                in_words([str(each.nodes["concat"]["shape"][0]) for each in (naive, reduced)])),
            Row("fully connected layers at inference", len(linear)),
            Row("auxiliary classifiers, in training only", len(heads), 2),
            Row("layers of one", ", ".join(layers)),
            Row("parameters", params, "5 million"),
            Row("times fewer parameters than AlexNet", round(fewer, 1), 12),
            published_row(net, "top-5 error, ensemble", ensemble=True),
        ),
        tables=(Table("", columns, rows),),
        figures=(
            Figure((net,), "GoogLeNet with the inside of Inception 3a", {"open": module}),
            Figure((naive, reduced), "A module, naive and with reductions"),
        ),
        instead=(
            f"“12 times fewer, 5 million” is the paper's claim. Its own table of layers gives "
            f"{exact_text(params)} parameters, {fewer:.1f} times fewer than AlexNet's "
            f"{exact_text(alexnet.total('params'))}; both stand here.",
            f"One module on {spaced_shape(reduced.input_shape)} is often printed with 358 million "
            f"operations; the terms of that slide add up to {exact_text(reduced.total('macs'))}.",
        ),
    )  # fmt: skip


BRANCHING_CLAIMS = (
    Claim(
        "GoogLeNet",
        "22 layers with weights on the longest path. Inception modules run 1×1, 3×3, 5×5 and "
        "pooling branches in parallel on the same input and concatenate along depth; 1×1 "
        "bottlenecks cut channels and cost. There are no large fully connected layers, and two "
        "auxiliary classifiers send gradient into the middle. It has 12 times fewer parameters "
        "than AlexNet, 5 million.",
        ("googlenet",),
        _googlenet,
    ),
)
