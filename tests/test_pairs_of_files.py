"""A model and its data, a source and its checkpoint: what a kill at any step leaves of them."""

from __future__ import annotations

import os
import runpy
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.errors import ExportError, FileError

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
numpy_helper = pytest.importorskip("onnx.numpy_helper")


@pytest.fixture
def steps(monkeypatch):
    """Look at the files after every step in which one takes its place."""
    looks = []
    real = Path.replace

    def watched(self: Path, target: Path) -> Path:
        done = real(self, target)
        for look in looks:
            look()
        return done

    monkeypatch.setattr(Path, "replace", watched)
    return looks


def bias(path: Path) -> list[float]:
    """Return numbers of a model, those of its data file where it has one."""
    model = onnx.load(path)
    (found,) = (each for each in model.graph.initializer if each.name == "c1.bias")
    return numpy_helper.to_array(found).tolist()


def test_a_model_has_its_own_weights_after_every_step(tmp_path, steps):
    target, one, other = (tmp_path / name for name in ("x.onnx", "one.onnx", "other.onnx"))
    net = ag.load("lenet5")
    ag.export_onnx(net, one, seed=1)
    ag.export_onnx(net, other, seed=2)
    ag.export_onnx(net, target, external=True, seed=1)
    seen = [bias(target)]
    steps.append(lambda: seen.append(bias(target)))
    ag.export_onnx(net, target, external=True, seed=2)
    assert seen == [bias(one), *[bias(other)] * 3]
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(
        ["one.onnx", "other.onnx", "x.onnx", "x.onnx.data"]
    )


def test_a_model_too_large_to_hold_its_weights_names_no_file_of_another(
    tmp_path, steps, monkeypatch
):
    target = tmp_path / "x.onnx"
    net = ag.load("lenet5")
    ag.export_onnx(net, target, external=True, seed=1)
    monkeypatch.setattr("archgraph.exporters.onnx.export.LIMIT", 1000)
    named = []

    def look() -> None:
        model = onnx.load(target, load_external_data=False)
        entries = [each.external_data[0].value for each in model.graph.initializer]
        named.append(set(entries))

    steps.append(look)
    ag.export_onnx(net, target, external=True, seed=2)
    assert named == [{"x.onnx.data.unfinished"}] * 2 + [{"x.onnx.data"}]
    assert not (tmp_path / "x.onnx.data.unfinished").exists()


def test_a_source_says_so_while_its_checkpoint_is_anothers(tmp_path, steps):
    target, weights = tmp_path / "x.py", tmp_path / "x.safetensors"
    ag.export(ag.load("lenet5"), target, checkpoint=weights)
    before = target.read_text()
    said = []

    def look() -> None:
        try:
            said.append(sorted(runpy.run_path(str(target)))[0] and "a class")
        except ImportError as error:
            said.append(str(error))

    steps.append(look)
    ag.export(ag.load("lenet5", num_classes=3), target, checkpoint=weights)
    waits = "x.py waits for x.safetensors: its export was stopped, so export again"
    assert said == [waits, waits, "a class"]
    assert target.read_text() != before


@pytest.mark.skipif(os.name == "nt", reason="as POSIX has links")
def test_a_link_to_a_model_in_another_folder_has_no_place_for_its_data(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "x.onnx").symlink_to("far/x.onnx")
    with pytest.raises(ExportError, match="far/x.onnx"):
        ag.export_onnx(ag.load("lenet5"), tmp_path / "x.onnx", external=True)
    assert not list((tmp_path / "far").iterdir())


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
def test_a_checkpoint_on_a_full_disk_is_told_in_words_of_the_system(tmp_path, suffix):
    resource = pytest.importorskip("resource")
    net = ag.load("lenet5")
    ag.export(net, tmp_path / "warm.py", checkpoint=tmp_path / f"warm{suffix}")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(FileError, match=rf"^cannot write '.*x\{suffix}': File too large\.$"):
            ag.export(net, tmp_path / "x.py", checkpoint=tmp_path / f"x{suffix}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert {each.name for each in tmp_path.iterdir()} == {"warm.py", f"warm{suffix}"}
