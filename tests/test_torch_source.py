"""PyTorch source of users' graphs: it computes the same, whatever the graph."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from one_of_each import networks, own_operators
from random_graphs import graphs
from written_source import assert_source_computes_the_same, formatted

import archgraph as ag
from archgraph import ops
from archgraph.exporters.source import source

common = settings(
    deadline=None,
    derandomize=True,
    max_examples=40,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


pytestmark = pytest.mark.usefixtures("one_thread")


@st.composite
def residual_stacks(draw) -> ag.ArchGraph:
    """Draw blocks that are alike in part: other widths, kernels, norms, shortcuts."""
    b = ag.Builder("stack", input=(draw(st.integers(1, 4)), 6, 6))
    x = b.input
    widths = st.sampled_from([2, 4, 8])
    for number in range(draw(st.integers(1, 5))):
        path = draw(
            st.sampled_from([f"layer.{number}", f"b{number}", f"pair{number // 2}.n{number}"])
        )
        with b.scope(path):
            kernel = draw(st.sampled_from([1, 3]))
            y = b.conv("conv1", x, draw(widths), kernel, padding=kernel // 2)
            if draw(st.booleans()):
                y = b.batch_norm("bn1", y)
            y = b.conv("conv2", b.relu("relu1", y), draw(widths), 3, padding=1)
            if b.shape(y) != b.shape(x):
                with b.scope("down"):
                    x = b.batch_norm("1", b.conv("0", x, b.shape(y)[0], 1))
            x = b.sum("add", y, x)
            if draw(st.booleans()):
                x = b.relu("relu2", x)
    outputs = [b.linear("fc", b.flatten("flat", x), draw(st.integers(1, 4)))]
    if draw(st.booleans()):
        with b.scope("aux", training_only=True):
            outputs.append(b.relu("relu", b.conv("conv", x, 3, 1)))
    return b.build(*outputs)


@pytest.mark.parametrize(
    ("drawn", "modes"),
    [(graphs(), (False,)), (residual_stacks(), (False, True))],
    ids=["graphs", "stacks"],
)
def test_random_graphs_compute_the_same_in_formatted_files(drawn, modes, tmp_path):
    written = []

    @common
    @given(drawn)
    def check(net):
        written.append(assert_source_computes_the_same(net, *modes))
        assert source(net) == written[-1]

    check()
    for number, text in enumerate(written):
        (tmp_path / f"n{number}.py").write_text(text, encoding="utf-8")
        assert max(map(len, text.splitlines())) <= 100
    formatted(tmp_path)


def test_what_no_output_depends_on_is_stored_but_not_computed():
    b = ag.Builder("partly dead", input=(3, 8, 8))
    x = b.conv("block.conv", b.input, 4, 3, padding=1)
    head = b.relu("relu", x, training_only=True)
    b.conv("block.unread", head, 2, 1, training_only=True)
    y = b.batch_norm("bn", x)
    text = assert_source_computes_the_same(b.build(y, head))
    assert text.count("unread") == 1


def test_layers_of_several_gpus_are_variables_of_their_names():
    text = source(ag.load("alexnet_two_gpu"))
    assert 'gpu1 = F.relu(self.conv2["gpu1"](gpu1))' in text
    assert text.count("torch.cat([gpu0, gpu1], dim=1)") == 4


def test_halves_are_cut_by_chunk():
    assert "first, second = x.chunk(2, dim=1)" in source(ag.load("alexnet_grouped"))


def test_several_main_outputs_come_before_the_heads():
    b = ag.Builder("several", input=(3, 8, 8))
    head = b.conv("head", b.input, 4, 1, training_only=True)
    one, two = b.conv("one", b.input, 2, 1), b.conv("two", b.input, 5, 3)
    assert_source_computes_the_same(b.build(head, one, two))


def test_every_operator_has_its_source():
    written = set()
    for kind, net in networks():
        assert_source_computes_the_same(net, False)
        written.add(kind)
    # An input is given, an opaque operator unknown.
    assert set(own_operators()) - written == {ops.Input, ops.Opaque}


def test_a_module_that_runs_again_is_made_once():
    net = ag.ArchGraph(name="twins")
    ends = []
    for number, path in enumerate(("backbone", "backbone@2")):
        x = net.add(f"x{number}", ops.Input((3, 8, 8)))
        x = net.add(f"{path}.conv", ops.Conv2d(3, 4, 3), [x])
        y = net.add(f"{path}.pool", ops.GlobalAvgPool2d(), [x])
        ends.append(net.add(f"{path}.scale", ops.Mul(), [x, y]))
    net.add("join", ops.Concat(), ends)
    net.set_outputs("join")
    text = assert_source_computes_the_same(net)
    assert text.count("self.backbone = ") == 1
    assert text.count("self.backbone(") == 2
