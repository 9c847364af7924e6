"""What other tools count is explained by rules to the last multiply-add, on small networks."""

import importlib
import logging
import re
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional
from torch.utils.flop_counter import flop_registry

import archgraph as ag

tools = pytest.importorskip("bench.counters.tools", reason="not in a checkout")
measuring = importlib.import_module("bench.counters.measuring")
networks = importlib.import_module("bench.counters.networks")
parts = importlib.import_module("archgraph.counters.counted_parts").parts
rules = importlib.import_module("archgraph.counters.rules")
apart = importlib.import_module("bench.modules.apart").apart

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


CASES = {
    "vit": (Vit, lambda: torch.randn(1, 3, 16, 16)),
    "fused": (lambda: Written(fused=True), lambda: torch.randint(0, 50, (1, 12))),
    "written out": (lambda: Written(fused=False), lambda: torch.randint(0, 50, (1, 12))),
    "LSTM": (lambda: nn.LSTM(6, 8, num_layers=2, batch_first=True), lambda: torch.randn(1, 5, 6)),
    "product": (Product, lambda: torch.randn(1, 5, 6)),
    "convolutions": (convolutions, lambda: torch.randn(1, 3, 16, 16)),
}


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("tool", tools.TOOLS, ids=lambda tool: tool.name)
def test_rules_leave_nothing_unexplained(tool, case):
    if tool.version is None:
        pytest.skip(f"{tool.package} is not installed")
    logging.getLogger("fvcore").setLevel(logging.ERROR)
    make, example = CASES[case]
    torch.manual_seed(0)
    module, x = make().eval(), example()
    net = measuring.read(module, x)
    because = rules.explained(net, tool.rules)
    said = asked(tool, module, x)
    assert said == tool.per_mac * (net.total("macs") + sum(because.values()))


def asked(tool, module, x):
    """Ask a tool; in a process of its own where it leaves its patches in torch."""
    if tool.package not in ("ptflops", "calflops"):
        return tool.ask(module, x)
    return apart(lambda: {"said": float(tool.ask(module, x))}, 60)["said"]


def test_the_rules_are_not_idle():
    """Each of them is what some network of these is explained with, or of the page."""
    found = set()
    text = PAGE.read_text("utf-8")
    for make, example in CASES.values():
        net = measuring.read(make().eval(), example())
        for tool in tools.TOOLS:
            found |= set(rules.explained(net, tool.rules))
    for tool in tools.TOOLS:
        for rule in tool.rules:
            assert rule.words in found or rule.words in text, rule.words


def test_without_a_module_each_operator_is_a_layer_of_torch():
    net = ag.load("resnet18")
    module = ag.to_torch(net, seed=None).to_empty(device="cpu")
    fvcore = next(tool for tool in tools.TOOLS if tool.name == "fvcore")
    expected = net.total("macs") + sum(rules.explained(net, fvcore.rules).values())
    assert fvcore.ask(module.eval(), torch.zeros(1, 3, 224, 224)) == expected


def test_torch_lists_the_attention_of_gpus_and_not_that_of_the_cpu():
    names = {str(each).rpartition(".")[2] for each in flop_registry}
    assert "_scaled_dot_product_flash_attention" in names
    assert "_scaled_dot_product_flash_attention_for_cpu" not in names


@pytest.mark.parametrize("network", networks.NETWORKS, ids=lambda each: each.name)
def test_the_page_says_what_archgraph_counts(network):
    try:
        with torch.device("meta"):
            module, x = network.make().eval(), network.example()
    except ImportError as error:
        pytest.skip(str(error))
    net = ag.load(module, example=x)
    products = sum(part.macs for part in parts(net) if part.attention)
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
    assert [row[0] for row in said if row[-1] != "0"] == []


def test_what_torchvision_publishes_are_macs():
    """As the page says: "GFLOPs" of its weights are G MACs."""
    torchvision = importlib.import_module("bench.modules.vision").torchvision_models()
    for weights, name in (("ViT_B_16_Weights", "ViT-B/16"), ("Swin_T_Weights", "Swin-T")):
        told = getattr(torchvision, weights).IMAGENET1K_V1.meta["_ops"]
        section = PAGE.read_text("utf-8").partition(f"### {name}\n")[2]
        macs = int(re.search(r"\*\*([\d,]+) MACs", section)[1].replace(",", ""))
        assert round(macs / 1e9, 3) == told
