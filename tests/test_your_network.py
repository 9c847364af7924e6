"""A person's own network: from their code, by every function and command, with its weights."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
import torch
from torch import Tensor, nn

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError

OWN = """
import torch
from torch import nn


def small(width=16, name="plain"):
    assert name in ("plain", "wide")
    return nn.Sequential(
        nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10),
    )


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.lstm = nn.Embedding(50, 16), nn.LSTM(16, 8, batch_first=True)
        self.out, self.unused = nn.Linear(8, 5), nn.Linear(3, 3)

    def forward(self, tokens):
        return self.out(self.lstm(self.emb(tokens))[0])


def tagger():
    return Tagger(), torch.arange(12).reshape(1, 12)


def nothing():
    return 3


def crash():
    raise RuntimeError("no GPU here")


ready = small(4)
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a file of networks."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mynets.py").write_text(OWN)
    return tmp_path


class TestFactories:
    @pytest.mark.usefixtures("own")
    def test_a_function_of_a_file_or_a_module_makes_a_network(self) -> None:
        for name in ("mynets.py:small", "mynets:small"):
            net = ag.load(name, input=(3, 32, 32), arg={"width": 2})
            assert net.name == "small"
            assert net.total("macs") == 32 * 32 * 3 * 2 * 9 + 2 * 10
        assert ag.load("mynets.py:ready", input=(3, 8, 8)).total("params") == 170
        assert ag.load("mynets.py:tagger/lstm").total("params") == 8 * 4 * (16 + 8 + 2)

    @pytest.mark.usefixtures("own")
    def test_every_command_takes_it(self, capsys: pytest.CaptureFixture[str]) -> None:
        small = ["mynets.py:small", "--input", "3x32x32", "--arg", "width=2", "--arg", "name=wide"]
        assert main(["cost", *small]) == 0
        assert main(["draw", *small, "-o", "small.svg"]) == 0
        assert main(["export", *small, "-o", "small.py"]) == 0
        assert main(["cost", "mynets.py:tagger", "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out.partition("\n{")[2].join("{ "))
        assert found["totals"]["macs"] == 12 * (8 * 4 * (16 + 8) + 8 * 5)
        assert main(["diff", "mynets.py:tagger", "mynets.py:tagger", "--exit-code"]) == 0

    @pytest.mark.usefixtures("own")
    def test_an_input_is_named_with_all_its_axes(self) -> None:
        net = ag.load("mynets.py:tagger", input={"tokens": ("N", 40)})
        assert net.total("macs") == 40 * (8 * 4 * (16 + 8) + 8 * 5)
        fixed = ag.load("mynets.py:tagger", input={"tokens": (3, 40)})
        assert not fixed.batched
        assert fixed.total("macs") == 3 * net.total("macs")

    @pytest.mark.parametrize(
        ("command", "said"),
        [
            ("mynets.py:smal", "has no 'smal' (did you mean 'small'?)"),
            ("mynets.py:nothing", "'mynets.py:nothing' returned 3; it must return a module"),
            ("mynets.py:crash", "failed with RuntimeError (line 33 of it): no GPU here."),
            ("mynets.py:small", "needs either --input 3x224x224"),
            ("mynets.py:ready --arg width=3", "is no function, so it takes no 'width'"),
            ("mynets.py:small --arg depth=3", "unexpected keyword argument 'depth'"),
            ("mynets.py:small --arg width", "the argument 'width' must be NAME=VALUE"),
            ("mynets.py:tagger --input words:Nx9", "has no input 'words'"),
            ("mynets.py:tagger --input tokens:NxN", "must be positive integers, with N"),
            ("mynets.py:tagger --input 9 --input 8", "the input '9' has no name"),
            ("nofile.py:small", "there is no file 'nofile.py'"),
            ("nopackage.nets:small", "'nopackage.nets' is not installed"),
            ("mynets.py", "a factory in a Python file: 'file.py:factory'"),
            ("resnet18 --arg width=3", "'resnet18' takes no --arg"),
            ("resnet18 --input data:Nx3x64x64", "has no input 'data'"),
        ],
    )
    def test_a_mistake_gets_one_sentence(
        self, own: Path, capsys: pytest.CaptureFixture[str], command: str, said: str
    ) -> None:
        del own
        assert main(["cost", *command.split()]) == 1
        found = capsys.readouterr().err
        assert said in found
        assert len(found.splitlines()) == 1

    def test_inputs_of_the_gallery_have_names_too(self) -> None:
        net = ag.load("resnet18", input={"input": ("N", 3, 64, 64)})
        assert net.total("macs") == ag.load("resnet18", input=(3, 64, 64)).total("macs")


class Two(nn.Module):
    """Stores all that a module can: tied weights, buffers, a mask that it computes, one unused."""

    def __init__(self) -> None:
        super().__init__()
        self.emb, self.head = nn.Embedding(20, 8), nn.Linear(8, 20, bias=False)
        self.head.weight = self.emb.weight
        self.norm, self.gru = nn.BatchNorm1d(9), nn.GRU(8, 8, bidirectional=True)
        self.register_buffer("scale", torch.rand(9, 1))
        self.mixed, self.unused = nn.Linear(16, 8), nn.Parameter(torch.ones(3))

    def forward(self, tokens: Tensor) -> dict[str, Tensor]:
        x = self.norm(self.emb(tokens)) * self.scale
        mask = torch.full((9, 9), 2.0)
        mask.triu_(1)
        x = self.mixed(self.gru(mask @ x)[0])
        return {"logits": self.head(x), "pooled": x.mean(1)}


@pytest.fixture(scope="module")
def two() -> Two:
    torch.manual_seed(1)
    module = Two()
    nn.init.normal_(module.norm.running_mean)
    nn.init.uniform_(module.norm.running_var, 0.5, 2)
    return module


TOKENS = torch.arange(18).reshape(2, 9)


class TestWeights:
    def test_a_module_comes_out_as_it_went_in(self, two: Two, tmp_path: Path) -> None:
        net = ag.load(two, example=TOKENS)
        with torch.no_grad():
            wanted = list(two.eval()(TOKENS).values())
            for found, other in zip(ag.to_torch(net)(TOKENS), wanted, strict=True):
                torch.testing.assert_close(found, other)
        rows: list[object] = []
        path = tmp_path / "two.onnx"
        ag.export_onnx(net, path, check=["onnxruntime"], report=rows.append)
        assert [row.against for row in rows] == ["the module Two"]
        read = ag.load(path)
        with torch.no_grad():
            for found, other in zip(ag.to_torch(read)(TOKENS), wanted, strict=True):
                torch.testing.assert_close(found, other, rtol=1e-4, atol=1e-5)

    def test_training_a_copy_leaves_the_original_alone(self, two: Two) -> None:
        ours = ag.to_torch(ag.load(two, example=TOKENS))
        with torch.no_grad():
            ours.get_parameter("emb.weight").zero_()
        assert two.emb.weight.abs().sum() > 0

    @pytest.mark.parametrize("dynamo", [False, True])
    def test_a_file_of_torchs_exporters_keeps_its_weights(
        self, two: Two, tmp_path: Path, dynamo: bool
    ) -> None:
        path = tmp_path / "theirs.onnx"
        torch.onnx.export(
            two.eval(),
            (TOKENS,),
            path,
            dynamo=dynamo,
            input_names=["tokens"],
            **({} if dynamo else {"dynamic_axes": {"tokens": {0: "b"}}}),
        )
        net = ag.load(path)
        with torch.no_grad():
            wanted = list(two(TOKENS).values())
            for found, other in zip(ag.to_torch(net)(TOKENS), wanted, strict=True):
                torch.testing.assert_close(found, other, rtol=1e-4, atol=1e-5)
        rows: list[object] = []
        ours = tmp_path / "ours.onnx"
        ag.export_onnx(net, ours, check=["onnxruntime"], report=rows.append)
        assert [row.against for row in rows] == [f"'{path}'"]

    def test_weights_beside_the_model_are_found_and_none_elsewhere(self, tmp_path: Path) -> None:
        net = ag.load("lenet5")
        path = ag.export_onnx(net, tmp_path / "net.onnx", seed=3, external=True)
        image = torch.rand(2, 1, 32, 32)
        with torch.no_grad():
            wanted = ag.to_torch(net, seed=3)(image)
            torch.testing.assert_close(ag.to_torch(ag.load(path))(image), wanted)
        model = onnx.load(path, load_external_data=False)
        for tensor in model.graph.initializer:
            for entry in tensor.external_data:
                if entry.key == "location":
                    entry.value = f"../{tmp_path.name}/net.onnx.data"
        (tmp_path / "inner").mkdir()
        onnx.save(model, tmp_path / "inner" / "net.onnx")
        strange = ag.load(tmp_path / "inner" / "net.onnx")
        assert strange.total("params") == net.total("params")
        with pytest.raises(ArchGraphError, match="which is not in its folder, so it is not opened"):
            ag.to_torch(strange)

    def test_it_is_said_whose_weights_are_in_the_file(
        self, own: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        del own
        assert main(["export", "mynets.py:tagger", "-o", "a.onnx"]) == 0
        assert main(["export", "a.onnx", "-o", "b.onnx"]) == 0
        assert main(["export", "a.onnx", "-o", "c.onnx", "--seed", "4"]) == 0
        said = capsys.readouterr().err.splitlines()
        ends = ["weights of the module Tagger)", "weights of 'a.onnx')", "random weights, seed 4)"]
        assert all(line.endswith(end) for line, end in zip(said, ends, strict=True))
        notes = [
            {each.key: each.value for each in onnx.load(f"{name}.onnx").metadata_props}
            for name in "abc"
        ]
        assert [each["archgraph.weights"] for each in notes] == [
            *("the module Tagger", "'a.onnx'", "seed 4"),
        ]
        prints = [each["archgraph.weights_sha256"] for each in notes]
        assert prints[0] == prints[1] != prints[2]

    def test_another_input_reads_it_again(self, two: Two) -> None:
        del two
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.LazyLinear(5))
        module(torch.rand(1, 3, 8, 8))
        net = ag.load(module[:2], input=(3, 8, 8))
        assert net.with_input((3, 16, 16)).nodes["1"]["shape"] == (4 * 14 * 14,)
        net.add("more", ag.ops.ReLU(), ["1"])
        assert net.provenance is None
        assert net.weights is not None


class TestFunctions:
    def test_a_module_is_drawn_and_exported_without_more_ado(self, tmp_path: Path) -> None:
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
        for name in ("a.svg", "a.pptx"):
            assert ag.draw(module, tmp_path / name, input=(3, 8, 8)).stat().st_size > 1000
        ag.export_onnx(module, tmp_path / "a.onnx", input=(3, 8, 8), check=["onnxruntime"])
        ag.export(module, tmp_path / "a.py", example=torch.rand(1, 3, 8, 8))

    def test_a_picture_without_a_path_shows_itself(self, tmp_path: Path) -> None:
        module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
        picture = ag.draw(module, torch.rand(1, 3, 8, 8), theme="dark")
        shown = picture._repr_mimebundle_()
        assert "<svg" in shown["text/html"]
        assert "Sequential" in shown["text/plain"]
        assert picture.save(tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")

    def test_what_is_no_network_is_said_to_be_none(self) -> None:
        with pytest.raises(ArchGraphError, match="a dict is no network; give a gallery name"):
            ag.load({})
