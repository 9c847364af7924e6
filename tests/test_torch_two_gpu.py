"""AlexNet on its two GPUs: the same function as with grouped convolutions, and really apart."""

import pytest
import torch
from torch import nn

import archgraph as ag
from archgraph.errors import CheckpointError, ExportError
from archgraph.exporters.pytorch import join_state, load_state, place, shard_state


@pytest.fixture(scope="module")
def whole() -> nn.Module:
    return ag.to_torch(ag.load("alexnet_grouped"), seed=1)


@pytest.fixture(scope="module")
def image() -> torch.Tensor:
    # Strong enough that local response normalisation matters.
    return 5 * torch.randn(2, 3, 227, 227, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def wanted(whole: nn.Module, image: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return whole(image)


def two_gpu(whole: nn.Module) -> nn.Module:
    net = ag.load("alexnet_two_gpu")
    return load_state(ag.to_torch(net, seed=None), shard_state(net, whole.state_dict()))


def relative(found: torch.Tensor, wanted: torch.Tensor) -> float:
    return ((found - wanted).abs().max() / wanted.abs().max()).item()


def test_the_two_lanes_compute_what_grouped_convolutions_compute(whole, image, wanted):
    with torch.no_grad():
        assert relative(two_gpu(whole)(image), wanted) < 1e-5


def test_normalising_over_all_maps_would_be_another_function(image, wanted, whole):
    module = two_gpu(whole)

    class AllMaps(nn.Module):
        """LRN over both GPUs' maps, of which one lane then keeps its half."""

        def __init__(self, norm: nn.Module) -> None:
            super().__init__()
            self.norm = norm

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.norm(torch.cat([x.flip(1), x], 1))[:, x.shape[1] :]

    module.norm1.gpu1 = AllMaps(module.norm1.gpu1)
    with torch.no_grad():
        assert relative(module(image), wanted) > 1e-4


def test_swapped_lanes_would_be_another_function(image, wanted, whole):
    net = ag.load("alexnet_two_gpu")
    state = shard_state(net, whole.state_dict())
    for key in ("weight", "bias"):
        one, other = f"conv4.gpu0.{key}", f"conv4.gpu1.{key}"
        state[one], state[other] = state[other], state[one]
    with torch.no_grad():
        assert relative(load_state(ag.to_torch(net, seed=None), state)(image), wanted) > 1e-2


def test_each_lane_holds_its_half_of_the_filters(whole):
    state = shard_state(ag.load("alexnet_two_gpu"), whole.state_dict())
    conv2 = whole.state_dict()["conv2.weight"]
    assert torch.equal(state["conv2.gpu0.weight"], conv2[:128])
    assert torch.equal(state["conv2.gpu1.weight"], conv2[128:])
    assert torch.equal(state["fc8.weight"], whole.state_dict()["fc8.weight"])


def test_shards_put_together_are_the_whole(whole):
    net, state = ag.load("alexnet_two_gpu"), whole.state_dict()
    joined = join_state(net, shard_state(net, state))
    assert joined.keys() == state.keys()
    assert all(torch.equal(joined[key], state[key]) for key in state)


def test_a_whole_that_lacks_a_layer_is_refused(whole):
    net, state = ag.load("alexnet_two_gpu"), whole.state_dict()
    del state["conv3.bias"]
    with pytest.raises(CheckpointError, match=r"conv3\.bias"):
        shard_state(net, state)


def test_a_missing_shard_is_refused(whole):
    net = ag.load("alexnet_two_gpu")
    state = shard_state(net, whole.state_dict())
    del state["fc6.gpu1.weight"]
    with pytest.raises(CheckpointError, match=r"fc6\.gpu1\.weight"):
        join_state(net, state)


def test_it_runs_placed_on_two_devices(whole, image, wanted):
    module = place(two_gpu(whole), {0: "cpu", 1: "cpu"})
    with torch.no_grad():
        assert relative(module(image), wanted) < 1e-5


def test_tensors_travel_to_the_device_of_their_lane():
    # The meta device stands for the second GPU: what reaches it can be told from what does not.
    net = ag.load("alexnet_two_gpu")
    module = place(ag.to_torch(net), {0: "cpu", 1: "meta"})
    for name, parameter in module.named_parameters():
        assert parameter.is_meta == (".gpu1." in name)
    where = {}
    for name, child in module.named_modules():
        child.register_forward_hook(
            lambda _module, _inputs, output, name=name: where.update({name: output.device.type})
        )
    # The first tensor that must come back from there cannot: meta tensors hold no data.
    with pytest.raises(NotImplementedError, match="meta"):
        module(torch.zeros(1, 3, 227, 227))
    ran = {name: device for name, device in where.items() if name in net}
    assert ran["conv1.gpu0"] == ran["conv2.gpu0"] == "cpu"
    assert ran["conv1.gpu1"] == ran["conv2.gpu1"] == "meta"


def test_everything_on_the_second_kind_of_device_ends_there():
    module = place(ag.to_torch(ag.load("alexnet_two_gpu")), {0: "meta", 1: "meta"})
    assert module(torch.zeros(1, 3, 227, 227)).is_meta


def test_a_device_that_is_not_given_is_named():
    module = ag.to_torch(ag.load("alexnet_two_gpu"), seed=None)
    with pytest.raises(ExportError, match=r"devices \[0, 1\], but devices\[1\] is not given"):
        place(module, {0: "cpu"})
