"""What a presenter reads below a slide: sentences whose figures are the papers' and the graph's."""

import warnings

import pytest

import archgraph as ag
from archgraph.exporters.pictures.charts.growth_curves import growth_page
from archgraph.exporters.pictures.charts.series import series
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.spoken_notes import notes_of, sentences_of
from archgraph.structure import cut


def test_a_network_of_a_paper_is_told_with_its_claims():
    said = sentences_of(ag.load("googlenet"))
    assert said.startswith("GoogLeNet takes an input of 3 × 224 × 224 and has 7.00 M parameters")
    assert "“Going deeper with convolutions” by C. Szegedy and others, CVPR 2015" in said
    # Table 3 of the paper: 7 models, 144 crops: 6.67 % top-5.
    assert "an ensemble of 6.7 % top-5 on ILSVRC test" in said
    assert "its own table 1 gives 8.7 times fewer" in said


def test_the_largest_layers_are_named_with_their_part():
    said = sentences_of(ag.load("vgg16"))
    # Simonyan and Zisserman: fc6 is 25088 × 4096 + 4096 of 138,357,544 parameters.
    part = (25088 * 4096 + 4096) / 138_357_544
    assert f"103 M, {100 * part:.1f} % of all." in said
    assert "Most parameters are in fc6" in said
    # Six layers have 64·64·9·224² = 128·128·9·112² = …: conv1_2, 2_2, 3_2, 3_3, 4_2 and 4_3.
    assert "Most MACs are in conv1_2" in said
    assert "and as many in 5 more." in said


def test_the_cost_table_follows():
    notes = notes_of(ag.load("resnet18"))
    head, _, table = notes.partition("\n\n")
    assert "\n" not in head
    assert "fc: 1000, 513,000 parameters, 512,000 MACs" in table


def test_what_is_unknown_is_not_guessed():
    b = ag.Builder("bare", input=(4,))
    net = b.build(b.relu("act", b.input))
    said = sentences_of(net)
    assert "Most" not in said
    assert "paper" not in said


def test_networks_beside_each_other_are_compared():
    (page,) = drawings([ag.load("resnet18"), ag.load("resnet34")])
    assert "side by side" in page.notes
    ratio = 21_797_672 / 11_689_512
    assert f"ResNet-34 has {ratio:.3g} times the parameters" in page.notes
    assert page.notes.count("costs for one image") == 2


def test_a_difference_says_what_it_shows_and_every_change():
    (page,) = drawings([ag.load("resnet18"), ag.load("plain18")], difference=True)
    assert "what it lacks, what changed" in page.notes
    assert "ResNet-18" in page.notes


@pytest.mark.parametrize("part", ["googlenet/inception3a", "resnet50/layer1.0"])
def test_a_part_has_no_paper_of_its_own(part):
    assert "It is from" not in sentences_of(ag.load(part))


def test_slides_in_any_style_have_them():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for given in ({}, {"style": "volumes"}, {"style": "receptive"}):
            assert "Most MACs" in drawings(ag.load("alexnet"), **given)[0].notes


def late_table():
    """A stem and a late stage with a table of positions, which reads nothing and so comes first."""
    b = ag.Builder("late", input=(3, 16, 16))
    with b.stage("late", "late"):
        table = b.parameter("table", (8, 16, 16))
    with b.stage("early", "early"):
        x = b.relu("act", b.conv("stem", b.input, 8, 3, padding=1))
    with b.stage("late", "late"):
        x = b.conv("last", b.sum("sum", x, table), 8, 3, padding=1)
    return b.build(x)


def test_stages_come_in_the_order_in_which_data_goes_through_them():
    net = late_table()
    assert next(iter(cut(net, "stage"))) != "early"
    assert "Data goes through early and late." in sentences_of(net)
    (found,) = series([net], 3)
    bars = [bar.label for bar in found.bars if bar.label != "input"]
    assert bars == ["early", "late"]


def test_a_networks_growth_is_told_with_its_name():
    nets = [ag.load("resnet18"), ag.load("vgg11")]
    page = growth_page([ag.growth(net, "size") for net in nets])
    one, two = page.drawing.notes.split("\n")
    assert one.startswith("ResNet-18: MACs(s) = ")
    assert two.startswith("VGG-11: MACs(s) = ")


def test_sentences_are_in_one_language():
    (page,) = drawings([ag.load("resnet18")], lang="ko")
    said, _, table = page.notes.partition("\n\n")
    assert "parameters" not in said
    assert "매개변수 11.7 M, 이미지당 1.81 G MAC" in said
    assert "이미지 한 장의 비용" in table
    tokens = ag.Builder("tokens", input=(16, 8))
    assert "costs for one input" in notes_of(tokens.build(tokens.linear("fc", tokens.input, 4)))


def test_a_chart_says_why_a_curve_is_short_or_flat(tmp_path):
    ag.load("vgg11").save(tmp_path / "net.json")
    found = ag.growth(ag.load(tmp_path / "net.json"), "size")
    with pytest.warns(UserWarning, match="nothing says how 'VGG-11' is made"):
        growth_page([found])
