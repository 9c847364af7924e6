"""Options have one declaration: Python, the command line and the documentation say the same."""

from __future__ import annotations

import inspect
import re
import warnings
from pathlib import Path

import pytest

import archgraph as ag
from archgraph.cli import main
from archgraph.errors import ArchGraphError, DrawError, FormatError, UnknownNameError
from archgraph.exporters.pictures.choices import ChartChoices, Choices
from archgraph.exporters.pictures.draw import drawings


def flat(text: str | None) -> str:
    """Return a text in one line; argparse breaks lines behind hyphens, too."""
    return " ".join((text or "").split()).replace("- ", "-")


def said(capsys, *arguments: str | Path) -> str:
    """Run a command that must fail with one sentence; return that."""
    assert main([str(argument) for argument in arguments]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    return line.removeprefix("archgraph: ")


@pytest.mark.parametrize(
    ("texts", "lists"),
    [
        ({"facts": "shape,params"}, {"facts": ["shape", "params"]}),
        ({"facts": "shape"}, {"facts": ("shape",)}),
        ({"open": "inception3a"}, {"open": ["inception3a"]}),
        ({"open": "inception3a, aux1"}, {"open": ("inception3a", "aux1")}),
    ],
)
def test_a_text_with_commas_is_a_list(tmp_path, texts, lists):
    net = ag.load("googlenet")
    one = ag.draw(net, tmp_path / "one.svg", fit="none", **texts).read_bytes()
    other = ag.draw(net, tmp_path / "other.svg", fit="none", **lists).read_bytes()
    assert one == other
    assert one != ag.draw(net, tmp_path / "usual.svg", fit="none").read_bytes()


def test_a_list_for_several_networks_may_be_a_text(tmp_path):
    nets = [ag.load("plain18"), ag.load("resnet18")]
    one = ag.draw(nets, tmp_path / "one.svg", facts="shape,params").read_bytes()
    assert one == ag.draw(nets, tmp_path / "two.svg", facts=["shape", "params"]).read_bytes()


def test_the_command_and_python_draw_the_same(tmp_path):
    options = {"level": "stage", "color": "macs", "facts": "shape,params", "theme": "dark"}
    typed = [word for name, value in options.items() for word in (f"--{name}", value)]
    assert main(["draw", "resnet18", "-o", str(tmp_path / "one.svg"), *typed]) == 0
    drawn = ag.draw(ag.load("resnet18"), tmp_path / "two.svg", **options)
    assert drawn.read_bytes() == (tmp_path / "one.svg").read_bytes()


def test_none_is_an_option_that_was_not_given(tmp_path):
    nothing = dict.fromkeys(Choices.names())
    one = ag.draw(ag.load("lenet5"), tmp_path / "one.svg", **nothing).read_bytes()
    assert one == ag.draw(ag.load("lenet5"), tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        (name, wrong)
        for name in Choices.names()
        for wrong in (3, 2.5, [1, 2], True, object())
        if not (wrong is True and name in ("title", "legend"))
    ],
)
def test_a_value_of_another_type_is_refused_in_one_sentence(tmp_path, name, wrong):
    with pytest.raises(DrawError) as error:
        ag.draw(ag.load("lenet5"), tmp_path / "x.svg", **{name: wrong})
    assert str(error.value).endswith(".")
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize(
    ("draw", "wrong", "right"),
    [
        (ag.draw, "colour", "color"),
        (ag.draw, "opens", "open"),
        (ag.export, "colour", "color"),
        (lambda net, path, **o: ag.chart([net], path, **o), "them", "theme"),
        (
            lambda net, path, **o: ag.export_onnx(net, path.with_suffix(".onnx"), **o),
            "opse",
            "opset",
        ),
        (lambda net, path, **o: ag.export(net, path.with_suffix(".onnx"), **o), "chek", "check"),
    ],
)
def test_a_wrong_option_gets_the_nearest(tmp_path, draw, wrong, right):
    if right in ("opset", "check"):
        pytest.importorskip("onnx")
    with pytest.raises(UnknownNameError, match=f"no option {wrong} .did you mean.*'{right}'"):
        draw(ag.load("lenet5"), tmp_path / "x.svg", **{wrong: "x"})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("suffix", "has"), [("py", "checkpoint"), ("json", "")])
def test_a_format_says_which_options_it_lacks(capsys, tmp_path, suffix, has):
    target = tmp_path / f"x.{suffix}"
    more = f"; it has {has}" if has else ""
    with pytest.raises(UnknownNameError, match=rf"a .{suffix} file has no option seed{more}\."):
        ag.export(ag.load("lenet5"), target, seed=1)
    told = said(capsys, "export", "lenet5", "-o", target, "--seed", "1")
    assert told.endswith(f"no option --seed{more.replace(has, f'--{has}') if has else ''}.")
    assert not target.exists()


def test_a_file_takes_no_options_of_the_gallery(tmp_path):
    file = ag.load("lenet5").save(tmp_path / "net.json")
    with pytest.raises(UnknownNameError, match="no option num_classes"):
        ag.load(file, num_classes=7)
    assert len(ag.load(file, input=(1, 32, 32))) == len(ag.load("lenet5"))


@pytest.mark.parametrize(("function", "choices"), [(ag.draw, Choices), (ag.chart, ChartChoices)])
def test_pythons_help_tells_every_option(function, choices):
    about = inspect.getdoc(function)
    for each in choices.declared():
        assert flat(f"``{each.name}`` ({each.accepts()}): {each.meaning}") in flat(about)
    assert re.findall(r"^``(\w+)`` \(", about, re.M) == choices.names()


def test_pythons_help_tells_every_option_of_onnx_files():
    pytest.importorskip("onnx")
    from archgraph.exporters.onnx.export import NAMES

    found = re.findall(r"^``(\w+)``(?:: | \()", inspect.getdoc(ag.export_onnx), re.M)
    assert sorted(found) == sorted(NAMES)


@pytest.mark.parametrize(("command", "choices"), [("draw", Choices), ("compare", ChartChoices)])
def test_the_commands_help_tells_every_option(capsys, command, choices):
    with pytest.raises(SystemExit):
        main([command, "--help"])
    about = flat(capsys.readouterr().out)
    for each in choices.declared():
        assert f"--{each.name}" in about or f"--no-{each.name}" in about
        # What is given by its name alone takes nothing.
        meaning = each.off if each.default is True else each.meaning
        plain = each.flag or each.any_number
        assert flat(meaning if plain else f"{meaning} ({each.accepts()}") in about


def test_every_option_of_the_command_export_is_one_of_onnx_files(capsys):
    pytest.importorskip("onnx")
    from archgraph.cli.export import OWN
    from archgraph.exporters.onnx.export import NAMES
    from archgraph.exporters.onnx.options import Options

    assert {*OWN, *Options.names()} - {"checkpoint"} <= {*NAMES}  # that one is of source
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    about = flat(capsys.readouterr().out)
    for each in Options.declared():
        sign = f"--no-{each.name}" if each.default is True else f"--{each.name}"
        assert sign.replace("_", "-") in about
        assert flat(each.off if each.default is True else each.meaning) in about


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["draw", "inception_naive", "--style", "volumes", "-o", "x.svg"], "use --style layout."),
        (["draw", "vgg16", "--style", "volumes", "-o", "x.dot"], "use --style layout."),
        (["export", "lenet5", "--seed", "2", "-o", "x.svg"], "a picture has no option --seed"),
        (["compare", "lenet5", "vgg16", "--fit", "a4"], "--fit needs -o FILE"),
    ],
)
def test_errors_name_options_as_they_were_typed(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert words in said(capsys, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--opset", "3"], "--opset is 3, but it must be 13 to 28."),
        (["--ir-version", "2"], "--ir-version is 2, but"),
        (["--via", "torch", "--softmax"], "--via torch takes no --softmax;"),
    ],
)
def test_errors_of_an_export_name_options_as_they_were_typed(capsys, tmp_path, arguments, words):
    pytest.importorskip("onnx")
    assert words in said(capsys, "export", "lenet5", "-o", tmp_path / "x.onnx", *arguments)


def test_python_errors_name_options_as_they_are_written(tmp_path):
    with pytest.raises(DrawError, match="use style='layout'"):
        ag.draw(ag.load("inception_naive"), tmp_path / "x.svg", style="volumes")


class TestFormats:
    """What can be written is asked for by its suffix."""

    def test_torch_is_no_file_format(self, capsys, tmp_path):
        line = said(capsys, "export", "lenet5", "-o", tmp_path / "x.torch")
        assert line.startswith("there is no format 'torch'")
        for suffix in ("json", "onnx", "py"):
            assert suffix in line
        assert not list(tmp_path.iterdir())

    def test_a_graph_file_is_written_in_python_as_by_the_command(self, tmp_path):
        net = ag.load("lenet5")
        assert ag.export(net, tmp_path / "one.json") == tmp_path / "one.json"
        assert main(["export", "lenet5", "-o", str(tmp_path / "two.json")]) == 0
        one, two = (tmp_path / f"{name}.json" for name in ("one", "two"))
        assert one.read_bytes() == two.read_bytes()
        assert set(ag.load(one)) == set(net)

    @pytest.mark.parametrize("suffix", ["json", "onnx", "py"])
    def test_what_is_no_picture_is_not_drawn(self, tmp_path, suffix):
        with pytest.raises(FormatError, match=f"a .{suffix} file is no picture.*'?.svg"):
            ag.draw(ag.load("lenet5"), tmp_path / f"x.{suffix}")
        assert not list(tmp_path.iterdir())

    def test_only_pictures_are_proposed_for_drawing(self, capsys, tmp_path):
        line = said(capsys, "draw", "lenet5", "-o", tmp_path / "x.bmp")
        assert line.endswith("there are dot, drawio, html, mmd, pdf, png, pptx, svg, tex, tikz.")

    def test_a_picture_needs_a_network(self, tmp_path):
        with pytest.raises(DrawError, match="at least one network"):
            ag.draw([], tmp_path / "x.svg")


class TestWhatDoesNotFit:
    """The error proposes what helps, and nothing that does not exist."""

    def wide(self, grouped: bool) -> ag.ArchGraph:
        """Return a network whose branches have no room on any canvas, with modules or without."""
        b = ag.Builder("wide", input=(3, 8, 8))
        ends = []
        for number in range(60):
            name = f"branch{number}.a" if grouped else f"a{number}"
            first = b.conv(name, b.input, 4, 1)
            ends.append(b.relu(name[:-1] + "b" if grouped else f"b{number}", first))
        return b.build(b.concat("join", *ends))

    def test_a_module_is_proposed_that_exists(self, tmp_path):
        net = self.wide(grouped=True)
        with pytest.raises(DrawError) as error:
            ag.draw(net, tmp_path / "x.svg", level="layer")
        (proposed,) = re.findall(r"such as 'wide/([^']+)'", str(error.value))
        assert 1 < len(net.module(proposed)) < len(net)

    @pytest.mark.parametrize("level", ["auto", "layer"])
    def test_no_module_is_proposed_where_there_is_none(self, tmp_path, level, monkeypatch):
        from archgraph.exporters.pictures import single

        monkeypatch.setattr(single, "_laid_out", lambda view, *_, **__: (view, None))
        monkeypatch.setattr(single, "in_order", lambda *_, **__: None)
        with pytest.raises(DrawError) as error:
            ag.draw(self.wide(grouped=False), tmp_path / "x.svg", level=level)
        assert str(error.value).endswith("in readable text; use fit='none'.")
        monkeypatch.undo()
        ag.draw(self.wide(grouped=False), tmp_path / "x.svg", level=level, fit="none")

    @pytest.mark.parametrize(("suffix", "proposes"), [("svg", True), ("pdf", False)])
    def test_only_single_pictures_are_told_of_files_with_pages(self, suffix, proposes, monkeypatch):
        from archgraph.exporters.pictures import single

        # As if no layer fitted on any number of pages.
        usual = single._laid_out
        monkeypatch.setattr(
            single,
            "_laid_out",
            lambda view, *more, **how: (
                (view, None) if view.level == "layer" else usual(view, *more, **how)
            ),
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            drawings(ag.load("resnet18"), level="layer", pages=suffix == "pdf")
        (hint,) = (str(each.message) for each in caught)
        assert "drawn at block level" in hint
        assert (".pdf" in hint) == proposes


def test_options_are_errors_of_the_library():
    assert issubclass(UnknownNameError, ArchGraphError)
