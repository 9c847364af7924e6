"""Modules that one run on shapes does not read: what they note, ask for, and where they end."""

import json
import resource

import pytest
import torch
from torch import nn
from torch_networks import Recurrent, Sequence, Siamese, macs_of, on_meta, transformers

import archgraph as ag
from archgraph.importers.torch.example_inputs import arguments_of
from archgraph.importers.torch.held_tensors import held_by
from archgraph.importers.torch.tracing import traced
from archgraph.tables import cost_report, render
from archgraph.tables.cost_json import cost_json
from archgraph.tables.cost_table import cost_table


def way(module, example):
    return traced(module, held_by(module), arguments_of(module, example)).way


class Noting(nn.Module):
    """Keeps a table of its first run, a list of all runs, its last answer, and what a hook saw."""

    def __init__(self):
        super().__init__()
        self.fc, self.table, self.runs, self.last = nn.Linear(4, 4), {}, [], None
        self.seen = []

    def forward(self, x):
        if "bias" not in self.table:
            self.table["bias"] = self.fc.weight.sum(0) * 2
            self.fc.register_forward_hook(lambda *_: self.seen.append(len(self.runs)))
        self.runs.append(len(self.runs))
        self.last = self.fc(x) + self.table["bias"]
        return self.last


def test_what_a_module_notes_of_a_run_is_undone():
    module = Noting()
    net = ag.load(module, input=(4,))
    assert net.batched
    assert "sum" in net
    assert (module.table, module.runs, module.last, module.seen) == ({}, [], None, [])
    assert not module.fc._forward_hooks


class Masked(nn.Module):
    """Looks at the mask, not at the numbers."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, mask):
        return self.fc(x) if bool(mask.all()) else self.fc(x).masked_fill(mask[..., None], 0.0)


def test_a_mask_may_be_looked_at_on_shapes_alone():
    example = (torch.ones(2, 3, 4), torch.ones(2, 3, dtype=torch.bool))
    assert way(Masked(), example) == "shapes"
    assert "masked_fill" not in " ".join(ag.load(Masked(), example=example))
    other = (example[0], torch.zeros(2, 3, dtype=torch.bool))
    assert len(ag.load(Masked(), example=other)) > len(ag.load(Masked(), example=example))


class Vmapped(nn.Linear):
    def forward(self, x):
        return torch.vmap(super().forward)(x)


class Forces(nn.Module):
    def __init__(self):
        super().__init__()
        self.energy = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))

    def forward(self, x):
        x = x.detach().requires_grad_()
        return torch.autograd.grad(self.energy(x).sum(), x)[0]


def scripted():
    return torch.jit.script(nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1)))


@pytest.mark.parametrize(
    ("make", "shape", "macs"),
    [(lambda: Vmapped(4, 5), (3, 4), 60), (Forces, (3,), 2 * (24 + 8)), (scripted, (3,), 24 + 8)],
    ids=["vmap", "a derivative inside", "compiled by TorchScript"],
)
def test_other_ways_read_what_is_taken_apart(make, shape, macs):
    module = make().eval()
    net = ag.load(module, example=torch.ones(2, *shape))
    assert net.batched
    assert net.total("macs") == macs
    unused = sum(
        each.bytes // 4 for key, each in net.tensors.items() if key in net.graph.get("unused", ())
    )
    assert net.total("params") + unused == sum(each.numel() for each in module.parameters())


# ---- exported programs -------------------------------------------------------------------

EXPORTED = [
    (Siamese, (torch.ones(2, 3, 16, 16), torch.ones(2, 3, 16, 16))),
    (Recurrent, (torch.ones(2, 5, 16),)),
    (Sequence, (torch.ones(2, 5, 8),)),
]


@pytest.mark.parametrize(("make", "example"), EXPORTED, ids=lambda each: str(each)[:30])
def test_an_exported_program_is_the_module_that_it_was(make, example):
    module = make().eval()
    program = torch.export.export(module, example)
    net, same = ag.load(program), ag.load(module, example=example)
    assert list(net) == list(same)
    assert net.name == same.name
    assert net.total("macs") == same.total("macs", batch=2)


def test_an_exported_batch_is_followed():
    layers = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.GroupNorm(2, 4), nn.ReLU()
    module, x = nn.Sequential(*layers, nn.ConvTranspose2d(4, 2, 2)).eval(), torch.ones(2, 3, 8, 8)
    dynamic = torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("n")},))
    net, apart = ag.load(dynamic), ag.load(dynamic.run_decompositions())
    assert net.batched
    assert apart.batched
    assert apart.total("macs", batch=3) == net.total("macs", batch=3) == macs_of(module, x) // 2 * 3
    assert apart.total("params") == sum(each.numel() for each in module.parameters())
    assert not ag.load(torch.export.export(module, (x,))).batched


# ---- what cannot be read to its end ------------------------------------------------------


class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Linear(4, 8), nn.Linear(9, 3)

    def forward(self, x):
        return self.head(self.stem(x).relu())


def test_a_module_is_read_up_to_where_it_fails():
    with pytest.raises(ag.ArchGraphError, match=r"'head' \(Linear\)"):
        ag.load(Broken(), input=(4,))
    net = ag.load(Broken(), input=(4,), partial=True)
    assert net.batched
    assert list(net) == ["input", "stem", "relu", "not_read"]
    assert net.results == ["relu"]
    assert net.total("macs") is None
    assert net.nodes["stem"]["macs"] == 32
    report = cost_report(net)
    assert "≥ 32" in render(cost_table(report), "table")
    assert "'head' (Linear)" in json.loads(cost_json(report))["partial"]
    net.check()
    assert "partial" not in ag.load(nn.Linear(4, 2), input=(4,), partial=True).graph


def test_unused_parameters_are_told_with_the_costs():
    module = nn.Sequential(nn.Linear(4, 3))
    module.spare = nn.Linear(2, 5)
    module.forward = lambda x: module[0](x)
    report = cost_report(ag.load(module, input=(4,)))
    words = "15 parameters in 2 tensors are not used by the forward pass: spare.weight, spare.bias"
    assert words in render(cost_table(report), "table")
    told = json.loads(cost_json(report))
    assert told["unused"] == {"params": 15, "tensors": ["spare.weight", "spare.bias"]}
    used = told["totals"]["params"] + told["unused"]["params"]
    assert used == sum(each.numel() for each in module.parameters())


# ---- what torch's counter says of more ---------------------------------------------------


class Triple(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(4, 3))

    def forward(self, x, y):
        return torch.einsum("bij,bkj,kl->bil", x, y, self.w)


def test_three_operands_are_multiplied_two_at_a_time():
    module, example = Triple(), (torch.ones(2, 5, 6), torch.ones(2, 4, 6))
    net = ag.load(module, example=example)
    assert net.total("macs", batch=2) == macs_of(module, *example)


def test_experts_count_for_the_tokens_that_are_routed_to_them():
    kinds = transformers()
    sizes = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "vocab_size": 50}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2}
    config = kinds.MixtralConfig(**sizes, **heads, num_local_experts=4, num_experts_per_tok=2)
    module = kinds.MixtralForCausalLM(config).eval()
    example = {"input_ids": torch.ones(2, 6, dtype=torch.int64)}
    net = ag.load(module, example=example)
    routed = 6 * 2 * 3 * 32 * 48  # tokens · top-2 · gate, up, down
    assert net.total("macs", batch=2) == macs_of(module, **example) + 2 * routed
    assert net.total("params") == sum(each.numel() for each in module.parameters())


def test_seventy_billion_parameters_need_memory_for_their_graph_only():
    kinds = transformers()
    sizes = {"hidden_size": 8192, "intermediate_size": 28672, "num_hidden_layers": 80}
    heads = {"num_attention_heads": 64, "num_key_value_heads": 8, "vocab_size": 128256}
    module = on_meta(kinds.LlamaForCausalLM, kinds.LlamaConfig(**sizes, **heads))
    example = {"input_ids": torch.ones(1, 32, dtype=torch.int64)}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    net = ag.load(module, example=example)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert net.total("params") == sum(p.numel() for p in module.parameters()) == 70_553_706_496
    assert len(net) > 2000
    assert grown < 500  # MiB; its weights are 263 GiB


class Looking(nn.Module):
    """What runs, and how, is asked of numbers."""

    def __init__(self):
        super().__init__()
        self.fc, self.inner = nn.Linear(4, 4), Inner()

    def forward(self, x, mask):
        """Leave a mask out that hides nothing, as transformers do."""
        if not mask.all():
            x = x * mask[..., None]
        return self.inner(self.fc(x))


class Inner(nn.Module):
    """A number of a tensor beside it."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        """Divide by the largest."""
        return x / x.abs().max().item() * self.scale.item()


def test_the_numbers_that_a_module_looked_at_are_told(tmp_path):
    example = torch.randn(2, 3, 4), torch.ones(2, 3)
    net = ag.load(Looking(), example=example)
    asked = ["all(mask)", "max(x) in inner", "numbers(inner.scale) in inner"]
    assert net.graph["asked"] == asked
    net.save(tmp_path / "net.json")
    report = cost_report(ag.load(tmp_path / "net.json"))
    text = render(cost_table(report), "table")
    assert "asked for numbers while it was read" in text
    assert all(each in text for each in asked)
    plain = ag.load(nn.Linear(4, 4), input=(4,))
    assert "asked" not in plain.graph
