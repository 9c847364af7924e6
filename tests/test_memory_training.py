"""What training keeps in mixed precision and with checkpoints, beside torch's own hooks."""

from __future__ import annotations

import json

import pytest

torch = pytest.importorskip("torch")

from test_memory import GPT  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.checkpoint import checkpoint  # noqa: E402

import archgraph as ag  # noqa: E402
from archgraph import ops  # noqa: E402
from archgraph.answers.footprint.kept import training_step  # noqa: E402
from archgraph.answers.footprint.report import largest_batch, training_memory  # noqa: E402
from archgraph.answers.footprint.training_timeline import training_timelines  # noqa: E402
from archgraph.cli import main  # noqa: E402
from archgraph.errors import FormatError  # noqa: E402
from archgraph.known_devices import device_named  # noqa: E402
from bench.torch_memory import saved_for_gradients  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")


def normalised():
    """Return a network with the normalisation of 2012, which autocast runs in float32."""
    b = ag.Builder("normalised", input=(3, 20, 20))
    x = b.relu("relu1", b.conv("conv1", b.input, 8, 5))
    x = b.add("norm1", ops.LocalResponseNorm(5), x)
    x = b.add("pool1", ops.MaxPool2d(2, 2), x)
    x = b.relu("relu2", b.conv("conv2", x, 16, 3))
    return b.build(b.linear("fc", b.flatten("flatten", x), 10))


@pytest.mark.parametrize("half", ["bfloat16", "float16"])
@pytest.mark.parametrize("batch", [2, 3])
def test_mixed_precision_keeps_what_autocast_keeps(batch, half):
    """The cast copies of weights are among it: each weight is cast once."""
    torch.manual_seed(0)
    cases = []
    if half == "bfloat16":
        nets = (ag.load("resnet18", input=(3, 64, 64)), normalised())
        cases = [(ag.to_torch(net).train(), net, None) for net in nets]
    ids = torch.randint(0, 100, (batch, 32))
    module = GPT()
    cases.append((module.train(), ag.load(module, example=ids, training=True), ids))
    for module, net, given in cases:
        given = torch.randn(batch, *net.input_shape) if given is None else given
        with torch.autocast("cpu", dtype=getattr(torch, half)):
            real = saved_for_gradients(module, lambda m=module, x=given: m(x))
        found = training_memory(net, batch=batch, precision=half)
        assert found.activations[None] + found.copies[None] == sum(real.values()), net.name
        assert found.weights == training_memory(net, batch=batch).weights


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(width, width, 3, padding=1) for _ in range(2))
        self.norm, self.drop = nn.BatchNorm2d(width), nn.Dropout(0.2)

    def forward(self, x):
        return torch.relu(x + self.drop(self.norm(self.conv2(torch.relu(self.conv1(x))))))


class Deep(nn.Module):
    """A stem, blocks, of which the last is the largest, and a head."""

    def __init__(self, again=False):
        super().__init__()
        self.again = again
        self.stem, self.head = nn.Conv2d(3, 8, 3, padding=1), nn.Linear(8, 10)
        self.blocks = nn.ModuleList(Residual(8) for _ in range(4))

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = checkpoint(block, x, use_reentrant=True) if self.again else block(x)
        return self.head(x.mean((2, 3)))


@pytest.mark.parametrize("batch", [2, 5])
def test_checkpoints_keep_what_torch_keeps_and_peak_where_it_does(batch):
    torch.manual_seed(0)
    module, images = Deep().train(), torch.randn(batch, 3, 16, 16)
    net = ag.load(module, example=images, training=True)
    found = training_memory(net, batch=batch, checkpoint="block")
    module.again = True
    kept = saved_for_gradients(module, lambda: module(images))
    assert found.activations[None] == sum(kept.values())
    # The backward pass, block by block from the last: what is still kept, and what it makes again.
    block_input = batch * 8 * 16 * 16 * 4
    inside = []
    for block in module.blocks:
        x = torch.randn(batch, 8, 16, 16, requires_grad=True)
        made = saved_for_gradients(block, lambda b=block, x=x: b(x))
        made.pop(x.untyped_storage()._cdata)
        inside.append(sum(made.values()))
    head = batch * 8 * 4  # what the linear layer reads
    peaks = [
        sum(kept.values()) - head - block_input * (len(inside) - 1 - at) + made
        for at, made in enumerate(inside)
    ]
    line = training_timelines(net, [None], batch=batch, checkpoint="block")[None]
    assert max(line.live[line.forward :]) == max(peaks)
    assert found.peaks[None] == max(line.live)
    assert found.totals[None] == 2 * found.weights[None] + max(line.live)


@pytest.mark.parametrize("name", ["resnet50", "vit_b_16", "unet", "alexnet_two_gpu", "googlenet"])
@pytest.mark.parametrize("level", ["block", "stage"])
def test_checkpoints_never_need_more_between_the_passes(name, level):
    net = ag.load(name)
    plain = training_memory(net, batch=2)
    again = training_memory(net, batch=2, checkpoint=level)
    for device, size in again.activations.items():
        assert size <= plain.activations[device]
    step = training_step(net, batch=2, checkpoint=level)
    for number, place in enumerate(step.places.places):
        if number not in step.again.kept and place.output[0] not in step.again.block:
            assert number not in step.needs.users  # what is outside of blocks is kept if needed


def test_a_larger_batch_fits_with_less():
    net, device = ag.load("resnet50"), device_named("8GB")
    plain = largest_batch(net, device)
    mixed = largest_batch(net, device, precision="mixed")
    block = largest_batch(net, device, checkpoint="block")
    assert plain < mixed
    assert plain < block < largest_batch(net, device, precision="mixed", checkpoint="block")
    needed = training_memory(net, batch=block, checkpoint="block").totals[None]
    assert needed <= device.memory
    assert training_memory(net, batch=block + 1, checkpoint="block").totals[None] > device.memory


def test_the_command_takes_them_and_refuses_others(capsys, tmp_path):
    line = ["memory", "resnet18", "--training", "--batch", "8", "--checkpoint", "block"]
    assert main([*line, "--precision", "mixed"]) == 0
    shown = capsys.readouterr().out
    assert "training, mixed precision, each block computed again" in shown
    assert "weights cast for mixed precision" in shown
    assert "activations at the peak" in shown
    assert main([*line, "--precision", "mixed", "-o", str(tmp_path / "m.svg")]) == 0
    assert "each block computed again" in (tmp_path / "m.svg").read_text("utf-8")
    capsys.readouterr()
    for wrong in (["--checkpoint", "blok"], ["--precision", "half"]):
        assert main(["memory", "lenet5", "--training", *wrong]) == 1
        assert capsys.readouterr().err.count("\n") == 1
    b = ag.Builder("chain", input=(8,))
    net = b.build(b.linear("fc", b.input, 8))
    with pytest.raises(FormatError, match=r"'chain' has no blocks that could be computed again"):
        training_memory(net, checkpoint="block")


WRITTEN_OUT = """import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.drop = nn.Linear(32, 96), nn.Dropout(0.1)

    def forward(self, x):
        n, t, c = x.shape
        parts = self.qkv(x).reshape(n, t, 3, 4, 8).permute(2, 0, 3, 1, 4)
        q, k, v = parts[0] * 8**-0.5, parts[1], parts[2]
        scores = self.drop((q @ k.transpose(-2, -1)).softmax(-1))
        return (scores @ v).transpose(1, 2).reshape(n, t, c)


def make():
    return Attention(), torch.randn(2, 16, 32)
"""


def test_the_command_reads_a_module_as_it_is_written_and_trains(capsys, tmp_path, monkeypatch):
    """Its products copy what does not lie in order, and its scores and its dropout are kept."""
    (tmp_path / "own.py").write_text(WRITTEN_OUT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    line = ["memory", "own.py:make", "--training", "--batch", "2", "--format", "json"]
    assert main(line) == 0
    rows = {row["what"]: row["bytes"] for row in json.loads(capsys.readouterr().out)}
    scope: dict[str, object] = {}
    exec(WRITTEN_OUT, scope)
    module, given = scope["make"]()
    real = saved_for_gradients(module, lambda: module.train()(given))
    assert rows["activations kept for gradients"] == sum(real.values())


class Dropping(nn.Module):
    """Attention that drops some of its weights."""

    def __init__(self, causal):
        super().__init__()
        self.qkv, self.causal = nn.Linear(32, 96), causal

    def forward(self, x):
        n, t, c = x.shape
        q, k, v = (each.view(n, t, 4, 8).transpose(1, 2) for each in self.qkv(x).split(c, 2))
        p = 0.1 if self.training else 0.0
        y = nn.functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal, dropout_p=p)
        return y.transpose(1, 2).reshape(n, t, c)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("precision", [None, "bfloat16"])
def test_dropout_inside_attention_keeps_its_scores(causal, precision):
    module, given = Dropping(causal), torch.randn(2, 16, 32)
    net = ag.load(module, example=given, training=True)
    half = precision is not None
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        real = saved_for_gradients(module, lambda: module.train()(given))
    found = training_memory(net, batch=2, precision=precision)
    assert found.activations[None] + found.copies[None] == sum(real.values())
    assert ag.load(module, example=given).op("scaled_dot_product_attention").dropout_p == 0
