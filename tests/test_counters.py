"""What other tools count is explained by rules to the last multiply-add, on small networks."""

import importlib
import json
import os
import re
import signal
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import flop_registry

import archgraph as ag
from archgraph.answers.peers.apart import COPIES, apart
from archgraph.answers.peers.counted_parts import held_part, known_parts
from archgraph.answers.peers.marking import marks_of
from archgraph.answers.peers.rules import explained
from archgraph.answers.peers.tools import TOOLS, Tool, tools_named
from archgraph.cli import main
from archgraph.errors import MissingDependencyError

NAMES = [tool.name for tool in TOOLS]
NETWORKS = pytest.importorskip("bench.counters.networks", reason="not in a checkout").NETWORKS
PAGE = Path(__file__).parents[1] / "docs" / "attention.md"


class Heads(nn.Module):
    """Torch's own attention in a block, as torchvision's ViT has it."""

    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(32)
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)
        self.mlp = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))

    def forward(self, x):
        y = self.norm(x)
        return x + self.mlp(self.attention(y, y, y, need_weights=False)[0])


class Vit(nn.Module):
    """Patches, two blocks, a head."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 32, 4, 4)
        self.blocks = nn.Sequential(Heads(), Heads())
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        return self.head(self.blocks(self.patches(x).flatten(2).transpose(1, 2)).mean(1))


class Written(nn.Module):
    """Attention of words by separate layers: in one call, or written out with F.linear, softmax."""

    def __init__(self, fused):
        super().__init__()
        self.fused = fused
        self.words = nn.Embedding(50, 32)
        self.qkv, self.out = nn.Linear(32, 96, bias=False), nn.Linear(32, 32)
        self.norm = nn.LayerNorm(32, elementwise_affine=False)

    def forward(self, x):
        x = self.norm(self.words(x))
        qkv = self.qkv(x) if self.fused else functional.linear(x, self.qkv.weight)
        q, k, v = qkv.unflatten(-1, (3, 4, 8)).permute(2, 0, 3, 1, 4).unbind(0)
        if self.fused:
            y = functional.scaled_dot_product_attention(q, k, v)
        else:
            scores = q.matmul(k.transpose(-2, -1)) / 8**0.5
            y = functional.softmax(scores, dim=-1).matmul(v)
        return self.out(y.transpose(1, 2).flatten(2))


def convolutions():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, groups=1),
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, groups=4, bias=False),
        nn.GroupNorm(2, 8),
        nn.SiLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 5),
    )


class Product(nn.Module):
    """A product of what was computed with itself, and softmax as a module."""

    def __init__(self):
        super().__init__()
        self.fc, self.softmax = nn.Linear(6, 4), nn.Softmax(-1)

    def forward(self, x):
        y = self.fc(x)
        return self.softmax(torch.matmul(y, y.transpose(1, 2)))


def wider():
    return nn.Sequential(
        nn.ConvTranspose2d(3, 8, 3, stride=2, padding=1, groups=1),
        nn.PReLU(),
        nn.Upsample(scale_factor=2),
        nn.InstanceNorm2d(8, affine=True),
        nn.Upsample(scale_factor=2, mode="bilinear"),
    )


class Odd(nn.Module):
    """A layer that multiplies by itself, one product by einsum, a cell, a grid."""

    def __init__(self):
        super().__init__()
        self.own = Own()
        self.cell = nn.GRUCell(24, 16)
        self.heads = nn.Conv2d(3, 4, 1)

    def forward(self, x):
        maps = self.heads(x)
        place = torch.eye(2, 3, device=x.device)[None]
        grid = functional.affine_grid(place, (1, 4, 21, 24), align_corners=False)
        rows = functional.grid_sample(maps, grid, align_corners=False)[:, 0]
        rows = torch.einsum("bij,bkj->bik", self.own(rows), rows)
        return self.cell(functional.pad(rows[:, 0], (0, 3)))


class Own(nn.Module):
    """x · weightᵀ, without nn.Linear."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(24, 24))

    def forward(self, x):
        return x @ self.weight.T


CASES = {
    "odd": (Odd, lambda: torch.randn(1, 3, 19, 17)),
    "vit": (Vit, lambda: torch.randn(1, 3, 16, 16)),
    "fused": (lambda: Written(fused=True), lambda: torch.randint(0, 50, (1, 12))),
    "written out": (lambda: Written(fused=False), lambda: torch.randint(0, 50, (1, 12))),
    "LSTM": (lambda: nn.LSTM(6, 8, num_layers=2, batch_first=True), lambda: torch.randn(1, 5, 6)),
    "GRU": (lambda: nn.GRU(6, 8, batch_first=True), lambda: torch.randn(1, 5, 6)),
    "wider": (wider, lambda: torch.randn(1, 3, 8, 8)),
    "product": (Product, lambda: torch.randn(1, 5, 6)),
    "convolutions": (convolutions, lambda: torch.randn(1, 3, 16, 16)),
}


UNEXPLAINED = {
    ("onnx-tool", "LSTM"),
    ("onnx-tool", "GRU"),
    ("onnx-tool", "wider"),
    ("ptflops", "wider"),
    ("ptflops-aten", "GRU"),
    ("ptflops", "odd"),
    ("ptflops-aten", "odd"),
    ("calflops", "odd"),
    ("onnx-tool", "odd"),
}
"""What of these tools no rule explains, and is shown as such."""


@pytest.fixture(scope="module")
def asked():
    """What every tool says of every case, each asked when it is first wanted."""
    found = {}

    def ask(case, tool):
        if (case, tool.name) not in found:
            if tool.version is None:
                pytest.skip(f"{tool.package} is not installed")
            make, example = CASES[case]
            torch.manual_seed(0)
            net = ag.load(make().eval(), example=example())
            found[case, tool.name] = ag.counters(net, tools=[tool.name])
        return found[case, tool.name]

    return ask


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_rules_leave_nothing_unexplained(tool, case, asked):
    found = asked(case, tool)
    said = found[tool.name]
    if tool.of_file and said.failed:
        pytest.skip(said.failed)
    assert not said.failed
    assert said.reports == tool.per_mac * said.macs
    assert said.macs == found.macs + sum(said.because.values()) + said.remainder
    if (tool.name, case) not in UNEXPLAINED:
        assert said.remainder == 0


def test_the_rules_are_not_idle():
    """Each of them is what some network of these is explained with, or of the page."""
    found = set()
    text = PAGE.read_text("utf-8")
    for make, example in CASES.values():
        net = ag.load(make().eval(), example=example())
        marks, runs = marks_of(net, *net.provenance.call(1))
        marked = known_parts(net, marks)[0]
        marked += [held_part(run.module, run.gives, (run.exact, run.alike)) for run in runs]
        for parts in (known_parts(net)[0], marked):
            for tool in TOOLS:
                found |= set(explained(parts, tool.rules))
    elsewhere = {"layers omitted whose kernels it does not know"}  # the test below
    for tool in TOOLS:
        for rule in tool.rules:
            assert rule.words in found | elsewhere or rule.words in text, rule.words


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_quantised_layer_is_no_kernel_on_the_list():
    module = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Conv1d(4, 6, 1))
    made = torch.ao.quantization.quantize_dynamic(module, {nn.Linear}, torch.qint8)
    found = ag.counters(made, example=torch.randn(1, 4, 8), tools=["torch-math"])["torch-math"]
    assert found.because == {"layers omitted whose kernels it does not know": -4 * 4 * 8}
    assert found.remainder == 0


@pytest.mark.parametrize("name", ["resnet20_cifar", "lenet5", "inception_reduced"])
def test_a_network_of_the_gallery_is_asked_about_as_the_module_that_it_makes(name):
    found = ag.counters(name, tools=["torch-math", "fvcore", "thop", "torchinfo"])
    assert [each.remainder for each in found if not each.failed] == [0] * len(found.counts)
    assert found.macs == ag.load(name).total("macs")


# ---- what goes wrong --------------------------------------------------------------------------


def fake(ask, package="torch", **more):
    return Tool("fake", package, "MACs", 1, ask, (), **more)


def end(_):
    os._exit(3)


def refuse(_):
    raise ValueError("this one\nhas two lines")


@pytest.mark.skipif(not COPIES, reason="no process can be copied here")
@pytest.mark.parametrize(
    ("ask", "said"),
    [(end, "its process ended early"), (refuse, "ValueError: this one")],
)
def test_a_tool_that_fails_says_so_in_a_line_and_the_others_go_on(monkeypatch, ask, said):
    chosen = [fake(ask), *tools_named(["torch-math"]), fake(end, "no-such-package")]
    monkeypatch.setattr("archgraph.answers.peers.asking.tools_named", lambda _: chosen)
    found = ag.counters(nn.Linear(4, 2), input=(4,))
    assert found["fake"].failed == said
    assert found["fake"].macs is None
    assert found["torch-math"].macs == found.macs == 8
    assert found.missing == ("no-such-package",)
    shown = found.render()
    assert f"fails: {said}" in shown
    assert 'not installed: no-such-package; pip install "archgraph[counters]" brings them' in shown


@pytest.mark.skipif(not COPIES, reason="no process can be copied here")
def test_a_tool_may_take_so_long_and_no_longer():
    assert apart(lambda: signal.pause(), 0.05) == {"error": "more than 0 s"}


def test_nothing_of_what_is_asked_is_installed(monkeypatch):
    monkeypatch.setattr(
        "archgraph.answers.peers.asking.tools_named", lambda _: [fake(end, "no-such")]
    )
    with pytest.raises(MissingDependencyError, match=r"needs no-such, .*: pip install \"archgraph"):
        ag.counters("lenet5")


def test_a_wrong_name_gets_the_nearest(capsys):
    assert main(["counters", "lenet5", "--tools", "fvcor"]) == 1
    said = capsys.readouterr().err
    assert "there is no counter 'fvcor' (did you mean 'fvcore'?); there are torch," in said


def test_what_cannot_run_is_said_and_what_is_unknown_is_not_counted():
    net = ag.ArchGraph(name="odd")
    net.add("x", ag.ops.Input((3, 8, 8)))
    net.add("conv", ag.ops.Conv2d(3, 4, 1), ["x"])
    net.add("odd", ag.ops.Opaque("Mystery", None), ["conv"])
    found = ag.counters(net, tools=["torch-math"])
    assert found.macs == 3 * 4 * 64
    assert found.unknown == ("odd",)
    assert "Mystery ('odd')" in found["torch-math"].failed
    assert "≥ 768" in found.render()


def test_an_open_input_is_asked_for():
    net = ag.ArchGraph(name="open")
    net.add("x", ag.ops.Input((3, "H", "W")))
    net.add("conv", ag.ops.Conv2d(3, 4, 1), ["x"])
    found = ag.counters(net, tools=["torch-math"])
    said = "the size of the input 'x' is open; say it with input."
    assert found["torch-math"].failed == said
    assert (found.macs, found.unknown) == (0, ("conv",))


def test_the_module_stays_as_it_was():
    module = Vit().train()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    ag.counters(module, input=(3, 16, 16), tools=["torch", "thop", "torchinfo", "ptflops"])
    assert all(each.training for each in module.modules())
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in module.modules())
    assert module.state_dict().keys() == before.keys()
    assert all(torch.equal(value, before[key]) for key, value in module.state_dict().items())


def test_an_empty_network_and_one_of_a_fixed_batch_are_asked_about():
    found = ag.counters(ag.ArchGraph(name="empty"), tools=["torch"])
    assert found["torch"].failed == "'empty' has no input, so there is nothing to run."
    fixed = ag.ArchGraph(name="fixed")
    fixed.add("x", ag.ops.Input((2, 8), batched=False))
    fixed.add("fc", ag.ops.Linear(8, 4), ["x"])
    found = ag.counters(fixed, tools=["torch"])
    assert (found["torch"].macs, found.macs) == (64, 64)


class Two(nn.Module):
    def forward(self, x, *, scale, times=2):
        return torch.matmul(x, scale) * times


@pytest.mark.parametrize("tool", ["torch", "fvcore", "thop", "torchinfo"])
def test_keywords_and_settings_reach_the_tools(tool):
    if next(each for each in TOOLS if each.name == tool).version is None:
        pytest.skip(f"{tool} is not installed")
    example = ((torch.zeros(2, 3),), {"scale": torch.zeros(3, 5), "times": 4})
    said = ag.counters(Two(), example=example, batch=None, tools=[tool])[tool]
    assert (said.failed, said.remainder) == ("", 0)


def test_it_prints_every_format(capsys):
    command = ["counters", "lenet5", "--tools", "torch,torchinfo", "--format"]
    for form in ("table", "csv", "markdown", "latex", "json"):
        assert main([*command, form]) == 0
        assert "biases added" in capsys.readouterr().out
    record = json.loads(ag.counters("lenet5", tools=["torchinfo"]).render("json"))
    assert record["macs"] == 416_520
    assert record["counts"][0]["because"] == {"biases added": 6_518}


def test_torch_lists_the_attention_of_gpus_and_not_that_of_the_cpu():
    names = {str(each).rpartition(".")[2] for each in flop_registry}
    assert "_scaled_dot_product_flash_attention" in names
    assert "_scaled_dot_product_flash_attention_for_cpu" not in names


@pytest.mark.parametrize("network", NETWORKS, ids=lambda each: each.name)
def test_the_page_says_what_archgraph_counts(network):
    try:
        with torch.device("meta"):
            module, x = network.make().eval(), network.example()
    except ImportError as error:
        pytest.skip(str(error))
    net = ag.load(module, example=x)
    products = sum(part.macs for part in known_parts(net)[0] if part.attention)
    text = PAGE.read_text("utf-8")
    section = re.search(rf"^### {re.escape(network.name)}\n\n(.*?)\n\n", text, re.M | re.S)
    assert f"{net.total('params'):,} parameters, **{net.total('macs'):,} MACs**" in section[1]
    assert (f"{products:,} are attention's" in section[1]) == bool(products)


def test_the_page_leaves_nothing_unexplained():
    rows = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines()]
    said = [
        row for row in rows if len(row) == 6 and re.match(r"[\d,]+ (FLOPs|MACs|mult-adds)", row[1])
    ]
    assert len(said) > 60
    assert [row[0] for row in said if row[-1] != "0" and row[0] != "onnx-tool"] == []


def test_what_torchvision_publishes_are_macs():
    """As the page says: "GFLOPs" of its weights are G MACs."""
    torchvision = importlib.import_module("bench.modules.vision").torchvision_models()
    for weights, name in (("ViT_B_16_Weights", "ViT-B/16"), ("Swin_T_Weights", "Swin-T")):
        told = getattr(torchvision, weights).IMAGENET1K_V1.meta["_ops"]
        section = PAGE.read_text("utf-8").partition(f"### {name}\n")[2]
        macs = int(re.search(r"\*\*([\d,]+) MACs", section)[1].replace(",", ""))
        assert round(macs / 1e9, 3) == told
