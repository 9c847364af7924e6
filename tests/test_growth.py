"""How a cost grows: formulas against counts at sizes that they were not found with, and by hand."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from xml.etree import ElementTree

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.answers.scaling.cache_per_token import cache_per_token
from archgraph.answers.scaling.exact_fits import polynomial_through, step_through
from archgraph.answers.scaling.formula import Formula
from archgraph.answers.scaling.growth_tables import growth_table
from archgraph.cli.main import main
from archgraph.errors import DrawError, FormatError, GraphError, ShapeError, UnknownNameError
from archgraph.tables.render import render
from archgraph.tensors import N, Open, Tensor

GALLERY = ["resnet50", "vgg16", "googlenet", "alexnet", "unet", "lenet5", "resnet20_cifar"]


def others(found: ag.Growth, count: int, most: int) -> list[int]:
    """Return sizes that a formula is for and that growth itself never looked at."""
    seen = {size for size, _ in found.counted} | {*found.checked}
    assert found.formula is not None
    low = found.counted[0][0]
    free = [x for x in range(low, most) if found.formula.holds_at(x) and x not in seen]
    return random.Random(0).sample(free, min(count, len(free)))


# ---- against counting -----------------------------------------------------------------------


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("metric", ["macs", "activation_bytes"])
def test_a_formula_is_what_counting_gives_at_other_sizes(name, metric):
    net = ag.load(name)
    found = ag.growth(net, metric=metric)
    assert len(found.checked) == 20
    sizes = others(found, 20, 4 * found.start)
    assert len(sizes) == 20
    for size in sizes:
        there = ag.load(name, input=(net.input_shape[0], size, size))
        assert found.formula.at(size) == there.total(metric), size


def test_resnet_steps_where_its_strides_round():
    found = ag.growth("resnet50")
    assert str(found) == (
        "MACs(s) = 9,408·⌈s/2⌉² + 245,760·⌈s/4⌉² + 1,310,720·⌈s/8⌉² + 7,471,104·⌈s/16⌉² + "
        "14,417,920·⌈s/32⌉² + 2,048,000"
    )
    # The first convolution by hand: 64 filters of 7×7 on 3 channels; the last layer: 2048 → 1000.
    assert found.formula.steps[0][0] == 64 * 3 * 7 * 7
    assert found.formula.powers == (2048 * 1000,)
    on = found.formula.on_period(224)
    assert (on.sizes, str(on)) == ("s = 32·k", "83,410,944·k² + 2,048,000")


def vit_macs(tokens: int) -> int:
    """Count ViT-B/16 from the paper's table 1: 12 layers, width 768, MLP 3072, patches 16×16."""
    layer = 4 * 768**2 * tokens + 2 * 768 * 3072 * tokens + 2 * 768 * tokens**2
    return 12 * layer + (tokens - 1) * 768 * 3 * 16**2 + 768 * 1000


def test_a_vision_transformer_over_its_tokens_is_the_papers_arithmetic():
    found = ag.growth("vit_b_16", over="tokens")
    assert str(found) == "MACs(T) = 18,432·T² + 85,524,480·T + 178,176"
    assert all(found.at(tokens) == vit_macs(tokens) for tokens in (2, 197, 577, 4097))
    assert found.start == 197
    assert len(found.checked) == 20


def test_sizes_that_are_refused_are_said_with_their_step():
    found = ag.growth("vit_b_16")
    assert found.formula.sizes == "s = 16·k"
    assert "multiples of 16" in found.refused
    assert all(found.at(16 * k) == vit_macs(k * k + 1) for k in (3, 14, 37, 101))
    with pytest.raises(GraphError, match=r"says nothing of 225; it is for s = 16·k"):
        found.at(225)


def test_over_the_batch_it_is_what_a_fixed_batch_costs():
    found = ag.growth("googlenet", over="batch")
    assert str(found) == "MACs(N) = 1,582,671,872·N"
    b = ag.Builder("gram", input=(8, 6))
    rows = b.reshape("rows", b.input, (48,))
    net = b.build(b.add("gram", ops.Linear(48, 5), rows))
    assert ag.growth(net, over="batch").at(7) == 7 * 48 * 5
    assert str(ag.growth(net, over="batch", metric="params")) == "Parameters(N) = 245"


def test_where_windows_overlap_it_is_a_polynomial_for_every_so_manieth_size():
    found = ag.growth("vgg16", metric="flops")
    assert found.formula.sizes == "s = 224·k"
    assert "avgpool" in found.reason
    for size in (448, 896, 2464):
        assert found.at(size) == ag.load("vgg16", input=(3, size, size)).total("flops")


def test_a_named_network_is_built_anew_not_bent():
    net = ag.load("vit_b_16")
    made = net.again((3, 256, 256))
    assert made.total("params") == ag.load("vit_b_16", input=(3, 256, 256)).total("params")
    assert made.again({"input": ("N", 3, 224, 224)}).total("macs") == net.total("macs")
    assert "other parameters at other sizes" in render(growth_table(ag.growth(net)), "table")
    assert ag.growth("resnet18").resized is False
    net.remove_node("heads.head")
    assert net.again is None


# ---- modules --------------------------------------------------------------------------------


def test_a_module_is_read_again_at_each_size_and_torch_counts_the_same():
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.a = torch.nn.Conv2d(3, 8, 3, stride=2)
            self.b = torch.nn.Conv2d(8, 8, 5, stride=3, padding=1)
            self.up = torch.nn.ConvTranspose2d(8, 4, 2, stride=2)

        def forward(self, x):
            return self.up(self.b(self.a(x)).relu())

    module = Net()
    found = ag.growth(module, input=(3, 64, 64))
    for size in others(found, 6, 200):
        with FlopCounterMode(display=False) as counter, torch.no_grad():
            module(torch.zeros(1, 3, size, size))
        assert 2 * found.at(size) == counter.get_total_flops(), size


def language_model(torch, heads: int = 4, kept: int = 2):
    class Layer(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.q = torch.nn.Linear(32, 32)
            self.k = torch.nn.Linear(32, 8 * kept)
            self.v = torch.nn.Linear(32, 8 * kept)

        def forward(self, x):
            q, k, v = (
                each(x).unflatten(-1, (-1, 8)).transpose(1, 2) for each in (self.q, self.k, self.v)
            )
            k, v = (each.repeat_interleave(heads // kept, dim=1) for each in (k, v))
            y = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
            return x + y.transpose(1, 2).flatten(2)

    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = torch.nn.Embedding(50, 32)
            self.layers = torch.nn.Sequential(Layer(), Layer(), Layer())
            self.head = torch.nn.Linear(32, 50)

        def forward(self, ids):
            return self.head(self.layers(self.embedding(ids)))

    return Model(), torch.zeros(1, 16, dtype=torch.long)


def test_a_language_model_over_its_tokens_and_what_it_keeps_of_each():
    torch = pytest.importorskip("torch")
    model, ids = language_model(torch)
    net = ag.load(model, example=ids)
    found = ag.growth(net)
    assert (found.over, found.start) == ("tokens", 16)
    layer = 32 * 32 + 2 * 32 * 16
    assert found.formula.powers == (0, 3 * layer + 32 * 50, 3 * 2 * 32)
    # Two heads of 8 for keys and as many for values, of 4 bytes, in 3 layers.
    assert cache_per_token(net).bytes == 3 * 2 * 2 * 8 * 4
    assert "keys and values kept per token: 384 bytes" in render(growth_table(found), "table")


@pytest.mark.parametrize(
    ("family", "kept"), [("gpt2", 2 * 2 * 64), ("llama", 2 * 2 * 2 * 8), ("bert", None)]
)
def test_models_of_transformers(family, kept):
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("torch_networks").transformers()
    if family == "gpt2":
        config = transformers.GPT2Config(
            n_layer=2, n_embd=64, n_head=4, vocab_size=97, use_cache=False
        )
        model = transformers.AutoModelForCausalLM.from_config(config)
        linear, square = 2 * 12 * 64**2 + 64 * 97, 2 * 2 * 64
    elif family == "llama":
        config = transformers.LlamaConfig(
            hidden_size=64,
            intermediate_size=96,
            num_hidden_layers=2,
            num_attention_heads=8,
            num_key_value_heads=2,
            vocab_size=97,
            use_cache=False,
        )
        model = transformers.AutoModelForCausalLM.from_config(config)
        linear = 2 * (2 * 64**2 + 2 * 64 * 16 + 3 * 64 * 96) + 64 * 97
        square = 2 * 2 * 64
    else:
        config = transformers.BertConfig(
            hidden_size=64,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=96,
            vocab_size=97,
        )
        model = transformers.AutoModel.from_config(config, add_pooling_layer=False)
        linear, square = 2 * (4 * 64**2 + 2 * 64 * 96), 2 * 2 * 64
    ids = torch.zeros(1, 24, dtype=torch.long)
    example = {"input_ids": ids} | ({"attention_mask": ids + 1} if family == "bert" else {})
    net = ag.load(model.eval(), example=example)
    found = ag.growth(net, over="tokens")
    powers = [int(each) for each in found.formula.powers]
    assert powers == [0, linear, square]
    cache = cache_per_token(net)
    assert (cache and cache.bytes) == (kept and 4 * kept)
    if family == "bert":
        assert found.together == ("input_ids:1", "attention_mask:1")


def test_a_mask_does_not_say_whether_a_cache_is_kept():
    net = ag.ArchGraph(name="masked")
    net.add("x", ops.Input.of(Tensor((N, 2, 6, 8))))
    net.add("mask", ops.Input.of(Tensor((N, 1, 6, 6))))
    net.add("attention", ops.ScaledDotProductAttention(), ["x", "x", "x", "mask"])
    assert cache_per_token(net).bytes is None
    assert "unknown" in str(cache_per_token(net))
    net.add("causal", ops.ScaledDotProductAttention(is_causal=True), ["x", "x", "x"])
    assert cache_per_token(net).bytes == 2 * 2 * 2 * 8 * 4
    assert cache_per_token(ag.load("vit_b_16")) is None


def test_a_cost_that_is_no_polynomial_is_said_to_be_none():
    torch = pytest.importorskip("torch")

    class Halving(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 4)

        def forward(self, x):
            while x.shape[1] > 1:
                x = self.layer(x[:, ::2])
            return x

    found = ag.growth(Halving(), input=(40, 4), over="input:1")
    assert found.formula is None
    assert "no polynomial fits" in found.reason
    assert "MACs(n): no polynomial fits" in render(growth_table(found), "table")
    assert dict(found.counted)[40] == found.at(40)


# ---- what is not there ----------------------------------------------------------------------


def test_what_is_unknown_stays_so():
    b = ag.Builder("odd", input=(3, 32, 32))
    x = b.conv("conv", b.input, 4, 3, padding=1)
    net = b.build(b.add("what", ops.Opaque("mystery", None), x))
    found = ag.growth(net)
    assert str(found) == "MACs(s) ≥ 108·s²"
    assert found.unknown == ("what",)
    assert "of what are unknown" in render(growth_table(found), "table")


def test_networks_without_anything_to_grow():
    b = ag.Builder("empty", input=(3, 8, 8))
    found = ag.growth(b.build(b.input))
    assert str(found) == "MACs(s) = 0"
    render(growth_table(found), "latex")


@pytest.mark.parametrize(
    ("name", "over", "error", "said"),
    [
        ("resnet18", "tokens", FormatError, "cannot be told"),
        ("resnet18", "sise", UnknownNameError, "did you mean"),
        ("resnet18", "x:1", UnknownNameError, "its inputs are input"),
        ("resnet18", "input:7", FormatError, "one of 0 to 3"),
        ("resnet18", "input:0", FormatError, "say over='batch'"),
    ],
)
def test_what_cannot_grow_is_one_sentence(name, over, error, said):
    with pytest.raises(error, match=said) as raised:
        ag.growth(name, over=over)
    assert str(raised.value).count("\n") == 0


def test_a_network_that_takes_no_other_size_says_what_it_answered():
    b = ag.Builder("fixed", input=(3, 8, 8))
    net = b.build(b.linear("fc", b.flatten("flat", b.input), 5))
    with pytest.raises(GraphError, match="takes no other image size than 8: node 'fc'.*features"):
        ag.growth(net)


def test_a_file_without_the_way_back_says_so(tmp_path):
    path = ag.load("vit_b_16").save(tmp_path / "vit.json")
    found = ag.growth(path)
    assert str(found) == "MACs(s) = 17,563,828,224 for s from 224 to 239"
    assert "operators stay as they are" in render(growth_table(found), "table")


def test_open_sizes_are_asked_for():
    net = ag.ArchGraph(name="open")
    net.add("x", ops.Input.of(Tensor((N, 3, Open.letter("H"), 32))))
    with pytest.raises(ShapeError, match="H is open; say the sizes of the inputs"):
        ag.growth(net)


# ---- the arithmetic -------------------------------------------------------------------------


def test_polynomials_and_rounded_quotients_are_found_by_brute_force():
    g = random.Random(4)
    for _ in range(200):
        powers = [Fraction(g.randint(-9, 9), g.choice((1, 1, 2, 3))) for _ in range(4)]
        xs = g.sample(range(60), 9)
        values = [sum(c * x**p for p, c in enumerate(powers)) for x in xs]
        while len(powers) > 1 and not powers[-1]:
            powers.pop()
        assert polynomial_through(xs, values) == tuple(powers)
        assert polynomial_through(xs, [*values[:-1], values[-1] + 1]) is None
        divide, add, times = g.choice((2, 3, 4, 7, 8)), g.randint(-3, 9), g.randint(1, 7)
        near = tuple(range(30, 80))
        found = step_through(near, tuple(times * ((x + add) // divide) for x in near))
        assert (found.step.divide, found.step.times) == (divide, times)
        assert all(found.step.at(x) == times * ((x + add) // divide) for x in range(200))


def test_a_formula_is_written_as_on_a_board():
    powers = {0: Fraction(-3), 1: Fraction(1), 2: Fraction(5, 2)}
    assert str(Formula.of("T", powers, (), (1, 0))) == "5/2·T² + T − 3"
    assert str(Formula.of("s", {2: Fraction(1)}, (), (4, 2))) == "16·k² + 16·k + 4"
    assert str(Formula.of("s", {}, (), (1, 0))) == "0"


# ---- chart and command ----------------------------------------------------------------------


def test_the_charts_dots_stand_at_what_was_counted(tmp_path):
    found = ag.growth("resnet18")
    path = ag.growth_chart([found], tmp_path / "chart.svg")
    root = ElementTree.fromstring(path.read_text())
    (curve,) = [g for g in root.iter() if (g.get("class") or "").split()[:1] == ["curve"]]
    dots = [each for each in curve if each.tag.endswith(("rect", "circle"))]
    places = []
    for dot in dots:
        x, y = (float(dot.get(k)) for k in (("x", "y") if dot.get("x") else ("cx", "cy")))
        places.append((x, y))
    assert len(places) == 20
    # Straight scales: any two dots give the scale that all others keep.
    first, last = places[0], places[-1]
    sizes, values = found.checked, [found.at(x) for x in found.checked]
    for (x, y), size, value in zip(places, sizes, values, strict=True):
        across = (size - sizes[0]) / (sizes[-1] - sizes[0])
        up = (value - values[0]) / (values[-1] - values[0])
        assert x == pytest.approx(first[0] + across * (last[0] - first[0]), abs=0.2)
        assert y == pytest.approx(first[1] + up * (last[1] - first[1]), abs=0.2)


@pytest.mark.parametrize("suffix", ["svg", "pdf", "png", "pptx", "html"])
def test_charts_of_several_networks_in_every_format(tmp_path, capsys, suffix):
    path = tmp_path / f"chart.{suffix}"
    status = main(["growth", "alexnet", "vgg16", "resnet18", "-o", str(path), "--theme", "print"])
    if suffix == "html":
        assert status == 1
        assert "holds no chart" in capsys.readouterr().err
    else:
        assert status == 0
        assert path.stat().st_size > 1000


def test_curves_of_different_things_share_no_chart(tmp_path):
    found = [ag.growth("lenet5"), ag.growth("lenet5", over="batch")]
    with pytest.raises(DrawError, match="share their size"):
        ag.growth_chart(found, tmp_path / "x.svg")
    with pytest.raises(DrawError, match="share their metric"):
        ag.growth_chart([found[0], ag.growth("lenet5", metric="params")], tmp_path / "x.svg")


def test_the_command_as_data(capsys):
    assert main(["growth", "vit_b_16", "--over", "tokens", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["formula"]["powers"] == [178176, 85524480, 18432]
    assert shown["counted"][0] == [50, vit_macs(50)]
    assert main(["growth", "vit_b_16", "--theme", "dark"]) == 1
    assert "--theme needs -o FILE" in capsys.readouterr().err
