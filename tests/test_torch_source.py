"""PyTorch source: it runs without archgraph, computes the same, and reads as written by hand."""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_of_each import networks, own_operators
from random_graphs import fed, graphs
from torch import nn

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import ExportError
from archgraph.exporters.source import source
from archgraph.exporters.source.attributes import hides

RUN = [
    *("lenet5", "resnet20_cifar", "resnet20_cifar_b", "plain20_cifar", "resnet18", "resnet50_v1"),
    *("inception_naive", "inception_reduced", "googlenet", "googlenet_bn"),
]
"""Networks small enough to run here; every other one has the structure of one of these."""

common = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(autouse=True)
def one_thread():
    """Small tensors are slower on several threads, and by much where the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def made_from(text: str) -> nn.Module:
    """Run a file's text as a module of its own; return an instance of its last class."""
    module = ModuleType("written")
    exec(compile(text, "written.py", "exec"), module.__dict__)
    classes = [
        found
        for found in vars(module).values()
        if isinstance(found, type)
        and issubclass(found, nn.Module)
        and found.__module__ == "written"
    ]
    made: nn.Module = classes[-1]()
    return made


def shapes(module: nn.Module) -> dict[str, tuple[int, ...]]:
    return {key: tuple(value.shape) for key, value in module.state_dict().items()}


def assert_computes_the_same(net: ag.ArchGraph, *modes: bool) -> str:
    """Compare with archgraph's own module on one input, dropout off; return the text.

    ``modes``: in training (True), at inference (False), or both where none is given.
    """
    text = source(net)
    wanted, written = ag.to_torch(net, seed=1), made_from(text)
    assert shapes(written) == shapes(wanted)
    written.load_state_dict(wanted.state_dict())
    for layer in (*wanted.modules(), *written.modules()):
        if isinstance(layer, nn.Dropout):
            layer.p = 0.0
    inputs = fed(net, 2)
    for training in modes or (False, True):
        results = []
        for module in (wanted, written):
            module.train(training)
            with torch.no_grad():
                result = module(*inputs)
            results.append(result if isinstance(result, tuple) else (result,))
        assert len(results[0]) == len(results[1])
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-4, equal_nan=True)
    return text


def formatted(folder: Path) -> None:
    """Check all files of a folder with ruff's default rules and format."""
    for command in (["check"], ["format", "--check"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", "--quiet", str(folder)],
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr


# ---- the gallery -------------------------------------------------------------------------


@pytest.fixture(params=ag.architectures(), scope="module")
def net(request) -> ag.ArchGraph:
    return ag.load(request.param)


def test_keys_and_shapes_are_those_of_the_module_in_its_order(net):
    with torch.device("meta"):
        written = made_from(source(net))
    assert list(shapes(written).items()) == list(shapes(ag.to_torch(net, seed=None)).items())


def test_shapes_flow_through_every_network(net):
    with torch.device("meta"):
        written = made_from(source(net)).eval()
        result = written(torch.empty(2, *net.input_shape))
    assert result.shape == (2, *net.nodes[net.outputs[0]]["shape"])


@pytest.mark.parametrize("name", RUN)
def test_outputs_are_those_of_the_module(name):
    smaller = {"input": (3, 64, 64)} if name.startswith(("resnet18", "resnet50")) else {}
    assert_computes_the_same(ag.load(name, **smaller))


def test_the_two_gpu_network_computes_what_its_graph_says():
    assert_computes_the_same(ag.load("alexnet_two_gpu"), False)


@pytest.mark.parametrize(
    "path",
    [
        "resnet50/layer1.0",
        "resnet18/layer2",
        "resnet20_cifar/layer3.0",
        "googlenet/inception3a",
        "googlenet/inception5",
        "googlenet_bn/inception4e.branch2",
        "alexnet_two_gpu/conv3.lane0",
        "alexnet_grouped/norm1",
    ],
)
def test_modules_are_written_alone(path):
    assert_computes_the_same(ag.load(path), False)


def test_a_head_alone_is_a_network_of_its_own():
    text = assert_computes_the_same(ag.load("googlenet/aux2"), True)
    assert "self.training" not in text


def test_training_returns_the_heads_under_their_names():
    written = made_from(source(ag.load("googlenet")))
    x = torch.zeros(2, 3, 64, 64)
    assert written.eval()(x).shape == (2, 1000)
    with torch.device("meta"):
        trained = made_from(source(ag.load("googlenet"))).train()
        result = trained(torch.empty(2, 3, 224, 224))
    assert result._fields == ("logits", "aux_logits1", "aux_logits2")


def test_every_file_is_formatted_lint_free_and_narrow(tmp_path):
    for name in ag.architectures():
        text = source(ag.load(name))
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
    formatted(tmp_path)


@pytest.mark.parametrize(
    ("name", "most"),
    [("resnet152", 100), ("alexnet", 60), ("googlenet_bn", 150), ("alexnet_two_gpu", 110)],
)
def test_files_are_as_long_as_those_that_people_write(name, most):
    assert len(source(ag.load(name)).splitlines()) <= most


def test_the_docstring_cites_the_paper_and_the_totals():
    text = " ".join((ast.get_docstring(ast.parse(source(ag.load("resnet50")))) or "").split())
    assert "Deep residual learning for image recognition" in text
    assert "arXiv:1512.03385" in text
    assert "25,557,032 parameters" in text
    assert "4,089,184,256 multiply-adds" in text


def test_files_import_nothing_but_torch(net):
    for node in ast.walk(ast.parse(source(net))):
        if isinstance(node, ast.Import):
            assert all(alias.name.startswith("torch") for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.module in ("torch", "typing")


def test_blocks_share_a_class_with_the_parameters_of_the_literature():
    tree = ast.parse(source(ag.load("resnet50")))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    assert list(classes) == ["Bottleneck", "ResNet50"]
    begin = classes["Bottleneck"].body[0]
    assert isinstance(begin, ast.FunctionDef)
    assert [arg.arg for arg in begin.args.args] == ["self", "in_channels", "width", "stride"]
    assert "if stride != 1 or in_channels != 4 * width:" in source(ag.load("resnet50"))


def test_another_number_of_classes_changes_the_last_layers_alone():
    module = ModuleType("written")
    exec(source(ag.load("googlenet")), module.__dict__)
    with torch.device("meta"):
        found = shapes(module.GoogLeNet(num_classes=7))
        whole = shapes(module.GoogLeNet())
    changed = {key for key in whole if found[key] != whole[key]}
    heads = ("fc", "aux1.fc2", "aux2.fc2")
    assert changed == {f"{head}.{part}" for head in heads for part in ("weight", "bias")}


# ---- users' graphs -----------------------------------------------------------------------


@st.composite
def residual_stacks(draw) -> ag.ArchGraph:
    """Draw blocks that are alike in part: other widths, kernels, norms, shortcuts."""
    b = ag.Builder("stack", input=(draw(st.integers(1, 4)), 6, 6))
    x = b.input
    widths = st.sampled_from([2, 4, 8])
    for number in range(draw(st.integers(1, 5))):
        path = draw(
            st.sampled_from([f"layer.{number}", f"b{number}", f"pair{number // 2}.n{number}"])
        )
        with b.scope(path):
            kernel = draw(st.sampled_from([1, 3]))
            y = b.conv("conv1", x, draw(widths), kernel, padding=kernel // 2)
            if draw(st.booleans()):
                y = b.batch_norm("bn1", y)
            y = b.conv("conv2", b.relu("relu1", y), draw(widths), 3, padding=1)
            if b.shape(y) != b.shape(x):
                with b.scope("down"):
                    x = b.batch_norm("1", b.conv("0", x, b.shape(y)[0], 1))
            x = b.sum("add", y, x)
            if draw(st.booleans()):
                x = b.relu("relu2", x)
    outputs = [b.linear("fc", b.flatten("flat", x), draw(st.integers(1, 4)))]
    if draw(st.booleans()):
        with b.scope("aux", training_only=True):
            outputs.append(b.relu("relu", b.conv("conv", x, 3, 1)))
    return b.build(*outputs)


@pytest.mark.parametrize(
    ("drawn", "modes"),
    [(graphs(), (False,)), (residual_stacks(), (False, True))],
    ids=["graphs", "stacks"],
)
def test_random_graphs_compute_the_same_in_formatted_files(drawn, modes, tmp_path):
    written = []

    @common
    @given(drawn)
    def check(net):
        written.append(assert_computes_the_same(net, *modes))
        assert source(net) == written[-1]

    check()
    for number, text in enumerate(written):
        (tmp_path / f"n{number}.py").write_text(text, encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
    formatted(tmp_path)


def test_what_no_output_depends_on_is_stored_but_not_computed():
    b = ag.Builder("partly dead", input=(3, 8, 8))
    x = b.conv("block.conv", b.input, 4, 3, padding=1)
    head = b.relu("relu", x, training_only=True)
    b.conv("block.unread", head, 2, 1, training_only=True)
    y = b.batch_norm("bn", x)
    text = assert_computes_the_same(b.build(y, head))
    assert text.count("unread") == 1


def test_layers_of_several_gpus_are_variables_of_their_names():
    text = source(ag.load("alexnet_two_gpu"))
    assert 'gpu1 = F.relu(self.conv2["gpu1"](gpu1))' in text
    assert text.count("torch.cat([gpu0, gpu1], dim=1)") == 4


def test_halves_are_cut_by_chunk():
    assert "first, second = x.chunk(2, dim=1)" in source(ag.load("alexnet_grouped"))


def test_several_main_outputs_come_before_the_heads():
    b = ag.Builder("several", input=(3, 8, 8))
    head = b.conv("head", b.input, 4, 1, training_only=True)
    one, two = b.conv("one", b.input, 2, 1), b.conv("two", b.input, 5, 3)
    assert_computes_the_same(b.build(head, one, two))


def test_every_operator_has_its_source():
    written = set()
    for kind, net in networks():
        assert_computes_the_same(net, False)
        written.add(kind)
    # An input is given, an opaque operator unknown.
    assert set(own_operators()) - written == {ops.Input, ops.Opaque}


def test_a_module_that_runs_again_is_made_once():
    net = ag.ArchGraph(name="twins")
    ends = []
    for number, path in enumerate(("backbone", "backbone@2")):
        x = net.add(f"x{number}", ops.Input((3, 8, 8)))
        x = net.add(f"{path}.conv", ops.Conv2d(3, 4, 3), [x])
        y = net.add(f"{path}.pool", ops.GlobalAvgPool2d(), [x])
        ends.append(net.add(f"{path}.scale", ops.Mul(), [x, y]))
    net.add("join", ops.Concat(), ends)
    net.set_outputs("join")
    text = assert_computes_the_same(net)
    assert text.count("self.backbone = ") == 1
    assert text.count("self.backbone(") == 2


# ---- hostile words -----------------------------------------------------------------------

HOSTILE = [
    'conv"""\nimport os\nraise SystemExit("owned")\n"""',
    "'''); raise SystemExit('owned') #",
    '"); raise SystemExit("owned") #',
    "\\",
    'ends in a quote"',
    "\\N{BULLET}\\x41\\",
    "{raise_}%s\x00\x07\u202e\ud800",
    "def class lambda",
    "日本語 ñ ﬁ",
    "x" * 500,
    "",
]


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_words_stay_text(word, tmp_path, monkeypatch):
    b = ag.Builder(word, input=(3, 8, 8), title=word, summary=word, paper={"title": word})
    x = b.input
    for number in range(3):
        with b.scope(f"block{number}"):
            y = b.conv("conv1", x, 4 + number, 3, padding=1, label=word)
            x = b.conv("conv2", b.relu("relu", y, label=word), 5 + number, 1, label=word)
    b.net.define_group(word, "stage", word)
    net = b.build(b.linear("fc", b.flatten("flat", x, label=word), 2))
    monkeypatch.setattr(builtins, "print", lambda *_: pytest.fail("code ran"))
    text = assert_computes_the_same(net)
    assert text.replace("\n", "").isprintable()
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    formatted(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "conv-1",
        "0",
        "class",
        "__conv",
        "ﬁ",
        "日本",
        'a"b',
        "a'b",
        "a\\b",
        '"+self+"',
        "self",
        "F",
        "torch",
        "nn",
        "x",
        "None",
    ],
)
def test_any_name_that_a_module_can_bear_keeps_its_key(name, tmp_path):
    b = ag.Builder("net", input=(3, 8, 8))
    x = b.conv(name, b.input, 4, 3)
    y = b.conv(f"group.{name}", x, 4, 1)
    z = b.conv(f"group.other.{name}", x, 4, 1)
    w = b.conv(f"block.{name}", b.sum("block.sum", y, z), 2, 1)
    net = b.build(b.sum("all", w), y)
    text = assert_computes_the_same(net)
    (tmp_path / "net.py").write_text(text, encoding="utf-8")
    formatted(tmp_path)


@pytest.mark.parametrize("name", ["type", "forward", "_parameters", "__init__", "group.keys"])
def test_a_name_that_would_hide_an_attribute_is_refused(name):
    b = ag.Builder("net", input=(3, 8, 8))
    x = b.conv(name, b.input, 4, 3)
    net = b.build(x, b.conv("group.other", x, 4, 1))
    with pytest.raises(ExportError, match=r"rename the node\.$"):
        source(net)


def test_modules_nested_without_end_are_refused():
    b = ag.Builder("deep", input=(3, 8, 8))
    assert_computes_the_same(b.build(b.conv("a." * 40 + "conv", b.input, 4, 3)))
    with pytest.raises(ExportError, match="100 modules deep"):
        source(b.build(b.conv("b." * 100 + "conv", b.input, 4, 3)))


def test_the_attributes_are_those_of_torch():
    # In a fresh process: some packages give modules attributes of their own.
    code = "from torch import nn; print(*dir(nn.Module())); print(*dir(nn.ModuleDict()))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    of_module, of_dict = map(str.split, done.stdout.splitlines())
    assert len(of_module) > 50
    assert [word for word in of_module if not hides(word)] == []
    assert [word for word in of_dict if not hides(word, in_dict=True)] == []


def test_an_unknown_operator_is_refused_in_one_sentence(tmp_path, capsys):
    net = ag.ArchGraph(name="odd")
    x = net.add("input", ops.Input((3, 8, 8)))
    net.add("strange", ops.Opaque("Attention", (3, 8, 8)), [x])
    file = net.save(tmp_path / "odd.json")
    assert main(["export", str(file), "-o", str(tmp_path / "odd.py")]) == 1
    said = capsys.readouterr().err
    assert "'strange'" in said
    assert "'Attention'" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "odd.py").exists()


# ---- the command -------------------------------------------------------------------------


def test_the_command_writes_a_file_that_runs_without_archgraph(tmp_path):
    file = tmp_path / "resnet20.py"
    assert main(["export", "resnet20_cifar", "-o", str(file)]) == 0
    code = (
        "import sys; sys.modules['archgraph'] = None\n"
        "import torch, resnet20\n"
        "print(tuple(resnet20.ResNet20ForCIFAR10().eval()(torch.zeros(1, 3, 32, 32)).shape))\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout.strip() == "(1, 10)", ran.stderr


def test_options_of_other_formats_are_refused(tmp_path, capsys):
    file = tmp_path / "net.py"
    assert main(["export", "lenet5", "-o", str(file), "--opset", "18"]) == 1
    assert "--opset" in capsys.readouterr().err
    assert not file.exists()


def test_writing_needs_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import archgraph as ag\n"
        "from archgraph.exporters.source import source\n"
        "print(len(source(ag.load('resnet18'))) > 1000)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.stdout.strip() == "True", ran.stderr
