"""Laws on random networks: what is exported says as much, or one sentence says why it is not."""

from __future__ import annotations

import ast

import pytest
from hypothesis import assume, given
from laws import law
from random_networks import networks

import archgraph as ag
from archgraph.errors import ArchGraphError

COSTS = ("params", "macs", "flops", "lecture", "activation_bytes")


@pytest.fixture(autouse=True)
def _one_thread(one_thread):
    """Small tensors are slower on several threads."""


@law(30)
@given(networks(told=False, typed=False, foreign=False))
def test_an_onnx_file_has_the_costs_of_the_network(tmp_path_factory, net):
    path = tmp_path_factory.getbasetemp() / "law.onnx"
    try:
        ag.export(net, path)
    except ArchGraphError:  # not every operator has a form in ONNX
        assume(False)
    again = ag.load(path)
    assert set(again) == set(net)
    for name in net:
        for cost in COSTS:
            assert again.nodes[name][cost] == net.nodes[name][cost], (name, cost)
    for cost in COSTS:
        assert again.total(cost, batch=3) == net.total(cost, batch=3)


@law(30)
@given(networks(foreign=False))
def test_a_module_has_the_parameters_of_the_network(net):
    try:
        module = ag.to_torch(net, seed=None)
    except ArchGraphError:
        assume(False)
    assert net.total("params", training=True) == sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize("suffix", ["onnx", "py", "json"])
def test_any_network_is_exported_or_told_why_not(suffix, tmp_path):
    path = tmp_path / f"law.{suffix}"

    @law(20)
    @given(networks())
    def exported(net):
        path.unlink(missing_ok=True)
        try:
            ag.export(net, path)
        except ArchGraphError as error:
            found = str(error)
        else:
            found = ""
            if suffix == "py":
                ast.parse(path.read_text("utf-8"))
        assert "\n" not in found
        assert path.exists() == (not found)

    exported()


@law(20)
@given(networks())
def test_any_network_is_a_module_or_told_why_not(net):
    try:
        ag.to_torch(net)
    except ArchGraphError as error:
        found = str(error)
    else:
        found = ""
    assert "\n" not in found


@law(20)
@given(networks(most=5), networks(most=5))
def test_any_two_networks_have_a_difference(one, other):
    assert ag.diff(one, one).equal
    found = ag.diff(one, other)
    assert found.render()
