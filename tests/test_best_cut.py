"""The cut that a picture shows when no level is asked for: it fits, tells, and hides little."""

import itertools
from random import Random

import networkx as nx
import pytest

import archgraph as ag
from archgraph.exporters.pictures.best_cut import FEW, LARGE, MANY, best_cut
from archgraph.exporters.pictures.choices import Choices
from archgraph.exporters.pictures.single import laid_out
from archgraph.exporters.pictures.view import WHOLE, Inside, Opening, said, view_of
from archgraph.exporters.pictures.view.slices import slices
from archgraph.structure import LEVELS, Contents, structure
from bench.first_pictures.judging import Verdict, judged

SLIDE = (900.0, 440.0)


def transformer(layers=12, width=64, *, named=True):
    """Return a pre-norm encoder: attention and MLP, each with a shortcut."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    layer = nn.TransformerEncoderLayer(
        width, 4, 4 * width, batch_first=True, norm_first=True, activation="gelu"
    )
    net = ag.load(nn.TransformerEncoder(layer, layers).eval(), input=(10, width))
    if not named:
        names = {name: f"n{number}" for number, name in enumerate(net.topological())}
        outputs = [names[name] for name in net.outputs]
        net = nx.relabel_nodes(net, names)
        net.graph["outputs"] = outputs
        net.graph["groups"] = {}
    return net


def wide_and_deep():
    """Return 30 different blocks of 30 convolutions in a row: too many for a slide."""
    b = ag.Builder("deep", input=(4, 32, 32))
    x = b.input
    for stage in range(6):
        for block in range(5):
            with b.scope(f"stage{stage}.{block}"):
                for layer in range(30):
                    x = b.conv(f"conv{layer}", x, 4 + block, 3, padding=1)
    return b.build(x)


def shown(net):
    return laid_out(net, Choices().settled([net], named=False), SLIDE, several=False)


@pytest.fixture(scope="module")
def encoder():
    return transformer()


class TestRepeatedBlocks:
    @pytest.mark.parametrize("named", [True, False])
    def test_a_block_that_repeats_stands_open_in_a_frame(self, named):
        net = transformer(named=named)
        view, scenes = shown(net)
        counts = [frame for scene in scenes for frame in scene.frames if "× 12" in frame.label]
        assert counts
        inside = [node for node in view.nodes.values() if node.block == counts[0].key]
        kinds = [node.kind for node in inside]
        assert kinds.count("norm") == 2
        assert "attention" in kinds
        assert sum(node.form == "dot" for node in inside) == 2

    def test_all_that_is_folded_is_behind_what_is_shown(self, encoder):
        view, _ = shown(encoder)
        behind = [name for node in view.nodes.values() for name in node.members if name in encoder]
        assert sorted(behind) == sorted(encoder)
        (attention,) = (node for node in view.nodes.values() if node.kind == "attention")
        data = dict(attention.data)
        assert data["repeat"] == "12"
        assert int(data["macs"]) == sum(encoder.nodes[name]["macs"] for name in attention.members)


def test_nothing_large_is_hidden_though_the_blocks_do_not_fit():
    net = wide_and_deep()
    view, _ = shown(net)
    assert FEW <= len(view.nodes) <= MANY
    total = net.total("macs")
    for node in view.nodes.values():
        costs = sum(net.nodes[name]["macs"] for name in node.members if name in net)
        assert costs <= LARGE * total or node.times > 1


def test_a_small_network_is_shown_whole():
    b = ag.Builder("small", input=(3, 8, 8))
    with b.scope("both"):
        one = b.relu("relu", b.conv("one", b.input, 4, 3, padding=1))
        x = b.conv("two", one, 4, 3, padding=1)
    view, _ = shown(b.build(b.relu("end", x)))
    assert {"both.one", "both.two"} <= view.nodes.keys()


@pytest.mark.parametrize("name", ["resnet50", "vgg16", "alexnet", "plain34", "lenet5"])
def test_the_gallery_looks_as_at_block_level(name, tmp_path):
    net = ag.load(name)
    first, blocks = (
        ag.draw(net, tmp_path / "a.svg"),
        ag.draw(net, tmp_path / "b.svg", level="block"),
    )
    assert first.read_text().replace(": input", " at block level: input", 1) == blocks.read_text()


def test_ten_thousand_operators_have_a_picture_that_keeps_the_rules(tmp_path):
    b = ag.Builder("long", input=(4, 8, 8))
    x = b.input
    for block in range(2500):
        with b.scope(f"layer{block // 500}.{block % 500}"):
            y = b.conv("conv1", x, 4, 3, padding=1)
            y = b.conv("conv2", b.relu("relu", y), 4, 3, padding=1)
            x = b.sum("add", y, x)
    net = b.build(x)
    assert len(net) > 10_000
    path = ag.draw(net, tmp_path / "x.svg")
    # Of 2,500 equal blocks one is shown, its four operators between input and output.
    verdict = judged(Verdict("long", "", "long", at_layer=6), path.read_text())
    assert not verdict.said


class TestOpening:
    @pytest.mark.parametrize("start", [*LEVELS, WHOLE])
    @pytest.mark.parametrize("name", ["googlenet", "resnet50", "unet", "vit_b_16"])
    def test_whatever_is_opened_leaves_a_graph_without_cycles(self, name, start):
        net = ag.load(name)
        opening = Opening(net)
        opened = []
        for _ in range(6):
            plan = opening.plan(start, opened)
            boxes = nx.DiGraph()
            boxes.add_nodes_from(plan.members)
            for source, target in net.edges:
                if source in plan.aside or target in plan.folds.hidden:
                    continue
                pair = plan.shown(source), plan.shown(target)
                if pair[0] != pair[1]:
                    boxes.add_edge(*pair)
            assert nx.is_directed_acyclic_graph(boxes)
            every = [name for key in plan.members for name in plan.behind(key)]
            assert sorted(every) == sorted(net)
            more = [key for key, names in plan.members.items() if key not in net and len(names) > 1]
            if not more:
                break
            opened.append(more[len(opened) % len(more)])

    def test_contents_are_the_members_one_level_down(self):
        net = ag.load("resnet50")
        group = structure(net).groups["layer1.0"]
        found = Contents(net).of("layer1.0", group.members)
        assert sorted(itertools.chain(*found.members.values())) == sorted(group.members)
        assert len(found.members) > 3


def test_a_dense_block_stands_for_its_layers():
    b = ag.Builder("dense", input=(8, 32, 32))
    x = b.input
    for block in range(3):
        with b.scope(f"block{block}"):
            made = [x]
            for layer in range(6):
                with b.scope(f"layer{layer}"):
                    y = b.concat("join", *made) if len(made) > 1 else made[0]
                    made.append(b.conv("conv", b.relu("relu", y), 4, 3, padding=1))
            x = b.concat("all", *made)
        with b.scope(f"between{block}"):
            x = b.conv("conv", x, 8, 3, stride=2, padding=1)
    view, _ = shown(b.build(x))
    boxes = {name: node for name, node in view.nodes.items() if name in ("block0", "block1")}
    assert {dict(node.data)["repeat"] for node in boxes.values()} == {"6"}
    assert {node.label.pieces()[-1] for node in boxes.values()} == {"growth 4"}


@pytest.mark.parametrize("count", [40, 300])
def test_many_inputs_of_one_shape_stand_together(tmp_path, count):
    net = ag.ArchGraph(name="many")
    names = [f"x{number}" for number in range(count)]
    for name in names:
        net.add(name, ag.ops.Input((3, 8, 8)))
    net.add("all", ag.ops.Concat(), names)
    text = ag.draw(net, tmp_path / "x.svg").read_text()
    assert f"× {count}" in text
    assert f"{count} inputs" in text


def test_an_input_that_nobody_reads_is_told_in_words(tmp_path):
    net = ag.ArchGraph(name="masked")
    net.add("tokens", ag.ops.Input((3, 8, 8)))
    net.add("mask", ag.ops.Input((8,)))
    net.add("n0", ag.ops.Conv2d(3, 3, 1), ["tokens"])
    for number in range(1, 8):
        net.add(
            f"n{number}",
            ag.ops.Conv2d(3, 3, 1 + 2 * (number % 2), padding=number % 2),
            [f"n{number - 1}"],
        )
    view, _ = shown(net)
    text = ag.draw(net, tmp_path / "x.svg").read_text()
    assert "(mask not read)" in text
    assert "mask" not in view.nodes
    assert view.nodes["tokens"].members == ("tokens", "mask")


def normalised():
    """Return two towers whose features are brought to a length of one and multiplied."""
    torch = pytest.importorskip("torch")

    class Towers(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.left = torch.nn.Linear(8, 4)
            self.right = torch.nn.Linear(8, 4)

        def forward(self, x, y):
            one, other = self.left(x), self.right(y)
            one = one / one.pow(2).sum(-1, keepdim=True).sqrt()
            other = other / other.pow(2).sum(-1, keepdim=True).sqrt()
            return one @ other.transpose(0, 1) * 10

    rows = torch.zeros(2, 8), torch.zeros(2, 8)
    return ag.load(Towers(), example=rows)


class TestWhereRoomIsShort:
    def test_steps_of_arithmetic_stand_together_island_by_island(self):
        net = normalised()
        plan = Opening(net).plan("layer", [], joined=True)
        assert sorted(len(plan.members[key]) for key in plan.joined) == [4, 5]
        assert sorted(n for names in plan.members.values() for n in names) == sorted(net)
        owner = plan.owner
        flow = nx.DiGraph((owner[a], owner[b]) for a, b in net.edges if owner[a] != owner[b])
        assert nx.is_directed_acyclic_graph(flow)
        view = view_of(net, plan, said(net, None))
        heads = [view.nodes[key].label.head for key in plan.joined]
        assert heads == ["xʸ, sum, sqrt, ÷"] * 2
        assert {view.nodes[key].kind for key in plan.joined} == {"elementwise"}

    def test_what_calculates_is_not_joined_across_layers_or_frames(self, encoder):
        plan = Opening(encoder).plan("layer", [], joined=True)
        assert not plan.joined

    def test_boxes_stand_closer_before_something_large_is_hidden(self):
        net = wide_and_deep()

        def lay(view):
            return view, [] if len(view.nodes) < 4 else None

        def crowd(view):
            return view, [] if len(view.nodes) < 40 else None

        view, _ = best_cut(net, None, lay, lay)
        assert len(view.nodes) == 3
        view, _ = best_cut(net, None, lay, crowd)
        macs = [dict(n.counts).get("macs", 0) for n in view.nodes.values() if n.times == 1]
        assert max(macs) <= LARGE * net.total("macs")
        assert len(view.nodes) < 40


def test_words_that_are_cut_short_keep_their_number():
    counts = ((2, "block"), (10, "convolution"), (8, "fully connected layer"), (1, "embedding"))
    assert Inside(counts=counts).pieces() == ["2 blocks, 10 conv, 8 fc, 1 embedding"]


@pytest.mark.parametrize("seed", range(8))
def test_slices_hold_little_each_and_close_no_cycle(seed):
    random = Random(seed)
    net = ag.ArchGraph(name="tangle")
    net.add("x", ag.ops.Input((4, 8, 8)))
    names = ["x"]
    for number in range(120):
        reads = random.sample(names[-20:], min(2, len(names)))
        wide = random.random() < 0.3
        op = ag.ops.Conv2d(4, 4, 3, padding=1) if wide else ag.ops.Add()
        names.append(net.add(f"n{number}", op, reads[:1] if wide else [reads[0], reads[-1]]))
    boxes = {name: (name,) for name in net}
    found = slices(net, boxes)
    assert sorted(name for part in found for name in part) == sorted(net)
    owner = {name: number for number, part in enumerate(found) for name in part}
    assert all(owner[a] <= owner[b] for a, b in net.edges)
    macs = [sum(net.nodes[name]["macs"] for name in part) for part in found]
    assert all(
        8 * one <= sum(macs) or len(part) == 1 for one, part in zip(macs, found, strict=True)
    )
    assert len(found) < 16


def test_slices_are_cut_where_little_passes():
    b = ag.Builder("waists", input=(4, 8, 8))
    x = b.input
    for number in range(16):
        with b.scope(f"block{number}"):
            sides = [b.conv(f"conv{side}", x, 4, 3, padding=1) for side in range(3)]
            x = b.sum("sum", *sides)
    net = b.build(x)
    found = slices(net, {name: (name,) for name in net})
    assert [part[-1].rpartition(".")[2] for part in found] == ["sum"] * len(found)
    assert len(found) == 8


def test_what_repeats_and_leads_back_to_itself_is_not_joined():
    torch = pytest.importorskip("torch")
    layer = torch.nn.TransformerDecoderLayer(16, 2, 32, batch_first=True)
    module = torch.nn.TransformerDecoder(layer, 4).eval()
    net = ag.load(module, example=(torch.zeros(2, 6, 16), torch.zeros(2, 5, 16)))
    for start in (*LEVELS, WHOLE):
        whole = Opening(net).plan(start, [], joined=True)
        for key in whole.members:
            if key not in net and key not in whole.joined:
                plan = Opening(net).plan(start, [key], joined=True)
                shown = [name for key in plan.members for name in plan.behind(key)]
                assert sorted(shown) == sorted(net)
