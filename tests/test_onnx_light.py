"""Our files against independent ones of the same networks, operator by operator.

The onnx package ships graphs that other people converted from Caffe and Caffe2, without weights
(``onnx/backend/test/data/light``). Both files are read here with onnx alone, walked in step from
the output to the input, and every difference must be one that is listed and explained below.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

import archgraph as ag

LIGHT = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
FILES = sorted(path.name for path in LIGHT.glob("light_*.onnx"))

DEFAULTS = {
    "Conv": {"pads": [0] * 4, "strides": [1, 1], "dilations": [1, 1], "group": 1},
    "MaxPool": {"pads": [0] * 4, "strides": [1, 1], "dilations": [1, 1], "ceil_mode": 0},
    "AveragePool": {"pads": [0] * 4, "strides": [1, 1], "ceil_mode": 0, "count_include_pad": 0},
    "Gemm": {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0},
    "BatchNormalization": {"epsilon": 1e-5},
    "LRN": {"alpha": 1e-4, "beta": 0.75, "bias": 1.0},
}
"""ONNX's own defaults, so that what is left out equals what is written out."""

SAME_THING = {"Sum": "Add", "Reshape": "Flatten"}
"""A sum of two is an Add; where a Reshape stands, it makes rows, which the shapes show."""

WITHOUT_EFFECT = {"Dropout", "Identity"}
"""At inference. Their files keep Dropout; ours leave it out."""


class File:
    """One ONNX file: its nodes by what they make, and the shapes that onnx infers."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.made = {name: node for node in model.graph.node for name in node.output}
        inferred = onnx.shape_inference.infer_shapes(model, strict_mode=True, data_prop=True)
        self.shapes = {
            info.name: tuple(d.dim_value for d in info.type.tensor_type.shape.dim)
            for info in (*inferred.graph.input, *inferred.graph.value_info, *inferred.graph.output)
        }
        self.shapes |= {t.name: tuple(t.dims) for t in model.graph.initializer}
        self.constant = {t.name for t in model.graph.initializer}
        # A file without weights takes them as inputs too; images are 1×3×H×W.
        names = [i.name for i in model.graph.input if self.shapes[i.name][:2] == (1, 3)]
        self.inputs = set(names) - self.constant

    def is_weight(self, name: str) -> bool:
        """Whether a value is stored, or made from what is: their weights are made from shapes."""
        node = self.made.get(name)
        if node is None:
            return name not in self.inputs
        return bool(node.input) and all(self.is_weight(each) for each in node.input)

    def sources(self, name: str) -> list[str]:
        return [each for each in self.made[name].input if not self.is_weight(each)]

    def real(self, name: str) -> str:
        """Step over what does nothing."""
        while name in self.made and self.made[name].op_type in WITHOUT_EFFECT:
            name = self.made[name].input[0]
        return name

    def record(self, name: str) -> dict[str, object]:
        """What an operator is: its kind, settings, the shapes of its weights and its output."""
        node = self.made[name]
        kind = SAME_THING.get(node.op_type, node.op_type)
        found: dict[str, object] = dict(DEFAULTS.get(kind, {}))
        for attribute in node.attribute:
            value = onnx.helper.get_attribute_value(attribute)
            found[attribute.name] = list(value) if isinstance(value, list) else value
        weights = (
            []
            if kind in ("Flatten", "Slice")
            else [self.shapes[each] for each in node.input if self.is_weight(each)]
        )
        return {"kind": kind, **found, "weights": weights, "output": self.shapes[name]}

    def parameters(self) -> int:
        """How many numbers are learned: weights, biases, scales and shifts, no running statistics.

        Densenet and the second Inception hold the latter two as factors and terms of their own.
        """
        read = [
            each
            for node in self.graph.node
            if node.op_type in ("Conv", "Gemm", "BatchNormalization", "Mul", "Add")
            for each in node.input[1:3]
            if self.is_weight(each)
        ]
        return sum(int(np.prod(self.shapes[each])) for each in read)


def theirs(name: str, *, size: int = 224, pads: dict[str, list[int]] | None = None) -> File:
    """Open an independent file, for another image size or with other padding where told."""
    model = onnx.load(LIGHT / f"light_{name}.onnx")
    stored = {tensor.name for tensor in model.graph.initializer}
    for info in model.graph.input:
        dims = info.type.tensor_type.shape.dim
        if info.name not in stored and len(dims) == 4:
            dims[2].dim_value = dims[3].dim_value = size
    for node in model.graph.node:
        for attribute in node.attribute:
            if attribute.name == "pads" and node.output[0] in (pads or {}):
                attribute.ints[:] = pads[node.output[0]]
    return File(model)


def ours(name: str, tmp_path: Path) -> File:
    path = tmp_path / "net.onnx"
    ag.export_onnx(ag.load(name), path, structure_only=True, softmax=True, batch=1)
    return File(onnx.load(path))


def halves(file: File, name: str) -> str | None:
    """Return the LRN of one half where a value joins two halves, each normalised for itself."""
    node = file.made.get(name)
    if node is None or node.op_type != "Concat":
        return None
    parts = [file.made.get(each) for each in node.input]
    if any(part is None or part.op_type != "LRN" for part in parts):
        return None
    cuts = [file.made[part.input[0]] for part in parts if part is not None]
    assert {cut.op_type for cut in cuts} == {"Slice"}
    assert len({cut.input[0] for cut in cuts}) == 1
    return str(node.input[0])


def differences(one: File, other: File) -> set[tuple[str, str, str, str]]:
    """Walk both files in step; return (our node, what, ours, theirs) of all that differs."""
    partner: dict[str, str] = {}
    found = set()
    queue = [(one.graph.output[0].name, other.graph.output[0].name)]
    while queue:
        left, right = map(File.real, (one, other), queue.pop())
        if left in partner:
            assert partner[left] == right, f"{left} is connected otherwise"
            continue
        partner[left] = right
        if left in one.inputs or right in other.inputs:
            assert left in one.inputs
            assert right in other.inputs
            assert one.shapes[left] == other.shapes[right]
            continue
        half = halves(one, left)
        mine, yours = one.record(half or left), other.record(right)
        if half:
            found.add((left, "normalised", "by halves", "as a whole"))
            mine["output"] = one.shapes[left]
        for key in mine.keys() | yours.keys():
            a, b = mine.get(key), yours.get(key)
            if isinstance(a, float) and isinstance(b, float):
                a, b = (float(f"{value:.6g}") for value in (a, b))
            if a != b:
                found.add((left, key, str(a), str(b)))
        before = one.sources(one.made[half].input[0]) if half else one.sources(left)
        after = other.sources(right)
        assert len(before) == len(after), left
        queue += zip(before, after, strict=True)
    assert len(set(partner.values())) == len(partner)
    walked = set(partner) | {each for name in partner for each in _inside(one, name)}
    left_over = [
        node.name
        for node in one.graph.node
        if node.output[0] not in walked and not one.is_weight(node.output[0])
    ]
    assert left_over == []
    return found


def _inside(file: File, name: str) -> Iterator[str]:
    if halves(file, name):
        for each in file.made[name].input:
            yield each
            yield file.made[each].input[0]


def pooled(name: str, kernel: int) -> set[tuple[str, str, str, str]]:
    """Averaging maps of the kernel's size is what GlobalAveragePool says without a kernel."""
    return {
        (name, "kind", "GlobalAveragePool", "AveragePool"),
        (name, "kernel_shape", "None", str([kernel, kernel])),
        (name, "strides", "None", "[1, 1]"),
        (name, "ceil_mode", "None", "0"),
        (name, "count_include_pad", "None", "0"),
    }


def test_vgg19_is_the_same_network(tmp_path):
    mine, other = ours("vgg19", tmp_path), theirs("vgg19")
    assert differences(mine, other) == {("softmax", "axis", "1", "None")}  # 1 was the default then
    assert mine.parameters() == other.parameters() == 143_667_240


def test_resnet50_is_the_same_network(tmp_path):
    # The file is the variant with the stride in the 3×3, not the paper's.
    mine, other = ours("resnet50", tmp_path), theirs("resnet50")
    assert differences(mine, other) == {
        ("softmax", "axis", "1", "None"),
        *pooled("avgpool", 7),
        ("avgpool", "pads", "None", "[0, 0, 0, 0]"),
    }
    assert mine.parameters() == other.parameters() == 25_557_032


def test_resnet50_v1_differs_in_the_place_of_the_stride(tmp_path):
    mine, other = ours("resnet50_v1", tmp_path), theirs("resnet50")
    expected = {
        ("softmax", "axis", "1", "None"),
        *pooled("avgpool", 7),
        ("avgpool", "pads", "None", "[0, 0, 0, 0]"),
    }
    # The paper halves the maps in the first 1×1 of a stage, so the maps between it and the 3×3
    # are a quarter as large.
    for stage, channels, size in ((2, 128, 28), (3, 256, 14), (4, 512, 7)):
        block = f"layer{stage}.0"
        expected |= {
            (f"{block}.conv1", "strides", "[2, 2]", "[1, 1]"),
            (f"{block}.conv2", "strides", "[1, 1]", "[2, 2]"),
        }
        for name in ("conv1", "bn1", "relu1"):
            small, large = ((1, channels, n, n) for n in (size, 2 * size))
            expected.add((f"{block}.{name}", "output", str(small), str(large)))
    assert differences(mine, other) == expected
    assert mine.parameters() == other.parameters() == 25_557_032


def test_googlenet_is_the_same_network_but_for_the_rounding_of_its_pools(tmp_path):
    # The paper's maps are 56, 28, 14, 7: Caffe rounds up. The converter forgot that, so the
    # file's maps are 55, 27, 13, 6, and its last pool pads 6×6 to the 7×7 of its kernel.
    unrounded = theirs("inception_v1")
    wanted = {"maxpool1": 56, "maxpool2": 28, "maxpool3": 14, "maxpool4": 7}
    pools = [
        node.output[0]
        for node in unrounded.graph.node
        if node.op_type == "MaxPool" and list(node.attribute[0].ints) == [2, 2]
    ]
    assert [unrounded.shapes[each][-1] for each in pools] == [55, 27, 13, 6]
    (last,) = [n.output[0] for n in unrounded.graph.node if n.op_type == "AveragePool"]
    assert unrounded.record(last)["pads"] == [0, 0, 1, 1]
    rounded = {name: [0, 0, 1, 1] for name in pools} | {last: [0, 0, 0, 0]}
    mine, other = ours("googlenet", tmp_path), theirs("inception_v1", pads=rounded)
    assert [mine.shapes[name][-1] for name in wanted] == list(wanted.values())
    assert differences(mine, other) == {
        ("softmax", "axis", "1", "None"),
        *pooled("avgpool", 7),
        ("avgpool", "pads", "None", "[0, 0, 0, 0]"),
    }
    assert mine.parameters() == other.parameters() == 6_998_552


def test_alexnet_is_the_same_network_but_for_its_normalisation(tmp_path):
    # The file takes 224×224; the paper's 55×55 maps need 227×227.
    unchanged = theirs("bvlc_alexnet")
    first = next(node.output[0] for node in unchanged.graph.node if node.op_type == "Conv")
    assert unchanged.shapes[first] == (1, 96, 54, 54)
    mine, other = ours("alexnet_grouped", tmp_path), theirs("bvlc_alexnet", size=227)
    expected = {("softmax", "axis", "1", "None")}
    for number in (1, 2):
        # The paper: k = 2, α = 10⁻⁴ not divided by n = 5, and each GPU sees its own maps only.
        name = f"norm{number}.concat"
        expected |= {
            (name, "normalised", "by halves", "as a whole"),
            (name, "alpha", "0.0005", "0.0001"),
            (name, "bias", "2.0", "1.0"),
        }
    # What rounds up 12 to 6 at 224×224 has no effect on 13 maps.
    expected.add(("pool5", "pads", "[0, 0, 0, 0]", "[0, 0, 1, 1]"))
    assert differences(mine, other) == expected
    assert mine.parameters() == other.parameters() == 60_965_224


@pytest.mark.parametrize("file", FILES)
def test_loading_an_independent_file_gives_the_shapes_that_onnxruntime_computes(file, tmp_path):
    net = ag.load(LIGHT / file)
    model = onnx.load(LIGHT / file)
    stored = {tensor.name for tensor in model.graph.initializer}
    weights = File(model)
    made = [node.output[0] for node in model.graph.node if not weights.is_weight(node.output[0])]
    del model.graph.output[:]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in made)
    onnx.save(model, tmp_path / "open.onnx")
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = 4
    session = onnxruntime.InferenceSession(
        str(tmp_path / "open.onnx"), settings, providers=["CPUExecutionProvider"]
    )
    feeds = {
        each.name: np.ones(each.shape, np.float32)
        for each in session.get_inputs()
        if each.name not in stored
    }
    computed = [tuple(result.shape[1:]) for result in session.run(None, feeds)]
    found = [net.nodes[name]["shape"] for name in net if name not in net.sources]
    assert found == computed
    assert net.total("params") == weights.parameters()
