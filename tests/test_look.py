"""A look of one's own: everybody tells palettes apart, files say what they may and no more."""

from __future__ import annotations

import itertools
import math
import re
from pathlib import Path

import pytest
from test_colours import SIGHTS, fills_of, lab, legend_of

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError, FileError
from archgraph.exporters.pictures.choices import ChartChoices, Choices
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box
from archgraph.exporters.pictures.look.contrast import contrast
from archgraph.exporters.pictures.look.palettes import HUES, PALETTES, in_palette
from archgraph.exporters.pictures.look.theme import FAMILY_WORDS, THEMES
from archgraph.exporters.pictures.text.widths import text_width

DOCS = (Path(__file__).parents[1] / "docs" / "look.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", DOCS, re.S)[0]

ALL = SIGHTS | {
    "without blue": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    )
}
"""How linear red, green and blue look to whom (Machado, Oliveira and Fernandes, 2009, table 1)."""

OWN = [name for name, each in PALETTES.items() if each.light]


@pytest.fixture(autouse=True)
def every_sight(monkeypatch):
    monkeypatch.setitem(SIGHTS, "without blue", ALL["without blue"])


@pytest.fixture
def lenet():
    return ag.load("lenet5")


class TestPalettes:
    @pytest.mark.parametrize("sight", ALL)
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("name", OWN)
    def test_kinds_are_told_apart_whatever_colours_one_sees(self, name, theme, sight):
        made = in_palette(THEMES[theme], name)
        fills = {kind: made.tone(kind).fill for kind in (*HUES, "norm", "module")}
        fills["page"] = made.background
        for one, other in itertools.combinations(fills, 2):
            if one in HUES:
                away = math.dist(lab(fills[one], sight), lab(fills[other], sight))
                assert away > 9, (one, other, away)  # 2.3 is the least that is seen

    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("name", PALETTES)
    def test_words_stand_out_on_every_box_and_bar(self, name, theme):
        made = in_palette(THEMES[theme], name)
        for tone in [*map(made.tone, FAMILY_WORDS), *made.devices]:
            assert contrast(tone.fill, tone.text) >= 4.5

    @pytest.mark.parametrize("sight", ALL)
    @pytest.mark.parametrize("theme", ["light", "dark"])
    @pytest.mark.parametrize("name", PALETTES)
    def test_bars_go_one_way_in_lightness_for_everybody(self, name, theme, sight):
        bar = in_palette(THEMES[theme], name).ramp
        lightness = [lab(each, sight)[0] for each in bar]
        steps = [b - a for a, b in itertools.pairwise(lightness)]
        assert all(step < -4 if theme == "light" else step > 4 for step in steps), lightness

    @pytest.mark.parametrize("name", PALETTES)
    def test_print_stays_grey(self, name):
        assert in_palette(THEMES["print"], name) == THEMES["print"]

    def test_a_picture_and_its_legend_have_its_colours(self):
        net = ag.load("resnet18")
        for name, theme in itertools.product(("tol-bright", "ibm"), ("light", "dark")):
            (page,) = drawings(net, palette=name, theme=theme, pages=False)
            wanted = in_palette(THEMES[theme], name).tone("conv").fill
            assert legend_of(page)["convolution"] == wanted
            assert wanted in fills_of(page).values()

    def test_the_documentation_names_every_palette(self):
        assert set(re.findall(r"`([\w-]+)`", DOCS.partition("| source |")[2].partition("\n\n")[0]))
        for name in PALETTES:
            assert f"`{name}`" in DOCS

    @pytest.mark.parametrize("suffix", ["dot", "mmd", "tex", "html", "drawio", "svg"])
    def test_every_format_has_them(self, lenet, tmp_path, suffix):
        text = ag.draw(lenet, tmp_path / f"x.{suffix}", palette="ibm").read_text(encoding="utf-8")
        fill = PALETTES["ibm"].light.split()[0]
        assert fill in text.lower() or fill[1:] in text.lower()

    def test_charts_have_them(self, lenet, tmp_path):
        usual = ag.chart([lenet], tmp_path / "a.svg").read_bytes()
        for chart in ("layers", "memory"):
            other = ag.chart([lenet], tmp_path / "b.svg", palette="ibm", chart=chart).read_bytes()
            assert other != usual
            assert PALETTES["ibm"].light.split()[0].encode() in other


def looked(net, tmp_path, text, **options):
    file = tmp_path / "uni.toml"
    file.write_text(text, encoding="utf-8")
    (page,) = drawings(net, look=str(file), pages=False, **options)
    return page


class TestFile:
    def test_the_example_of_the_documentation_is_drawn(self, tmp_path):
        page = looked(ag.load("resnet18"), tmp_path, EXAMPLE)
        assert legend_of(page)["conv layer"] == "#005ca9"
        assert legend_of(page)["fully connected"] == "#daa520"
        assert legend_of(page)["first stage"] == "#00a050"
        assert page.background == "#fffdf5"
        assert {g.items[0].paint.stroke for g in page.groups("cluster")} <= {
            *("#005ca9", "#c78c00", "#00805d")
        }
        sizes = [t.size for g in page.groups("node") for t in g.items if hasattr(t, "size")]
        assert min(sizes) >= 8

    def test_a_file_and_a_dict_are_the_same(self, lenet, tmp_path):
        import tomllib

        (tmp_path / "uni.toml").write_text(EXAMPLE, encoding="utf-8")
        one = ag.draw(lenet, tmp_path / "a.svg", look=tmp_path / "uni.toml")
        other = ag.draw(lenet, tmp_path / "b.svg", look=tomllib.loads(EXAMPLE))
        assert one.read_bytes() == other.read_bytes()

    def test_the_command_takes_it_and_typed_options_count_more(self, tmp_path):
        (tmp_path / "uni.toml").write_text('theme = "dark"\nlegend = false\n', encoding="utf-8")
        typed = ["--look", str(tmp_path / "uni.toml"), "--theme", "light"]
        assert main(["draw", "lenet5", "-o", str(tmp_path / "a.svg"), *typed]) == 0
        other = ag.draw("lenet5", tmp_path / "b.svg", legend=False)
        assert (tmp_path / "a.svg").read_bytes() == other.read_bytes()

    def test_charts_take_what_they_have(self, lenet, tmp_path):
        (tmp_path / "uni.toml").write_text(EXAMPLE, encoding="utf-8")
        text = ag.chart([lenet], tmp_path / "a.svg", look=tmp_path / "uni.toml").read_text()
        assert "#005ca9" in text
        assert "#fffdf5" in text

    def test_settings_of_a_look_need_not_be_in_each_network(self, lenet, tmp_path):
        text = '[set]\n"nothing.*" = { label = "x" }\n"C1" = { label = "First" }\n'
        page = looked(lenet, tmp_path, text, set="C1:label=Second")
        words = [t.text for g in page.groups("node") for t in g.items if hasattr(t, "text")]
        assert "Second" in words
        assert "First" not in words
        with pytest.raises(DrawError, match="'nothing' names nothing"):
            looked(lenet, tmp_path, text, set="nothing:label=x")

    def test_print_makes_its_colours_grey(self, lenet, tmp_path):
        page = looked(lenet, tmp_path, EXAMPLE, theme="print")
        for shape in page.shapes():
            if isinstance(shape, Box) and shape.paint.fill:
                assert len({shape.paint.fill[i : i + 2] for i in (1, 3, 5)}) == 1

    @pytest.mark.parametrize("fit", ["16:9", "column", "none", "beamer", "a4"])
    def test_labels_are_as_large_as_wanted(self, lenet, tmp_path, fit):
        usual = looked(lenet, tmp_path, "", fit=fit)
        page = looked(lenet, tmp_path, "[sizes]\nlabel = 14\n", fit=fit)
        assert fit == "none" or page.width == pytest.approx(usual.width)
        heads = [g.items[1].size for g in page.groups("node")]
        assert min(heads) >= 14 - 1e-6
        for shape in page.shapes():  # nothing leaves the canvas
            if isinstance(shape, Box):
                assert shape.x >= -1
                assert shape.x + shape.width <= page.width + 1

    def test_facts_below_labels_are_as_large_as_wanted(self, lenet, tmp_path):
        page = looked(lenet, tmp_path, "[sizes]\nlabel = 10\nsecondary = 10\n")
        for group in page.groups("node"):
            box, *words = group.items
            assert len({word.size for word in words if hasattr(word, "size")}) == 1
            for word in (each for each in words if hasattr(each, "size")):
                assert text_width(word.text, word.size, word.bold) <= box.width + 0.01

    @pytest.mark.parametrize(
        ("text", "line", "told"),
        [
            ('palete = "ibm"', 1, "no key 'palete' .did you mean 'palette'"),
            ('\n[colors]\nconvolutoin = "#fff"', 3, "did you mean 'convolution'"),
            ('[page]\ninkk = "#fff"', 2, "did you mean 'ink'"),
            ('[page]\nink = "blau"', 2, "ink is 'blau', but it is a colour"),
            ("[page]\nink = 3", 2, "ink is 3, but it is a colour"),
            ('[page]\nbar = "red"', 2, "bar is 'red', but it is a list of 2 to 9 colours"),
            ("[sizes]\nlabel = true", 2, "label is True, but it is a size in points"),
            ('[set]\n"a" = 3', 1, "takes settings such as"),
            ('[set.a]\nlable = "x"', 1, "no setting 'lable' of a box .did you mean 'label'"),
            ('[set.a]\ncolor = "blau"', 1, "no colour 'blau' .did you mean 'blue'"),
            ("colors = 3", 1, "colors is 3, but it is a table"),
            ("theme = 3", 1, "theme is 3, but it takes a text"),
            ('theme = "dork"', None, "there is no theme 'dork' .did you mean 'dark'"),
            ('fit = "33"', None, "the canvas '33' has no unit"),
            ('[page]\nbackground = "#222"', None, "has a contrast of 1.0, and words need 4.5"),
            ("[sizes]\nlabel = 2", None, "labels of 2 pt, but on the canvas '16:9'"),
            (
                "[sizes]\nsecondary = 3",
                None,
                "facts of 3 pt below labels of 9 pt; they take 7.2 to",
            ),
            ("x = ", None, "is no TOML: Invalid value"),
            ("a" * 300_000, None, "has more than 262,144 bytes"),
            ("x = " + "[" * 9_000, None, "is no TOML|too deep"),
        ],
    )
    def test_a_mistake_is_one_sentence_with_its_line(self, lenet, tmp_path, text, line, told):
        with pytest.raises(DrawError, match=told) as error:
            looked(lenet, tmp_path, text)
        said = str(error.value)
        assert said.startswith(f"the look '{tmp_path / 'uni.toml'}'")
        assert (f"line {line}:" in said) == (line is not None)
        assert said.endswith(".")
        assert "\n" not in said

    def test_no_file_and_no_text_are_told(self, lenet, tmp_path):
        with pytest.raises(FileError, match="there is no file"):
            ag.draw(lenet, tmp_path / "x.svg", look=tmp_path / "none.toml")
        (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
        with pytest.raises(DrawError, match="not a UTF-8 text file"):
            ag.draw(lenet, tmp_path / "x.svg", look=tmp_path / "bytes.toml")
        assert not (tmp_path / "x.svg").exists()

    def test_each_kind_of_choices_has_the_same_looks(self):
        assert {"look", "palette", "theme", "fit"} <= {*Choices.names()} & {*ChartChoices.names()}
