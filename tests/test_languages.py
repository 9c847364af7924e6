"""Pictures speak other languages: every fixed word is in the table, and what is said fits."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import DrawError, FileError
from archgraph.exporters.pictures.charts.chart import chart_page
from archgraph.exporters.pictures.charts.roof import roofline_page
from archgraph.exporters.pictures.draw import drawings
from archgraph.exporters.pictures.drawing import Box, Text, walked
from archgraph.exporters.pictures.dress import own_words
from archgraph.exporters.pictures.dress.own_words import all_words, language, refuse_words
from archgraph.exporters.pictures.dress.spoken import say, spoken
from archgraph.exporters.pictures.text.widths import text_width
from bench.words import PAGE, table

PICTURES = Path(__file__).parents[1] / "exporters" / "pictures"

HANGUL = re.compile("[가-힣]")

NAMES = {
    # Units and their prefixes, formulas and layers that are called so in every language.
    *("GPU", "FLOP", "KiB", "MiB", "GiB", "TB", "px", "ms", "MAC", "MACs", "TFLOP", "ImageNet"),
    *("ReLU", "GELU", "LRN", "MLP", "SE", "dw", "LSTM", "GRU", "SiLU", "tanh", "top"),
    *("float", "bfloat", "tf", "adam", "ILSVRC", "NVIDIA", "validation"),
}


def masked() -> dict[str, str]:
    """Return a language in which nothing but what is put in has a Latin letter."""
    return {
        words: "".join(
            part if part.startswith("{") else re.sub("[A-Za-z]+", "ж", part)
            for part in re.split(r"(\{\w+\})", words)
        )
        for words in all_words()
    }


@pytest.fixture
def file(tmp_path):
    def written(words: dict[str, str]) -> Path:
        path = tmp_path / "words.toml"
        lines = (f"{_quoted(key)} = {_quoted(value)}\n" for key, value in words.items())
        path.write_text("".join(lines), encoding="utf-8")
        return path

    return written


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def names_of(net: ag.ArchGraph) -> set[str]:
    """Return the words that a network brings: its names, labels and classes."""
    texts = [net.name, str(net.graph.get("title") or ""), *net, *(net.graph.get("modules") or {})]
    texts += [str(data.get("label") or "") for data in net.nodes.values()]
    texts += [str(group["label"]) for group in net.groups.values()]
    texts += map(str, (net.graph.get("modules") or {}).values())
    texts += map(str, net.tensors)
    texts += [op.kind for op in map(net.op, net)]
    return {word for text in texts for word in re.findall("[A-Za-z]+", text)}


DRAWN = [
    *(({"level": level}, "googlenet") for level in ("stage", "block", "layer")),
    *(({"style": style}, "alexnet") for style in ("volumes", "receptive")),
    *(({}, name) for name in ("resnet18", "vit_b_16", "unet", "lenet5", "alexnet_two_gpu")),
    ({"style": "volumes"}, "alexnet_two_gpu"),
    ({"color": "device"}, "alexnet_two_gpu"),
    ({"color": "macs", "facts": "shape,params,macs"}, "resnet18"),
    ({"difference": True}, "resnet18 resnet34"),
    ({}, "plain18 resnet18"),
    ({"style": "receptive"}, "alexnet vgg16"),
    ({"chart": "layers"}, "alexnet vgg16"),
    ({"chart": "accuracy"}, "alexnet vgg16 googlenet"),
    ({"chart": "memory"}, "alexnet"),
    ({"chart": "memory", "optimizer": "adam"}, "alexnet"),
    ({"chart": "memory"}, "alexnet_two_gpu"),
    ({"roofline": "A100"}, "resnet18"),
]


def pages(nets, options, **more):
    options = {**options, **more}
    if "chart" in options:
        return [chart_page(nets, **options).drawing]
    if device := options.pop("roofline", None):
        from archgraph.answers.speed import roofline
        from archgraph.answers.speed.rates import rates_of

        return [roofline_page(nets[0], roofline(nets[0], rates_of(device)), **options).drawing]
    return drawings(nets, **options)


@pytest.mark.parametrize(("options", "names"), DRAWN, ids=str)
def test_no_picture_says_a_fixed_word_that_is_not_in_the_table(options, names, file):
    nets = [ag.load(name) for name in names.split()]
    allowed = NAMES.union(*map(names_of, nets))
    found = pages(nets, options, lang=str(file(masked())))
    assert any("ж" in each.text for page in found for each in page.shapes() if _is_text(each))
    for page in found:
        for each in filter(_is_text, page.shapes()):
            words = [w for w in re.findall("[A-Za-z]+", each.text) if len(w) > 1]
            assert {*words} <= allowed, each.text


def _is_text(item: object) -> bool:
    return isinstance(item, Text)


def said_in_the_source() -> list[str]:
    """Return every literal that is given to ``say``, with ".*" where a value stands in it."""
    found = []
    for path in sorted(PICTURES.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say"):
                continue
            choices = [node.args[0]]
            while choices:
                each = choices.pop()
                if isinstance(each, ast.IfExp):
                    choices += [each.body, each.orelse]
                elif isinstance(each, ast.Constant):
                    found.append(re.escape(str(each.value)))
                elif isinstance(each, ast.JoinedStr):
                    parts = (
                        re.escape(str(p.value)) if isinstance(p, ast.Constant) else ".*"
                        for p in each.values
                    )
                    found.append("".join(parts))
    return found


def test_every_word_of_the_source_is_in_the_table():
    literals = said_in_the_source()
    assert len(literals) > 100
    for pattern in literals:
        assert any(re.fullmatch(pattern, words) for words in all_words()), pattern


class TestKorean:
    def test_every_word_has_its_korean_and_keeps_what_is_put_in(self):
        refuse_words(language("ko"))
        same = {words for words, told in language("ko").items() if not HANGUL.search(told)}
        assert same <= {"MACs", "FLOPs", "GPU {names}", " ({number} of {count})", " and "} | {
            *("{count} MACs", "to", "with", "of", "zeros", "ones", "{size} px"),
            *("{before} → {after} MACs",),
        }

    @pytest.mark.parametrize("name", ["resnet18", "googlenet", "vit_b_16"])
    def test_it_fits_its_boxes(self, name):
        (page,) = drawings(ag.load(name), lang="ko", level="block", pages=False)
        heard = set()
        for group in page.groups("node"):
            box = next(item for item in group.items if isinstance(item, Box))
            for text in filter(_is_text, walked(group.items)):
                heard.update(HANGUL.findall(text.text))
                wide = text_width(text.text, text.size, text.bold)
                assert wide <= box.width + 0.01, text.text
        assert heard

    def test_python_and_the_command_say_the_same(self, tmp_path):
        assert main(["draw", "lenet5", "-o", str(tmp_path / "a.svg"), "--lang", "ko"]) == 0
        text = (tmp_path / "a.svg").read_text(encoding="utf-8")
        assert "합성곱" in text
        assert ">convolution<" not in text
        assert ag.draw("lenet5", tmp_path / "b.svg", lang="ko").read_text("utf-8") == text

    def test_the_language_ends_with_the_picture(self, tmp_path):
        before = ag.draw("lenet5", tmp_path / "a.svg").read_bytes()
        ag.draw("lenet5", tmp_path / "b.svg", lang="ko")
        assert ag.draw("lenet5", tmp_path / "c.svg").read_bytes() == before

    def test_patterns_name_boxes_by_english_words_too(self):
        (page,) = drawings(
            ag.load("resnet50"), lang="ko", set="3×3 max pool*:label=Stem", pages=False
        )
        assert any(each.text == "Stem" for each in page.shapes() if _is_text(each))

    @pytest.mark.parametrize("suffix", ["svg", "tex", "drawio", "mmd", "dot", "html"])
    def test_every_format_has_it(self, tmp_path, suffix):
        text = ag.draw("lenet5", tmp_path / f"x.{suffix}", lang="ko").read_text("utf-8")
        assert "풀링" in text or r"\ud480\ub9c1" in text

    def test_images_set_bold_letters_in_a_bold_font(self, tmp_path):
        from archgraph.exporters.pictures.text.faces import system_face

        if (
            not (face := system_face("입", truetype=False, bold=True))
            or "old" not in face.path.stem
        ):
            pytest.skip("no bold Korean font here")
        one = ag.draw("lenet5", tmp_path / "x.png", lang="ko").read_bytes()
        other = ag.draw("lenet5", tmp_path / "y.png").read_bytes()
        assert one != other


class TestOwnWords:
    def test_a_file_says_some_and_english_the_rest(self, file, tmp_path):
        path = file({"convolution": "Faltung", "{count} MACs per image": "je Bild {count} MACs"})
        text = ag.draw("lenet5", tmp_path / "a.svg", lang=str(path)).read_text("utf-8")
        assert ">Faltung<" in text
        assert "je Bild 417 k MACs" in text
        assert ">pooling<" in text

    def test_a_look_has_words_of_its_own(self, tmp_path):
        look = {"lang": "ko", "words": {"convolution": "콘볼루션"}}
        text = ag.draw("lenet5", tmp_path / "a.svg", look=look).read_text("utf-8")
        assert ">콘볼루션<" in text
        assert ">완전 연결<" in text

    def test_words_in_a_look_are_found_beside_it(self, tmp_path, file, monkeypatch):
        file({"convolution": "Faltung"})
        (tmp_path / "uni.toml").write_text('lang = "words.toml"\n', encoding="utf-8")
        monkeypatch.chdir("/")
        text = ag.draw("lenet5", tmp_path / "a.svg", look=tmp_path / "uni.toml").read_text("utf-8")
        assert ">Faltung<" in text

    def test_hostile_words_are_words(self, file, tmp_path):
        path = file({"convolution": "<script>alert(1)</script> {x} \\2"})
        with pytest.raises(DrawError, match="must hold nothing in braces"):
            ag.draw("lenet5", tmp_path / "a.svg", lang=str(path))
        path = file({"convolution": "<script>alert(1)</script>\\2 $(rm)"})
        for suffix in ("svg", "tex", "html", "dot", "pdf"):
            made = ag.draw("lenet5", tmp_path / f"a.{suffix}", lang=str(path)).read_bytes()
            assert b"<script>alert" not in made

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ('"convolutoin" = "x"', "do not say 'convolutoin' .did you mean 'convolution'"),
            ('"convolution" = 3', "'convolution' is 3, but it takes one line of text"),
            ('"{count} MACs" = "MACs"', "must hold {count}, once"),
            ('"{count} MACs" = "{count.__class__} MACs"', "must hold {count}, once"),
            ('"convolution" = "a\\nb"', "takes one line of text"),
            ("x =", "are no TOML"),
            ("x" * 300_000, "more than 262,144 bytes"),
        ],
    )
    def test_a_mistake_is_one_sentence(self, tmp_path, text, told):
        path = tmp_path / "words.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DrawError, match=re.sub(r"[{}]", r"\\\g<0>", told)) as error:
            ag.draw("lenet5", tmp_path / "a.svg", lang=str(path))
        assert str(error.value).startswith(f"the words '{path}'")
        assert str(error.value).endswith(".")

    def test_no_language_is_told(self, tmp_path):
        with pytest.raises(DrawError, match="no language 'kor' .did you mean 'ko'"):
            ag.draw("lenet5", tmp_path / "a.svg", lang="kor")
        with pytest.raises(FileError):
            ag.draw("lenet5", tmp_path / "a.svg", lang="none.toml")
        (tmp_path / "u.toml").write_text('[words]\nconvolutoin = "x"\n', encoding="utf-8")
        with pytest.raises(DrawError, match="line 2: pictures do not say 'convolutoin'"):
            ag.draw("lenet5", tmp_path / "a.svg", look=tmp_path / "u.toml")

    def test_what_is_put_in_is_put_in_as_it_is(self):
        assert say("batch {count}", count="{count}") == "batch {count}"
        assert spoken("3×3 max pool, /2") == "3×3 max pool, /2"


def test_the_documentation_lists_all_words():
    assert table() in PAGE.read_text(encoding="utf-8")
    assert own_words.LANGUAGES == ("en", "ko")
