"""Source of modules and files that others bring: it reads as theirs and computes the same."""

from __future__ import annotations

import ast
import math

import onnxruntime
import pytest
import torch
from torch import nn
from torch.nn import functional
from written_source import formatted, made_from

import archgraph as ag
from archgraph.cli.main import main
from archgraph.errors import ExportError
from archgraph.exporters.source import source
from archgraph.exporters.source.save_weights import state_of
from archgraph.ops import OPS


class BasicBlock(nn.Module):
    def __init__(self, before, after, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(before, after, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(after)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(after, after, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(after)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after)
            )

    def forward(self, x):
        out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(out + (x if self.downsample is None else self.downsample(x)))


class SmallResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, padding=1)
        self.layer1 = nn.Sequential(BasicBlock(8, 8), BasicBlock(8, 8))
        self.layer2 = nn.Sequential(BasicBlock(8, 16, 2), BasicBlock(16, 16))
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.layer2(self.layer1(functional.max_pool2d(functional.relu(self.conv1(x)), 2)))
        return self.fc(functional.adaptive_avg_pool2d(x, 1).flatten(1))


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.v_proj, self.o_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.heads = heads

    def forward(self, x):
        shape = (x.shape[0], x.shape[1], self.heads, -1)
        query, key, value = (
            layer(x).view(shape).transpose(1, 2)
            for layer in (self.q_proj, self.k_proj, self.v_proj)
        )
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).tril()
        weights = (query @ key.transpose(2, 3) / math.sqrt(query.shape[-1])).masked_fill(
            ~mask, -1e9
        )
        x = weights.softmax(-1) @ value
        return self.o_proj(x.transpose(1, 2).reshape(x.shape[0], -1, self.heads * x.shape[-1]))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(width), Attention(width, 4)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(0.0), nn.Linear(2 * width, width)
        )

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([Block(32) for _ in range(3)])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(50, 32), nn.Embedding(16, 32)
        self.encoder = Encoder()
        self.head = nn.Linear(32, 50, bias=False)
        self.head.weight = self.wte.weight

    def forward(self, tokens):
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        return self.head(self.encoder(x))


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 16)
        self.encoder = nn.LSTM(16, 24, batch_first=True, bidirectional=True)
        self.classifier = nn.Linear(48, 5)

    def forward(self, tokens):
        _, (hidden, _) = self.encoder(self.embedding(tokens))
        return self.classifier(torch.cat([hidden[-2], hidden[-1]], dim=1))


CASES = {
    "convolutions": (SmallResNet, lambda: torch.randn(2, 3, 16, 16)),
    "language": (Language, lambda: torch.randint(0, 50, (2, 12))),
    "recurrent": (Tagger, lambda: torch.randint(0, 50, (2, 7))),
    "encoder": (
        lambda: nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 2),
        lambda: torch.randn(2, 5, 16),
    ),
}


@pytest.fixture(params=CASES)
def case(request):
    """One module, what it is called with, its network, the written text and what that makes."""
    make, example = CASES[request.param]
    torch.manual_seed(3)
    module, x = make().eval(), example()
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.uniform_(layer.running_mean)
            nn.init.uniform_(layer.weight, 0.5, 1.5)
    text = source(ag.load(module, example=x))
    return module, x, text, made_from(text).eval()


def test_it_takes_the_modules_state_and_gives_its_results(case):
    module, x, _, written = case
    written.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x), rtol=1e-4, atol=1e-4)


def test_submodules_have_the_modules_names_and_classes(case):
    module, _, _, written = case
    theirs = {path: type(each).__name__ for path, each in module.named_modules() if path}
    ours = {path: type(each).__name__ for path, each in written.named_modules() if path}
    # What does nothing may be left out, or be the identity.
    silent = ("Identity", "Dropout", "NonDynamicallyQuantizableLinear")
    for path, kind in theirs.items():
        if kind not in silent:
            assert ours[path].rstrip("0123456789") == kind.rstrip("0123456789"), path
    assert type(written).__name__ == type(module).__name__


def test_no_variable_is_named_after_an_operator(case):
    words = {kind.lower() for kind in OPS} | {"slice", "view", "cat", "unbind", "chunk"}
    _, _, text, _ = case
    assigned = {
        node.id
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    assert not {name.rstrip("0123456789_") for name in assigned} & words


def test_it_is_formatted(case, tmp_path):
    (tmp_path / "net.py").write_text(case[2])
    formatted(tmp_path)


def test_a_list_of_like_blocks_is_one_class_and_a_loop():
    text = source(ag.load(Language().eval(), example=torch.zeros(2, 12, dtype=torch.int64)))
    assert "self.layers = nn.ModuleList([Block() for _ in range(3)])" in text
    assert "        for layer in self.layers:\n            x = layer(x)\n" in text
    assert text.count("class Block(") == 1
    assert "query = self.q_proj(x).unflatten(2, (4, 8)).transpose(1, 2)\n" in text
    assert "self.head.weight = self.wte.weight\n" in text


def test_functions_stay_functions():
    text = source(ag.load(SmallResNet().eval(), input=(3, 16, 16)))
    assert "F.max_pool2d(" in text
    assert "F.adaptive_avg_pool2d(" in text
    assert "nn.MaxPool2d" not in text


@pytest.mark.parametrize("newer", [True, False])
def test_files_of_torchs_exporters_read_as_their_modules(newer, tmp_path):
    torch.manual_seed(3)
    module, x = SmallResNet().eval(), torch.randn(2, 3, 16, 16)
    file = tmp_path / "net.onnx"
    torch.onnx.export(module, (x,), file, dynamo=newer, verbose=False)
    net = ag.load(file)
    text = source(net)
    assert "self.layer2 = nn.Sequential(\n            BasicBlock(8, 16, stride=2)," in text
    assert text.count("(nn.Module)") == 2
    written = made_from(text).eval()
    written.load_state_dict(state_of(net), strict=True)
    theirs = module.state_dict()
    for key, tensor in written.state_dict().items():
        if key.endswith("weight"):
            assert tensor.shape == theirs[key].shape
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    wanted = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    with torch.no_grad():
        torch.testing.assert_close(written(x), torch.from_numpy(wanted), rtol=1e-4, atol=1e-4)


class Gate(nn.Module):
    def __init__(self, width, hidden):
        super().__init__()
        self.reduce, self.expand = nn.Conv2d(width, hidden, 1), nn.Conv2d(hidden, width, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.expand(torch.relu(self.reduce(x.mean((2, 3), True)))))


class Gated(nn.Module):
    def __init__(self, width, kernel, hidden):
        super().__init__()
        self.conv = nn.Conv2d(width, width, kernel, padding=kernel // 2)
        self.gate = Gate(width, hidden) if hidden else None

    def forward(self, x):
        x = self.conv(x)
        return x if self.gate is None else self.gate(x)


def test_a_part_that_only_some_have_needs_no_parameter_before_what_must_be_said():
    torch.manual_seed(3)
    module = nn.Sequential(Gated(8, 3, 0), Gated(8, 5, 3), Gated(8, 5, 5)).eval()
    x = torch.randn(2, 8, 6, 6)
    text = source(ag.load(module, example=x))
    assert "kernel_size: int" in text
    written = made_from(text).eval()
    written.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x))


# ---- weights ----------------------------------------------------------------------------


class Scaled(nn.Embedding):
    def forward(self, tokens):
        return super().forward(tokens) * 1.5


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.shared = nn.Embedding(20, 8)
        self.sides = nn.ModuleList([Scaled(20, 8), Scaled(20, 8)])
        for side in self.sides:
            side.weight = self.shared.weight

    def forward(self, tokens):
        return self.sides[0](tokens) + self.sides[1](tokens.flip(1))


class Halved(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.scale = nn.Conv2d(3, 4, 3), nn.Parameter(torch.tensor([0.5, 1.5]))
        self.to(torch.bfloat16)

    def forward(self, x):
        return self.conv(x) * self.scale


class Ones(nn.Module):
    def forward(self, x):
        return torch.cat([x, torch.tensor(1.0).expand(x.shape[0], 2)], 1)


@pytest.mark.parametrize(
    ("module", "x", "line"),
    [
        (
            Tied(),
            torch.randint(0, 20, (2, 5)),
            'self.get_submodule("sides.0").weight = self.shared.weight',
        ),
        (Halved(), torch.randn(2, 3, 4, 4).bfloat16(), "self.to(torch.bfloat16)"),
        (Ones(), torch.randn(2, 3), "torch.full((batch, 2), 1.0, dtype=torch.float32, device"),
    ],
)
def test_weights_are_tied_and_typed_as_the_modules(module, x, line):
    text = source(ag.load(module.eval(), example=x))
    assert line in text
    written = made_from(text).eval()
    written.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x))


# ---- constants ---------------------------------------------------------------------------


def _rotary():
    frequencies = 10000.0 ** (-torch.arange(0, 8, 2) / 8)
    return torch.outer(torch.arange(12.0), frequencies).repeat(1, 2).cos()[None, None]


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (torch.arange(200)[None], "torch.arange(200)"),
        (torch.ones(20, 20, dtype=torch.bool).tril(), ".tril()"),
        (torch.full((20, 20), -math.inf).triu(1), ".triu(1)"),
        (torch.full((9, 20), 0.5), "torch.full((9, 20), 0.5)"),
        (_rotary(), "rotary_angles(12, 8).cos()"),
        (torch.arange(90).reshape(9, 10) % 7, "[0, 1, 2, 3, 4, 5, 6, 0, 1, 2]"),
        (torch.eye(60) * 3.5, "unpacked("),
    ],
)
def test_what_a_module_computes_by_itself_is_in_no_state_dict(table, word):
    class Adding(nn.Module):
        def __init__(self):
            super().__init__()
            self.scale = nn.Parameter(torch.tensor([2.0]))

        def forward(self, x):
            return (x * self.scale).reshape(-1, 1, 1, 1, 1) + table.clone()

    module, x = Adding().eval(), torch.randn(2, 1)
    text = source(ag.load(module, example=x))
    assert word in text
    written = made_from(text)
    written.load_state_dict(module.state_dict(), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x), rtol=1e-5, atol=1e-5)


# ---- the checkpoint ----------------------------------------------------------------------


def test_weights_are_written_beside_the_source(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(3)
    module, x = Tagger().eval(), torch.randint(0, 50, (2, 7))
    ag.export(module, "net.py", example=x, checkpoint="net.safetensors")
    from safetensors.torch import load_file

    written = made_from((tmp_path / "net.py").read_text()).eval()
    written.load_state_dict(load_file("net.safetensors"), strict=True)
    with torch.no_grad():
        torch.testing.assert_close(written(x), module(x))
    assert main(["export", "lenet5", "-o", "lenet.py", "--checkpoint", "lenet.pth"]) == 0
    assert "random weights, seed 0" in capsys.readouterr().err
    lenet = made_from((tmp_path / "lenet.py").read_text())
    lenet.load_state_dict(torch.load("lenet.pth", weights_only=True), strict=True)


@pytest.mark.parametrize("name", ["net.txt", "missing/net.pth"])
def test_source_and_weights_are_written_both_or_neither(name, tmp_path, capsys):
    asked = ["export", "lenet5", "-o", str(tmp_path / "l.py"), "--checkpoint", str(tmp_path / name)]
    assert main(asked) == 1
    assert name in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_written_is_refused_by_name(tmp_path):
    class Odd(nn.Module):
        def forward(self, x):
            return torch.special.erfcx(x)

    with pytest.raises(ExportError, match="erfcx"):
        ag.export(Odd(), tmp_path / "odd.py", input=(3,))
    assert list(tmp_path.iterdir()) == []
