"""Checkpoints: whose keys fit, what is refused, and that nothing is half loaded."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import archgraph as ag
from archgraph.errors import CheckpointError, FileError, FormatError
from archgraph.exporters.pytorch import load_state, load_weights, read_weights

KEYS = json.loads((Path(__file__).parent / "data" / "torchvision_keys.json").read_text())


def lenet(seed: int | None = 0) -> nn.Module:
    return ag.to_torch(ag.load("lenet5"), seed=seed)


def assert_same(found: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[key], wanted[key]) for key in wanted)


class TestTorchvision:
    @pytest.mark.parametrize("name", KEYS)
    def test_keys_and_shapes_are_those_of_the_published_checkpoints(self, name):
        module = ag.to_torch(ag.load(name), seed=None)
        found = {key: list(tensor.shape) for key, tensor in module.state_dict().items()}
        assert found == KEYS[name]

    @pytest.mark.parametrize("name", KEYS)
    def test_strict_loading_takes_them(self, name):
        module = ag.to_torch(ag.load(name), seed=None)
        with torch.device("meta"):
            state = {key: torch.empty(shape) for key, shape in KEYS[name].items()}
        assert not any(module.load_state_dict(state, strict=True, assign=True))

    def test_googlenets_checkpoint_with_its_heads_loads_from_a_file(self, tmp_path):
        filled = torch.Generator().manual_seed(0)
        state = {
            key: torch.rand(shape, generator=filled) if shape else torch.tensor(7)
            for key, shape in KEYS["googlenet_bn"].items()
        }
        torch.save(state, tmp_path / "googlenet.pth")
        module = load_weights(ag.load("googlenet_bn"), tmp_path / "googlenet.pth")
        assert_same(module.state_dict(), state)

    def test_old_checkpoints_without_batch_counters_load(self):
        module = ag.to_torch(ag.load("resnet18"), seed=None)
        with torch.device("cpu"):
            state = {
                key: torch.ones(shape)
                for key, shape in KEYS["resnet18"].items()
                if not key.endswith("num_batches_tracked")
            }
        load_state(module, state)
        assert module.get_buffer("bn1.num_batches_tracked").item() == 0
        assert module.get_parameter("fc.weight").mean().item() == 1


class TestFiles:
    def test_pth_and_safetensors_come_back_exactly(self, tmp_path):
        from safetensors.torch import save_file

        state = lenet(seed=5).state_dict()
        torch.save(state, tmp_path / "w.pth")
        torch.save(state, tmp_path / "old.pt", _use_new_zipfile_serialization=False)
        save_file(state, tmp_path / "w.safetensors")
        for file in ("w.pth", "old.pt", "w.safetensors"):
            assert_same(load_weights(lenet(), tmp_path / file).state_dict(), state)
            assert_same(load_weights(ag.load("lenet5"), tmp_path / file).state_dict(), state)

    @pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model"])
    @pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod."])
    def test_training_scripts_wrappings_are_taken_off(self, tmp_path, wrapper, prefix):
        state = lenet(seed=5).state_dict()
        wrapped = {wrapper: {prefix + key: value for key, value in state.items()}, "epoch": 3}
        torch.save(wrapped, tmp_path / "w.pth")
        assert_same(read_weights(tmp_path / "w.pth"), state)

    def test_half_precision_weights_become_the_modules_type(self, tmp_path):
        state = {key: value.half() for key, value in lenet(seed=5).state_dict().items()}
        torch.save(state, tmp_path / "w.pth")
        for network in (lenet(), ag.load("lenet5")):
            module = load_weights(network, tmp_path / "w.pth")
            assert module(torch.zeros(1, 1, 32, 32)).dtype == torch.float32
            assert_same(module.state_dict(), {key: value.float() for key, value in state.items()})

    def test_a_loaded_graph_trains_on(self, tmp_path):
        torch.save(lenet(seed=5).state_dict(), tmp_path / "w.pth")
        module = load_weights(ag.load("lenet5"), tmp_path / "w.pth")
        module(torch.ones(1, 1, 32, 32)).sum().backward()
        assert all(parameter.grad is not None for parameter in module.parameters())


class TestRefusals:
    def refused(self, module: nn.Module, state: dict[str, Tensor]) -> str:
        """Return what is said, after making sure that nothing was loaded."""
        before = {key: value.clone() for key, value in module.state_dict().items()}
        with pytest.raises(CheckpointError) as caught:
            load_state(module, state)
        assert_same(module.state_dict(), before)
        said = str(caught.value)
        assert "\n" not in said
        return said

    def test_missing_and_unexpected_keys_are_counted_and_named(self):
        state = lenet(seed=5).state_dict()
        state["head.weight"] = state.pop("output.weight")
        said = self.refused(lenet(), state)
        assert "1 missing: output.weight" in said
        assert "1 unexpected: head.weight" in said

    def test_wrong_shapes_are_named_with_both_shapes(self):
        state = ag.to_torch(ag.load("lenet5", num_classes=7)).state_dict()
        said = self.refused(lenet(), state)
        assert "2 of another shape: output.weight is 7×84 instead of 10×84" in said

    def test_another_networks_weights_name_the_network_they_do_not_fit(self):
        said = self.refused(lenet(), ag.to_torch(ag.load("resnet20_cifar")).state_dict())
        assert "'lenet5' (10 tensors)" in said
        assert "10 missing: c1.weight, c1.bias, c3.weight, …;" in said
        assert len(said) < 300

    def test_a_missing_file_is_named(self, tmp_path):
        with pytest.raises(FileError, match=r"none\.pth"):
            load_weights(lenet(), tmp_path / "none.pth")

    @pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
    @pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04broken", b"\x80\x02]q\x00."])
    def test_a_file_of_something_else_is_named(self, tmp_path, content, suffix):
        (tmp_path / f"w{suffix}").write_bytes(content)
        with pytest.raises(FormatError, match=rf"w\{suffix}"):
            load_weights(lenet(), tmp_path / f"w{suffix}")

    @pytest.mark.parametrize("new", [True, False])
    def test_a_file_cut_short_anywhere_is_refused(self, tmp_path, new):
        path = tmp_path / "w.pth"
        torch.save(lenet().state_dict(), path, _use_new_zipfile_serialization=new)
        whole = path.read_bytes()
        for part in range(20):
            path.write_bytes(whole[: len(whole) * part // 20])
            with pytest.raises(FormatError):
                read_weights(path)

    @pytest.mark.parametrize("content", [{"a": 1}, [torch.zeros(1)], {}, {3: torch.zeros(1)}])
    def test_a_file_without_named_tensors_is_refused(self, tmp_path, content):
        torch.save(content, tmp_path / "w.pth")
        with pytest.raises(FormatError, match="named tensors"):
            read_weights(tmp_path / "w.pth")

    @pytest.mark.parametrize("new", [True, False])
    def test_a_pickle_with_code_is_refused_and_never_run(self, tmp_path, new):
        trap, path = tmp_path / "sprung", tmp_path / "w.pth"

        class Code:
            def __reduce__(self):
                return (os.mkdir, (str(trap),))

        torch.save({"c1.weight": Code()}, path, _use_new_zipfile_serialization=new)
        with pytest.raises(FormatError, match=r"mkdir.*Python code could run"):
            read_weights(path)
        path.write_bytes(pickle.dumps({"c1.weight": Code()}))
        with pytest.raises(FormatError, match="Python code could run"):
            read_weights(path)
        assert not trap.exists()

    def test_a_whole_pickled_module_is_refused(self, tmp_path):
        torch.save(lenet(), tmp_path / "w.pth")
        with pytest.raises(FormatError, match=r"save its state_dict\(\) alone"):
            read_weights(tmp_path / "w.pth")
