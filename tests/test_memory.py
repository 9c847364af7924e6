"""Live memory: against tensor lifetimes in PyTorch, and against every order of small graphs."""

from __future__ import annotations

import itertools
import json
import random

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402
from torch_networks import transformers  # noqa: E402

import archgraph as ag  # noqa: E402
from archgraph import ops  # noqa: E402
from archgraph.answers.footprint.best_order import best_order  # noqa: E402
from archgraph.answers.footprint.places import places_of  # noqa: E402
from archgraph.answers.footprint.report import inference_memory, largest_batch, training_memory  # noqa: E402
from archgraph.answers.footprint.timeline import timeline  # noqa: E402
from archgraph.answers.footprint.training import OPTIMIZERS  # noqa: E402
from archgraph.cli.main import main  # noqa: E402
from archgraph.known_devices import device_named  # noqa: E402
from bench.torch_memory import (  # noqa: E402
    peak_by_lifetimes,
    saved_for_gradients,
    state_of_optimizer,
)


def ordered(net):
    places = places_of(net)
    return places, [*places.reads]


def before(net, order):
    return {name: [each for each in net.pred[name] if each in set(order)] for name in order}


def random_net(seed: int, most: int = 10) -> ag.ArchGraph:
    """Return a graph of vectors: cut, joined, added, mapped, seen another way."""
    g = random.Random(seed)
    net = ag.ArchGraph(name="random")
    widths = {net.add("x0", ops.Input((8 * g.randint(1, 9),))): 0}
    for number in range(1, g.randint(3, most)):
        source = g.choice([*net])
        width = net.nodes[source]["shape"][0]
        alike = [name for name in net if net.nodes[name]["shape"] == (width,) and name != source]
        kind = g.choice(("linear", "relu", "add", "slice", "concat", "flatten", "split"))
        name = f"x{number}"
        if kind == "relu":
            net.add(name, ops.ReLU(), [source])
        elif kind == "add" and alike:
            net.add(name, ops.Add(), [source, g.choice(alike)])
        elif kind == "slice" and width > 4:
            net.add(name, ops.Slice(0, width // 2), [source])
        elif kind == "concat":
            net.add(name, ops.Concat(), [source, g.choice([*net])])
        elif kind == "flatten":
            net.add(name, ops.Flatten(), [source])
        elif kind == "split" and width > 4:
            net.add(name, ops.Split((3, width - 3), 1), [source])
        else:
            net.add(name, ops.Linear(width, 8 * g.randint(1, 9)), [source])
    if g.random() < 0.3:
        net.set_outputs(*{[*net][-1], g.choice([*net])})
    del widths
    return net


def orders(names, needs):
    """Yield every order in which each name follows what it needs."""
    if not names:
        yield ()
        return
    for name in names:
        if not any(each in names for each in needs[name]):
            for rest in orders([n for n in names if n != name], needs):
                yield (name, *rest)


@pytest.mark.parametrize("in_place", [False, True])
def test_the_best_order_is_that_of_all_orders(in_place):
    """Of graphs with very many orders the first five thousand are tried."""
    better = 0
    for seed in range(300):
        net = random_net(seed, 8)
        places, order = ordered(net)
        needs = before(net, order)
        found = best_order(places, order, needs, in_place=in_place)
        peaks = [
            timeline(places, each, in_place=in_place).peak
            for each in itertools.islice(orders(order, needs), 5000)
        ]
        assert found.proven
        assert found.peak == min(peaks), seed
        assert timeline(places, found.order, in_place=in_place).peak == found.peak
        better += found.peak < peaks[0]
    assert better > 10


# ---- beside PyTorch --------------------------------------------------------------------------


def small_networks():
    """Yield modules of transformers, small, with what they are called with."""
    tf = transformers()
    sizes = {
        "hidden_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 128,
    }
    ids, images = torch.randint(3, 90, (2, 16)), torch.randn(2, 3, 64, 64)
    yield "bert", tf.BertModel(tf.BertConfig(vocab_size=100, **sizes)), ids
    gpt2 = tf.GPT2Config(vocab_size=100, n_embd=64, n_layer=2, n_head=4, use_cache=False)
    yield "gpt2", tf.GPT2Model(gpt2), ids
    yield "vit", tf.ViTModel(tf.ViTConfig(image_size=64, patch_size=16, **sizes)), images
    convnext = tf.ConvNextConfig(hidden_sizes=[16, 32, 64, 128], depths=[1, 1, 2, 1])
    yield "convnext", tf.ConvNextModel(convnext), images
    resnet = tf.ResNetConfig(embedding_size=16, hidden_sizes=[32, 64], depths=[2, 2])
    yield "resnet", tf.ResNetModel(resnet), images
    yield "mobilenet", tf.MobileNetV2Model(tf.MobileNetV2Config(image_size=64)), images
    swin = tf.SwinConfig(
        image_size=64, embed_dim=16, depths=[2, 2], num_heads=[2, 4], window_size=4
    )
    yield "swin", tf.SwinModel(swin), images
    regnet = tf.RegNetConfig(
        embedding_size=16, hidden_sizes=[32, 64, 64, 64], depths=[1, 1, 1, 1], groups_width=16
    )
    yield "regnet", tf.RegNetModel(regnet), images


def kept_by_torch(module, example) -> int:
    """Return the bytes that PyTorch keeps for gradients, each piece of memory once."""
    return sum(saved_for_gradients(module, lambda: module.train()(example)).values())


@pytest.mark.usefixtures("one_thread")
def test_the_peak_is_that_of_the_lifetimes_in_torch():
    for name, module, example in small_networks():
        peak = peak_by_lifetimes(module, example)
        net = ag.load(module, example=example, recognise=False)
        found = inference_memory(net, batch=2).program[None]
        assert found.peak == peak, name
        assert found.unknown == 0


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("name", ["alexnet", "googlenet", "resnet18", "vgg11", "vit_b_16"])
def test_the_peak_of_the_gallery_is_that_of_its_modules(name):
    net = ag.load(name)
    peak = peak_by_lifetimes(ag.to_torch(net), torch.randn(2, *net.input_shape))
    assert inference_memory(net, batch=2).program[None].peak == peak


class GPT(nn.Module):
    """A small decoder with dropout between its layers."""

    def __init__(self, width=64, heads=4, layers=3, words=100, length=64):
        super().__init__()
        self.words, self.places = nn.Embedding(words, width), nn.Embedding(length, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, words, bias=False)
        self.register_buffer("numbers", torch.arange(length))

    def forward(self, ids):
        x = self.words(ids) + self.places(self.numbers[: ids.shape[1]])
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        n, t, c = x.shape
        parts = self.qkv(self.first(x)).split(c, dim=2)
        q, k, v = (each.view(n, t, self.heads, -1).transpose(1, 2) for each in parts)
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.drop(self.out(y.transpose(1, 2).reshape(n, t, c)))
        y = nn.functional.gelu(self.up(self.second(x)))
        return x + self.drop(self.down(y))


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("batch", [2, 3])
def test_what_training_keeps_is_what_torch_keeps(batch):
    nets = [(ag.load(name), None) for name in ("alexnet", "googlenet", "resnet18", "vgg11")]
    torch.manual_seed(0)
    for net, _ in nets:
        module = ag.to_torch(net)
        kept = training_memory(net, batch=batch).activations[None]
        assert kept == kept_by_torch(module, torch.randn(batch, *net.input_shape)), net.name
    module, ids = GPT(), torch.randint(0, 100, (batch, 32))
    net = ag.load(module, example=ids, training=True)
    found = training_memory(net, batch=batch, optimizer="adam")
    assert found.activations[None] == kept_by_torch(module, ids)
    weights = sum(each.numel() for each in module.parameters()) * 4
    assert (found.weights[None], found.state[None]) == (weights, 2 * weights)
    assert found.totals[None] == 4 * weights + found.peaks[None]
    assert found.activations[None] <= found.peaks[None] <= 1.1 * found.activations[None]


def test_the_optimizers_remember_what_they_are_said_to():
    module = nn.Linear(7, 5)
    for name, each in OPTIMIZERS.items():
        assert state_of_optimizer(module, name) == each * 40 * 4


def test_the_largest_batch_is_the_last_that_fits():
    net, device = ag.load("alexnet_two_gpu"), device_named("gtx580")
    found = largest_batch(net, device, optimizer="sgd")
    assert found >= 128  # the batch of the paper, on two cards of 3 GB
    for batch, fits in ((found, True), (found + 1, False)):
        needed = training_memory(net, batch=batch, optimizer="sgd").totals
        assert (max(needed.values()) <= device.memory) == fits
    assert largest_batch(net, device_named("1MB")) == 0
    assert largest_batch(net, device, together=True) < found
    one = ag.load("alexnet")  # which names no device
    assert largest_batch(one, device, together=True) == largest_batch(one, device)
    assert largest_batch(net, device, optimizer=None) > found


def test_the_command_answers_in_words_and_numbers(capsys):
    line = ["memory", "alexnet_two_gpu", "--training", "--batch", "128", "--fits", "GTX 580"]
    assert main(line) == 0
    shown = capsys.readouterr().out
    said = (
        "the largest batch for 2 × GTX 580 of 3.00 GiB, each with its part, is 438; for one with "
    )
    assert f"{said}all of it, 212\n" in shown
    assert "GPU 1" in shown
    assert main(["memory", "resnet18", "--format", "json"]) == 0
    rows = {row["what"]: row["bytes"] for row in json.loads(capsys.readouterr().out)}
    assert rows["weights"] == 4 * 11_689_512
    assert rows["together"] == rows["weights"] + rows["activations at the peak"]
    assert main(["memory", "resnet18", "--fits", "1MB", "--format", "csv"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "largest batch,,0"
    for wrong in (["--optimizer", "adam"], ["--training", "--optimizer", "x"], ["--fits", "x"]):
        assert main(["memory", "lenet5", *wrong]) == 1
        assert capsys.readouterr().err.count("\n") == 1


def test_where_a_size_is_unknown_every_figure_is_a_least_one(tmp_path, capsys):
    net = ag.ArchGraph(name="odd")
    x = net.add("conv", ops.Conv2d(8, 8, 1), [net.add("x", ops.Input((8, 4, 4)))])
    net.add("relu", ops.ReLU(), [net.add("odd", ops.Opaque("vendor::odd", None), [x])])
    file = str(net.save(tmp_path / "odd.json"))
    for more in ([], ["--training", "--optimizer", "adam"]):
        assert main(["memory", file, *more, "--format", "json", "--fits", "3GB"]) == 0
        *rows, largest = json.loads(capsys.readouterr().out)
        for row in rows:
            assert row["bytes"] is None, row
            assert row["at_least"]["bytes"] >= 288
        assert (largest["what"], largest["batch"]) == ("largest batch", None)
        assert main(["memory", file, *more, "--fits", "3GB"]) == 0
        shown = capsys.readouterr().out
        assert shown.count("≥") == 2 * len(rows)
        assert "the largest batch for a device of 3.00 GiB is unknown, at most" in shown
        assert "proven" not in shown
    assert main(["memory", file, "--fits", "1KB"]) == 0  # what is known is too much already
    assert "not even one image fits" in capsys.readouterr().out


def test_weights_that_only_a_number_says_make_a_lower_bound():
    """How many there are is known, but not how many bytes each takes."""
    net = ag.ArchGraph(name="odd")
    net.add("odd", ops.Opaque("vendor::odd", (8,), params=100), [net.add("x", ops.Input((8,)))])
    found = inference_memory(net)
    assert found.unsized == {None: ["odd"]}
    assert not found.known
    assert inference_memory(ag.load("vit_b_16")).known
