"""ONNX files of torch's exporters: names, arithmetic and costs of the modules."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph.cli import main


class Residual(nn.Module):
    """A block as people write them: one activation used twice, a sum without a module."""

    def __init__(self, channels: int, out: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(out)
        self.relu = nn.ReLU()
        self.conv2 = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        shortcut = [nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)]
        self.downsample = nn.Sequential(*shortcut) if stride > 1 else None

    def forward(self, x):
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        return self.relu(y + (self.downsample(x) if self.downsample else x))


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        self.maxpool = nn.MaxPool2d(3, 2, ceil_mode=True)
        self.layer1 = nn.Sequential(Residual(16, 16, 1), Residual(16, 32, 2))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = self.layer1(self.maxpool(functional.relu(self.bn1(self.conv1(x)))))
        return self.fc(self.drop(self.avgpool(x).view(x.size(0), -1)))


@pytest.fixture(scope="module")
def from_torch(tmp_path_factory):
    """A module, the output and multiply-adds of its layers, and its files by torch's exporters."""
    folder = tmp_path_factory.mktemp("torch")
    module = Network().eval()
    layers: dict[str, tuple[tuple[int, ...], int]] = {}
    for name, layer in module.named_modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):

            def note(layer, _, output, name=name):
                shape = tuple(output.shape[1:])
                layers[name] = shape, output[0].numel() * layer.weight[0].numel()

            layer.register_forward_hook(note)
    images = torch.zeros(2, 3, 64, 48)
    module(images)
    old = {"dynamo": False, "dynamic_axes": {"image": {0: "n"}}, "input_names": ["image"]}
    torch.onnx.export(module, (images,), folder / "old.onnx", **old)
    training = {"training": torch.onnx.TrainingMode.TRAINING, "do_constant_folding": False}
    torch.onnx.export(module, (images,), folder / "old_unfused.onnx", **old, **training)
    new = {"dynamo": True, "verbose": False}
    axes = ({0: torch.export.Dim("n")},)
    program = torch.onnx.export(module.eval(), (images,), dynamic_shapes=axes, **new)
    program.save(str(folder / "new.onnx"))
    program = torch.onnx.export(module, (images,), optimize=False, **new)
    program.save(str(folder / "new_unfused.onnx"))
    return module, layers, folder


@pytest.mark.filterwarnings("ignore")
class TestFilesOfTorch:
    @pytest.mark.parametrize("name", ["old", "old_unfused", "new", "new_unfused"])
    def test_layers_have_the_modules_names_shapes_and_arithmetic(self, from_torch, name):
        _, layers, folder = from_torch
        net = ag.load(folder / f"{name}.onnx")
        found = {
            each: (data["shape"], data["macs"])
            for each, data in net.nodes(data=True)
            if net.op(each).family in ("conv", "linear")
        }
        assert found == layers
        assert net.input_shape == (3, 64, 48)
        assert net.total("macs") == sum(macs for _, macs in layers.values())

    @pytest.mark.parametrize("name", ["old_unfused", "new_unfused"])
    def test_batch_norms_and_parameters_are_the_modules(self, from_torch, name):
        module, _, folder = from_torch
        net = ag.load(folder / f"{name}.onnx")
        norms = {n for n, each in module.named_modules() if isinstance(each, nn.BatchNorm2d)}
        assert {n for n in net if net.op(n).kind == "BatchNorm2d"} == norms
        assert net.total("params") == sum(each.numel() for each in module.parameters())

    def test_they_draw_and_cost_from_the_command_line(self, from_torch, tmp_path, capsys):
        _, layers, folder = from_torch
        assert main(["cost", str(folder / "new.onnx"), "--format", "json"]) == 0
        total = json.loads(capsys.readouterr().out)["totals"]["macs"]
        assert total == sum(macs for _, macs in layers.values())
        assert main(["draw", str(folder / "old.onnx"), "-o", str(tmp_path / "x.svg")]) == 0
        assert main(["cost", f"{folder / 'new.onnx'}/layer1", "--format", "json"]) == 0
        assert "layer1.0.conv1" in capsys.readouterr().out


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.Hardswish())
        self.bottom = nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU())
        self.up = nn.ConvTranspose2d(16, 8, 3, 2, 1, output_padding=1, groups=2)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        high = self.down(x)
        return self.head(torch.cat([high, self.up(self.bottom(high))], 1))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.layer(x).mean(1))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [True, False])
class TestModulesOfOthers:
    def test_a_network_that_goes_down_and_up_costs_what_fvcore_counts(self, dynamo, tmp_path):
        from fvcore.nn import FlopCountAnalysis

        module, image = UNet().eval(), torch.randn(1, 3, 32, 24)
        target = tmp_path / "net.onnx"
        torch.onnx.export(module, (image,), target, dynamo=dynamo, verbose=False)
        net = ag.load(target)
        counted = FlopCountAnalysis(module, image).unsupported_ops_warnings(False)
        assert net.total("macs") == counted.by_operator()["conv"]
        assert net.total("params") == sum(each.numel() for each in module.parameters())
        assert ag.draw(net, tmp_path / "net.svg").exists()

    def test_a_transformer_costs_what_its_layers_multiply(self, dynamo, tmp_path):
        module, image = Encoder().eval(), torch.randn(1, 9, 32)
        target = tmp_path / "net.onnx"
        torch.onnx.export(module, (image,), target, dynamo=dynamo, verbose=False)
        net = ag.load(target)
        projections = 9 * (32 * 96 + 32 * 32 + 2 * 32 * 64) + 32 * 5
        assert net.total("macs") == projections + 2 * 4 * 9 * 9 * 8
        # torch's newer exporter leaves out one of two equal vectors of 32.
        missing = sum(each.numel() for each in module.parameters()) - net.total("params")
        assert missing in (0, 32)
