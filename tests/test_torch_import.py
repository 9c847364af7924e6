"""Modules of PyTorch as graphs: what torch counts, at any batch."""

import networkx as nx
import pytest
import torch
from torch import nn
from torch_networks import (
    Recurrent,
    Sequence,
    Siamese,
    bytes_of_leaves,
    images,
    macs_of,
    on_meta,
    tokens,
    torchvision,
    transformers,
)

import archgraph as ag
from archgraph.ops import Opaque
from archgraph.provenance import whole_origin

# ---- networks: (module, example for reading, call at a batch) ----------------------------


def resnet50():
    return on_meta(torchvision().resnet50), lambda n: ((images(n, 3, 224, 224),), {})


def inception_v3():
    module = on_meta(torchvision().inception_v3, init_weights=False)
    return module, lambda n: ((images(n, 3, 299, 299),), {})


def vit_b_16():
    return on_meta(torchvision().vit_b_16), lambda n: ((images(n, 3, 224, 224),), {})


def swin_stage():
    whole = torchvision().swin_t()
    return whole.features[0:2].eval(), lambda n: ((images(n, 3, 224, 224),), {})


def gpt2():
    kinds = transformers()
    module = on_meta(kinds.GPT2LMHeadModel, kinds.GPT2Config())
    return module, lambda n: ((), {"input_ids": tokens(n, 16)})


def clip():
    kinds = transformers()
    text = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    image = {"hidden_size": 96, "intermediate_size": 192, "num_hidden_layers": 2}
    config = kinds.CLIPConfig(
        text_config={**text, "num_attention_heads": 2, "vocab_size": 100, "eos_token_id": 99},
        vision_config={**image, "num_attention_heads": 3, "image_size": 64, "patch_size": 16},
        projection_dim=32,
    )
    module = on_meta(kinds.CLIPModel, config)
    return module, lambda n: (
        (),
        {"input_ids": tokens(n, 12), "pixel_values": images(n, 3, 64, 64)},
    )


def siamese():
    return Siamese(), lambda n: ((torch.ones(n, 3, 16, 16), torch.ones(n, 3, 16, 16)), {})


def recurrent():
    return Recurrent(), lambda n: ((torch.ones(n, 5, 16),), {})


def decoder():
    module = nn.TransformerDecoderLayer(32, 4, 64, batch_first=True).eval()
    return module, lambda n: ((torch.ones(n, 6, 32), torch.ones(n, 9, 32)), {})


NETWORKS = [
    resnet50,
    inception_v3,
    vit_b_16,
    swin_stage,
    gpt2,
    clip,
    siamese,
    recurrent,
    decoder,
]
_READ = {}


def read(make):
    """Return a module, its call at a batch, and its graph, made once."""
    if make not in _READ:
        module, call = make()
        _READ[make] = (module, call, ag.load(module, example=call(1)))
    return _READ[make]


def unused(net):
    return sum(net.tensors[key].bytes for key in net.graph.get("unused", []))


# ---- costs -------------------------------------------------------------------------------


@pytest.mark.parametrize("make", NETWORKS, ids=lambda make: make.__name__)
class TestNetworks:
    def test_multiply_adds_are_those_of_torchs_counter_at_any_batch(self, make):
        module, call, net = read(make)
        module = module.to("meta")
        for batch in (2, 3):
            args, kwargs = call(batch)
            args = [each.to("meta") for each in args]
            assert net.total("macs", batch=batch) == macs_of(module, *args, **kwargs)

    def test_parameters_are_the_modules_each_counted_once(self, make):
        module, _, net = read(make)
        own = list(module.parameters())
        stored = [each for each in net.tensors.values() if each.kind == "parameter"]
        assert net.total("params") + unused(net) // 4 == sum(each.numel() for each in own)
        assert sum(e.bytes for e in stored if e.alias is None) == sum(e.nbytes for e in own)

    def test_the_bytes_that_layers_give_are_those_of_their_tensors(self, make):
        module, call, net = read(make)
        module = module.to("meta")
        metric = net.metric("activation_bytes")
        for batch in (2, 3):
            args, kwargs = call(batch)
            leaves = bytes_of_leaves(module, *[each.to("meta") for each in args], **kwargs)
            found = {name: net.value(name, metric, batch) for name in leaves if name in net}
            assert len(found) > len(net) // 10
            assert found == {name: leaves[name] for name in found}

    def test_every_operator_is_known(self, make):
        *_, net = read(make)
        assert not [name for name in net if isinstance(net.op(name), Opaque)]
        assert net.batched
        net.check()

    def test_the_numbers_stay_when_it_is_saved_renamed_and_cut(self, make, tmp_path):
        *_, net = read(make)
        back = ag.load(net.save(tmp_path / "net.json"))
        renamed = nx.relabel_nodes(net, {name: f"all.{name}" for name in net})
        for other in (back, renamed):
            for batch in (1, 3):
                assert other.total("macs", batch=batch) == net.total("macs", batch=batch)
            assert other.total("params") == net.total("params")
            assert other.tensors == net.tensors
        whole = renamed.module("all")
        assert whole.total("macs", batch=3) == net.total("macs", batch=3)
        assert whole.total("params") == net.total("params")

    def test_calls_are_told_once(self, make):
        *_, net = read(make)
        told = [net.nodes[name]["origin"] for name in net]
        assert all(told)
        calls = [call for origin in told for call in origin]
        assert len(calls) == len(set(calls))
        # Who was made beside the one that tells a call says of which it is a part.
        assert {whole_origin(call) for call in calls} <= set(calls)


PARTS = [
    (resnet50, "layer1"),
    (resnet50, "layer3.0"),
    (vit_b_16, "encoder.layers.encoder_layer_3.mlp"),
    (gpt2, "transformer.h.5.mlp"),
    (swin_stage, "1.0"),
]


@pytest.mark.parametrize(("make", "path"), PARTS, ids=lambda each: getattr(each, "__name__", each))
def test_a_part_has_the_parameters_of_that_submodule(make, path):
    module, _, net = read(make)
    part = net.module(path)
    inner = module.get_submodule(path)
    assert part.total("params") == sum(each.numel() for each in inner.parameters())
    assert part.batched


def test_gpt2_has_the_parameters_of_its_paper_and_a_tied_head():
    *_, net = read(gpt2)
    assert net.total("params") == 124_439_808
    assert net.nodes["lm_head"]["params"] == 0
    assert net.nodes["lm_head"]["shared"] == {"transformer.wte.weight": "transformer.wte"}
    assert net.nodes["input_ids"]["outputs"][0].dtype == "int64"
    assert net.tensors["lm_head.weight"].alias == "transformer.wte.weight"


def test_the_logits_of_two_towers_grow_with_the_square_of_the_batch():
    *_, net = read(clip)
    by_text = [n for n in net if net.nodes[n]["outputs"][0].shape == (ag_n(), ag_n())]
    assert by_text
    assert any(net.nodes[n].get("growth", {}).get("macs", (0, 0, 0))[2] == 32 for n in by_text)
    assert net.total("macs", batch=4) > 4 * net.total("macs") - 1


def ag_n():
    from archgraph.tensors import N

    return N


def test_an_lstm_with_all_its_outputs():
    module = Sequence().eval()
    net = ag.load(module, input=(5, 8))
    assert net.results == ["head", "add"]
    assert set(net.reads("select")) | set(net.reads("select_1")) == {"lstm:1", "lstm:2"}
    # torch.nn.LSTM: four gates, each reads the input and the state at every step.
    per_step = sum(p.numel() for n, p in module.lstm.named_parameters() if "weight" in n)
    assert net.nodes["lstm"]["macs"] == 5 * per_step
    assert net.total("params") == sum(each.numel() for each in module.parameters())
    every, (hidden, cell) = module.lstm(torch.ones(3, 5, 8))
    size = net.value("lstm", net.metric("activation_bytes"), 3)
    assert size == every.nbytes + hidden.nbytes + cell.nbytes


def test_a_module_that_runs_again_has_names_of_its_own():
    *_, twice = read(siamese)
    assert [name for name in twice if name.endswith(".0")] == ["backbone.0", "backbone@2.0"]
    assert twice.nodes["backbone@2.0"]["shared"] == {
        "backbone.0.weight": "backbone.0",
        "backbone.0.bias": "backbone.0",
    }
    *_, six = read(recurrent)
    assert [name for name in six if name.endswith(".0")] == [
        "block.0",
        *(f"block@{n}.0" for n in range(2, 7)),
    ]
