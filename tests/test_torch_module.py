"""Modules run the graph: modes, seeds, memory, copies, torch's own exporters."""

import copy
import io
import pickle
import weakref

import pytest
import torch
from torch import nn
from torch.nn import functional

import archgraph as ag
from archgraph.errors import ExportError
from archgraph.exporters.pytorch.initialise import deviation
from archgraph.ops import (
    LSTM,
    Add,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Linear,
    Opaque,
    PadShortcut,
    ReLU,
    Slice,
    Softmax,
)


def images(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def same_state(first: nn.Module, second: nn.Module) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def small_googlenet() -> ag.ArchGraph:
    return ag.load("googlenet_bn", input=(3, 64, 64), num_classes=10)


class TestModes:
    def test_googlenet_returns_its_heads_in_training_only(self):
        module = ag.to_torch(small_googlenet())
        x = images(2, 3, 64, 64)
        assert module.eval()(x).shape == (2, 10)
        trained = module.train()(x)
        assert trained._fields == ("logits", "aux_logits1", "aux_logits2")
        assert [tuple(y.shape) for y in trained] == [(2, 10)] * 3
        assert trained.logits is trained[0]

    def test_auxiliary_heads_do_not_run_in_eval_mode(self):
        module = ag.to_torch(small_googlenet())
        ran = []
        for name, part in module.named_modules():
            if name.startswith("aux") and not list(part.children()):
                part.register_forward_hook(lambda *_, name=name: ran.append(name))
        module.eval()(images(2, 3, 64, 64))
        assert ran == []
        module.train()(images(2, 3, 64, 64))
        assert {name.split(".")[0] for name in ran} == {"aux1", "aux2"}

    def test_all_heads_send_gradient_into_the_stem(self):
        module = ag.to_torch(small_googlenet()).train()
        for which in range(3):
            module.zero_grad()
            module(images(2, 3, 64, 64))[which].sum().backward()
            gradient = module.get_parameter("conv1.conv.weight").grad
            assert gradient is not None
            assert gradient.abs().sum() > 0
            assert (module.get_parameter("fc.weight").grad is not None) == (which == 0)

    def test_several_main_outputs_are_named_by_their_nodes(self):
        net = ag.ArchGraph(name="two")
        net.add("x", Input((4,)))
        net.add("a.0", ReLU(), ["x"])
        net.add("b", Softmax(), ["x"])
        net.set_outputs("b", "a.0")
        x = images(3, 4)
        for mode in (True, False):
            found = ag.to_torch(net).train(mode)(x)
            assert found._fields == ("b", "a_0")
            assert torch.equal(found.b, x.softmax(1))
            assert torch.equal(found.a_0, x.relu())

    def test_dropout_drops_in_training_only(self):
        net = ag.ArchGraph(name="drop")
        net.add("x", Input((1000,)))
        net.add("drop", Dropout(0.25), ["x"])
        module, x = ag.to_torch(net), torch.ones(8, 1000)
        assert torch.equal(module(x), x)
        dropped = module.train()(x)
        assert 0.2 < (dropped == 0).float().mean() < 0.3
        assert dropped.max().item() == pytest.approx(4 / 3)

    def test_batch_norm_learns_statistics_in_training_only(self):
        net = ag.ArchGraph(name="bn")
        net.add("x", Input((2, 8, 8)))
        net.add("bn", BatchNorm2d(2, momentum=0.5), ["x"])
        module, x = ag.to_torch(net), 3 + 2 * images(4, 2, 8, 8)
        # eps = 1e-5 beside a variance of 1
        torch.testing.assert_close(module(x), x / (1 + 1e-5) ** 0.5)
        assert torch.equal(module.get_buffer("bn.running_mean"), torch.zeros(2))
        y = module.train()(x)
        torch.testing.assert_close(y.mean((0, 2, 3)), torch.zeros(2), atol=1e-5, rtol=0)
        torch.testing.assert_close(
            module.get_buffer("bn.running_mean"), 0.5 * x.mean((0, 2, 3)), atol=1e-6, rtol=1e-5
        )
        assert module.get_buffer("bn.num_batches_tracked").item() == 1

    def test_a_small_network_learns(self):
        torch.manual_seed(0)
        module = ag.to_torch(ag.load("lenet5")).train()
        x, wanted = images(32, 1, 32, 32), torch.arange(32) % 10
        optimizer = torch.optim.Adam(module.parameters(), 1e-3)
        losses = []
        for _ in range(60):
            optimizer.zero_grad()
            loss = functional.cross_entropy(module(x), wanted)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        assert losses[-1] < 0.2 * losses[0]


class TestSeeds:
    def test_the_same_seed_gives_the_same_bits(self):
        net = ag.load("resnet20_cifar")
        assert same_state(ag.to_torch(net, seed=3), ag.to_torch(net, seed=3))
        assert not same_state(ag.to_torch(net, seed=3), ag.to_torch(net, seed=4))

    def test_torchs_own_generator_is_left_alone(self):
        before = torch.get_rng_state()
        ag.to_torch(ag.load("lenet5"), seed=9)
        assert torch.equal(torch.get_rng_state(), before)

    def test_convolutions_before_relu_follow_he(self):
        module = ag.to_torch(ag.load("vgg11"))
        weight = module.get_parameter("features.6.weight")  # 128 channels, 3×3
        assert weight.std().item() == pytest.approx((2 / (128 * 9)) ** 0.5, rel=0.01)
        assert weight.mean().item() == pytest.approx(0, abs=1e-3)
        reference = torch.empty_like(weight)
        torch.manual_seed(0)
        nn.init.kaiming_normal_(reference, mode="fan_in", nonlinearity="relu")
        assert weight.std().item() == pytest.approx(reference.std().item(), rel=0.01)
        last = module.get_parameter("classifier.6.weight")  # nothing behind it
        assert last.std().item() == pytest.approx((1 / 4096) ** 0.5, rel=0.01)

    def test_tanh_networks_follow_glorot(self):
        weight = ag.to_torch(ag.load("lenet5")).get_parameter("c5.weight")
        reference = torch.empty_like(weight)
        torch.manual_seed(0)
        nn.init.xavier_normal_(reference)
        assert weight.std().item() == pytest.approx(reference.std().item(), rel=0.02)

    def test_a_grouped_convolution_counts_its_own_groups_channels(self):
        weight = torch.empty(256, 48, 5, 5)
        torch.manual_seed(0)
        nn.init.kaiming_normal_(weight, nonlinearity="relu")
        wanted = weight.std().item()
        assert deviation(tuple(weight.shape), "ReLU") == pytest.approx(wanted, rel=0.01)

    def test_biases_and_batch_norms_start_neutral(self):
        state = ag.to_torch(ag.load("vgg11_bn")).state_dict()
        assert torch.count_nonzero(state["classifier.6.bias"]) == 0
        assert torch.equal(state["features.1.weight"], torch.ones(64))
        assert torch.equal(state["features.1.bias"], torch.zeros(64))
        assert torch.equal(state["features.1.running_mean"], torch.zeros(64))
        assert torch.equal(state["features.1.running_var"], torch.ones(64))
        assert state["features.1.num_batches_tracked"] == 0

    @pytest.mark.parametrize("name", ["resnet18", "googlenet", "zfnet"])
    def test_outputs_depend_on_the_image(self, name):
        net = ag.load(name)
        assert self.spread(ag.to_torch(net), net) > 0.1

    def test_torchs_default_initialisation_lets_the_image_vanish(self):
        net = ag.load("googlenet")
        module = ag.to_torch(net)
        for part in module.modules():
            if isinstance(part, (nn.Conv2d, nn.Linear)):
                part.reset_parameters()
        assert self.spread(module, net) < 1e-3

    def spread(self, module: nn.Module, net: ag.ArchGraph) -> float:
        """Return how much the outputs differ between images, relative to their whole spread."""
        smooth = functional.interpolate(
            3 * images(6, 3, 5, 5), net.input_shape[1:], mode="bilinear"
        )
        with torch.no_grad():
            y = module(smooth)
        return ((y - y.mean(0)).std() / y.std()).item()

    def test_without_a_seed_no_memory_is_taken(self):
        module = ag.to_torch(ag.load("vgg19"), seed=None)
        assert all(parameter.is_meta for parameter in module.parameters())


class TestOperators:
    def run(self, shape, op, x):
        net = ag.ArchGraph(name="one")
        net.add("x", Input(shape))
        net.add("y", op, ["x"])
        return ag.to_torch(net)(x)

    def test_the_padded_shortcut_subsamples_and_adds_zeros_on_both_sides(self):
        x = images(2, 4, 7, 8)
        found = self.run((4, 7, 8), PadShortcut(2, 1, 3), x)
        assert found.shape == (2, 8, 4, 4)
        assert torch.equal(found[:, 1:5], x[:, :, ::2, ::2])
        assert torch.count_nonzero(found[:, :1]) + torch.count_nonzero(found[:, 5:]) == 0

    def test_a_slice_takes_channels_of_every_image(self):
        x = images(3, 6, 2, 2)
        assert torch.equal(self.run((6, 2, 2), Slice(2, 5), x), x[:, 2:5])

    def test_a_tensor_can_be_added_to_itself(self):
        net = ag.ArchGraph(name="double")
        net.add("x", Input((3,)))
        net.add("y", Add(), ["x", "x"])
        x = images(2, 3)
        assert torch.equal(ag.to_torch(net)(x), 2 * x)

    def test_an_unknown_operator_is_named_with_its_node(self):
        net = ag.ArchGraph(name="odd")
        net.add("x", Input((3, 8, 8)))
        net.add("stem.deform", Opaque("DeformConv", (3, 8, 8)), ["x"])
        with pytest.raises(ExportError, match=r"DeformConv \('stem\.deform'\)"):
            ag.to_torch(net)

    def test_a_node_named_as_a_modules_method_is_refused(self):
        net = ag.ArchGraph(name="clash")
        net.add("x", Input((3,)))
        net.add("block.forward", ReLU(), ["x"])
        with pytest.raises(ExportError, match=r"'block\.forward'.*rename"):
            ag.to_torch(net)

    def test_nodes_may_bear_the_names_of_our_own_facts(self):
        net = ag.ArchGraph(name="names")
        net.add("inputs", Input((3,)))
        for before, name in (("inputs", "name"), ("name", "sources"), ("sources", "placement")):
            net.add(name, Linear(3, 3), [before])
        assert ag.to_torch(net)(images(2, 3)).shape == (2, 3)


class TestModuleHabits:
    def test_values_are_freed_after_their_last_use(self):
        net = ag.ArchGraph(name="chain")
        last = net.add("x", Input((4, 8, 8)))
        for number in range(12):
            last = net.add(f"conv{number}", Conv2d(4, 4, 3, 1, 1), [last])
        module = ag.to_torch(net)
        made: list[weakref.ref[torch.Tensor]] = []
        alive: list[int] = []

        def count(_module, _inputs, output):
            made.append(weakref.ref(output))
            alive.append(sum(ref() is not None for ref in made))

        for child in module.children():
            child.register_forward_hook(count)
        with torch.no_grad():
            module(images(1, 4, 8, 8))
        assert max(alive) == 2  # a layer's input and its output

    def test_copies_and_pickles_compute_the_same(self):
        module, x = ag.to_torch(ag.load("resnet20_cifar")), images(2, 3, 32, 32)
        wanted = module(x)
        assert torch.equal(copy.deepcopy(module)(x), wanted)
        assert torch.equal(pickle.loads(pickle.dumps(module))(x), wanted)
        file = io.BytesIO()
        torch.save(module, file)
        file.seek(0)
        assert torch.equal(torch.load(file, weights_only=False)(x), wanted)

    def test_a_layer_can_be_replaced_for_fine_tuning(self):
        module = ag.to_torch(ag.load("resnet20_cifar"))
        module.fc = nn.Linear(64, 3)
        assert module(images(2, 3, 32, 32)).shape == (2, 3)

    def test_repr_shows_the_network_and_its_layers_by_name(self):
        text = repr(ag.to_torch(ag.load("resnet18"), seed=None))
        assert "resnet18: 3×224×224 → 1000" in text
        assert "(downsample): Module(" in text
        assert "(conv2): Conv2d(64, 64, kernel_size=(3, 3)" in text

    def test_a_wrong_number_of_inputs_is_refused(self):
        module = ag.to_torch(ag.load("lenet5"))
        with pytest.raises(TypeError, match="lenet5 takes 1 inputs, not 2"):
            module(images(1, 1, 32, 32), images(1, 1, 32, 32))

    @pytest.mark.filterwarnings("ignore:.*torch.jit.*is deprecated")
    def test_torch_can_trace_export_and_compile_it(self):
        module, x = ag.to_torch(ag.load("resnet20_cifar")), images(2, 3, 32, 32)
        with torch.no_grad():
            wanted, five = module(x), images(5, 3, 32, 32, seed=1)
            assert torch.equal(torch.jit.trace(module, x)(x), wanted)
            batch = torch.export.Dim("batch")
            program = torch.export.export(module, (x,), dynamic_shapes=({0: batch},))
            torch.testing.assert_close(program.module()(five), module(five), rtol=1e-4, atol=1e-4)
            compiled = torch.compile(module, backend="eager", fullgraph=True)
            torch.testing.assert_close(compiled(x), wanted, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("dynamo", [True, False])
    @pytest.mark.filterwarnings("ignore")
    def test_torchs_onnx_exporters_take_it(self, dynamo, tmp_path):
        onnxruntime = pytest.importorskip("onnxruntime")
        module, x = ag.to_torch(ag.load("resnet20_cifar")), images(2, 3, 32, 32)
        path = tmp_path / "net.onnx"
        torch.onnx.export(module, (x,), path, dynamo=dynamo, verbose=False)
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        (found,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
        torch.testing.assert_close(
            torch.from_numpy(found), module(x).detach(), rtol=1e-4, atol=1e-4
        )


class TestResidualIdentity:
    def block(self, last_relu: bool) -> ag.ArchGraph:
        net = ag.load("resnet18/layer1.0")
        if not last_relu:
            net.remove_node("layer1.0.relu2")
            net.set_outputs("layer1.0.add")
        return net

    def silent(self, net: ag.ArchGraph) -> nn.Module:
        """Return the block with all weights of F at zero."""
        module = ag.to_torch(net)
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.zero_()
        return module

    def test_with_no_weights_in_f_the_block_passes_x_on_exactly(self):
        x = images(2, 64, 56, 56)
        assert torch.equal(self.silent(self.block(last_relu=False))(x), x)

    def test_after_the_last_relu_it_passes_what_is_not_negative(self):
        module, x = self.silent(self.block(last_relu=True)), images(2, 64, 56, 56)
        assert torch.equal(module(x.abs()), x.abs())
        assert torch.equal(module(x), x.relu())

    def test_with_weights_in_f_it_does_not(self):
        x = images(2, 64, 56, 56)
        assert not torch.allclose(ag.to_torch(self.block(last_relu=False))(x), x, atol=0.1)

    def test_flatten_and_linear_take_a_batch(self):
        net = ag.ArchGraph(name="head")
        net.add("x", Input((2, 3, 4)))
        net.add("flatten", Flatten(), ["x"])
        net.add("fc", Linear(24, 5), ["flatten"])
        module, x = ag.to_torch(net), images(7, 2, 3, 4)
        fc = module.get_submodule("fc")
        assert torch.equal(module(x), functional.linear(x.reshape(7, 24), fc.weight, fc.bias))


class TestRunsAgain:
    def twice(self) -> ag.ArchGraph:
        """Return two images through one backbone, as in a Siamese network."""
        net = ag.ArchGraph(name="twins")
        ends = []
        for number, path in enumerate(("backbone", "backbone@2")):
            x = net.add(f"x{number}", Input((3, 8, 8)))
            x = net.add(f"{path}.conv", Conv2d(3, 4, 3), [x])
            x = net.add(f"{path}.bn", BatchNorm2d(4), [x])
            ends.append(net.add(f"{path}.relu", ReLU(), [x]))
        net.add("sum", Add(), ends)
        net.set_outputs("sum")
        return net

    def test_a_second_run_has_the_weights_of_the_first_and_no_keys(self):
        module = ag.to_torch(self.twice())
        assert not any("@" in key for key in module.state_dict())
        one, two = images(2, 3, 8, 8), images(2, 3, 8, 8, seed=1)
        backbone = nn.Sequential(module.backbone.conv, module.backbone.bn, nn.ReLU()).eval()
        torch.testing.assert_close(module(one, two), backbone(one) + backbone(two))

    def test_tied_weights_stay_tied_when_they_move(self):
        net = ag.ArchGraph(name="tied")
        net.add("x", Input((4,)))
        net.store("a.weight", (4, 4))
        net.store("b.weight", (4, 4), alias="a.weight")
        net.add("a", Linear(4, 4, bias=False), ["x"])
        net.add("b", Linear(4, 4, bias=False), ["a"])
        module = ag.to_torch(net, seed=None)
        assert module.a.weight is module.b.weight
        module = module.to_empty(device="cpu")
        assert module.a.weight is module.b.weight
        assert copy.deepcopy(module).a.weight is not module.a.weight
        assert len(list(module.parameters())) == 1


class TestStored:
    def test_numbers_of_a_formula_move_with_the_module_and_are_not_saved(self):
        net = ag.ArchGraph(name="scaled")
        net.add("x", Input((2,)))
        net.add("y", Add(), ["x", net.store("shift", (2,), kind="constant", value=(1.0, 2.0))])
        module = ag.to_torch(net, seed=None)
        assert module.state_dict() == {}
        for made in (module, module.to_empty(device="cpu"), ag.to_torch(net)):
            assert made(torch.zeros(1, 2)).tolist() == [[1.0, 2.0]]
        assert module.half()(torch.zeros(1, 2, dtype=torch.float16)).dtype == torch.float16

    def test_a_learned_input_is_a_parameter_of_its_module(self):
        net = ag.ArchGraph(name="position")
        net.add("x", Input((5, 3)))
        net.add("encoder.add", Add(), ["x", net.store("encoder.pos_embedding", (1, 5, 3))])
        module = ag.to_torch(net)
        assert isinstance(module.encoder.pos_embedding, nn.Parameter)
        assert 0 < module.encoder.pos_embedding.std().item() < 0.04

    def test_recurrent_layers_and_embeddings_start_as_in_the_literature(self):
        net = ag.ArchGraph(name="start")
        net.add("x", Input((7,), "int64"))
        net.add("table", Embedding(500, 64), ["x"])
        net.add("lstm", LSTM(64, 100, batch_first=True), ["table"])
        module = ag.to_torch(net)
        assert module.table.weight.std().item() == pytest.approx(0.02, rel=0.05)
        bound = max(each.abs().max().item() for each in module.lstm.parameters())
        assert bound == pytest.approx(0.1, rel=0.02)  # 1/√100, torch.nn.LSTM's documentation


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_module_whose_layers_use_tensors_of_others_can_be_traced():
    net = ag.ArchGraph(name="lent")
    net.add("x", ag.ops.Input((8,)))
    net.store("shared", (8, 8))
    net.add("first", ag.ops.Linear(8, 8, False), ["x"], tensors={"weight": "shared"})
    net.add("second", ag.ops.Linear(8, 8, False), ["first"], tensors={"weight": "shared"})
    module, x = ag.to_torch(net), torch.randn(3, 8)
    assert torch.equal(torch.jit.trace(module, x)(x), module(x))
