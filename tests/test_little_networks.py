"""Networks with little in them, or nothing: a right result, or one sentence."""

from __future__ import annotations

import pytest

import archgraph as ag
from archgraph import ops
from archgraph.cli import main
from archgraph.errors import ArchGraphError
from archgraph.formats.graph_json import dumps, loads


def little(*nodes: tuple, outputs: list | None = None) -> ag.ArchGraph:
    net = ag.ArchGraph(name="little")
    for name, op, inputs, attributes in nodes:
        net.add(name, op, inputs, **attributes)
    if outputs is not None:
        net.graph["outputs"] = outputs
    return net


X = ("x", ops.Input((3, 8, 8)), [], {})
LITTLE = {
    "nothing": little(),
    "an input": little(X),
    "two inputs": little(X, ("y", ops.Input((3, 8, 8)), [], {})),
    "an unknown input": little(("x", ops.Input(None, None), [], {})),
    "a scalar": little(("x", ops.Input((), batched=False), [], {})),
    "no input": little(("x", ops.Full((3, 8, 8)), [], {})),
    "no outputs": little(X, ("r", ops.ReLU(), ["x"], {}), outputs=[]),
    "an input returned": little(X, ("r", ops.ReLU(), ["x"], {}), outputs=["x"]),
    "training only": little(X, ("r", ops.ReLU(), ["x"], {"training_only": True})),
    "all training only": little(
        (*X[:3], {"training_only": True}), ("r", ops.ReLU(), ["x"], {"training_only": True})
    ),
    "open": little(
        ("x", ops.Input((3, "H", "W")), [], {}), ("c", ops.Conv2d(3, 8, 3), ["x"], {"device": 3})
    ),
    "one device after the other": little(
        (*X[:3], {"device": 0}),
        ("r", ops.ReLU(), ["x"], {"device": 1}),
        ("q", ops.ReLU(), ["r"], {"device": 900}),
    ),
}
USES = {
    "auto": lambda net, path: ag.draw(net, path / "x.svg"),
    "layer": lambda net, path: ag.draw(net, path / "x.tex", level="layer"),
    "page": lambda net, path: ag.draw(net, path / "x.html"),
    "volumes": lambda net, path: ag.draw(net, path / "x.svg", style="volumes"),
    "json": lambda net, _: loads(dumps(net)),
    "source": lambda net, path: main(["export", str(net.save(path / "n.json")), "-o",
                                             str(path / "x.py")]),
    "cost": lambda net, path: main(["cost", str(net.save(path / "n.json")), "--format",
                                           "json"]),
    "compare": lambda net, path: main(["compare", str(net.save(path / "n.json")), "lenet5"]),
    "diff": lambda net, path: main(["diff", str(net.save(path / "n.json")), "lenet5"]),
    "inference": lambda net, _: net.inference().check(),
}  # fmt: skip


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("name", LITTLE)
def test_a_network_with_little_in_it_is_shown_or_refused_in_a_sentence(name, use, tmp_path, capsys):
    words, status = "", 0
    try:
        status = USES[use](LITTLE[name].copy(), tmp_path)
    except ArchGraphError as error:
        words = str(error)
    assert "\n" not in words
    if status == 1:
        assert capsys.readouterr().err.count("\n") == 1


def test_what_is_gone_is_no_output():
    net = little(X, ("a", ops.ReLU(), ["x"], {}), ("b", ops.ReLU(), ["a"], {}), outputs=["b"])
    net.remove_node("b")
    assert net.results == ["a"]


# ---- networks that are larger than machines --------------------------------------------------


def large(tmp_path, *nodes: tuple) -> list[str]:
    path = little(("x", ops.Input((2**20,)), [], {}), *nodes).save(tmp_path / "n.json")
    return ["export", str(path), "-o", str(tmp_path / "n.onnx")]


def test_weights_that_no_machine_has_are_not_made_up(tmp_path, capsys):
    pytest.importorskip("torch")
    command = large(tmp_path, ("fc", ops.Linear(2**20, 2**22), ["x"], {}))
    assert main(command) == 1
    assert "stores 4,398,050,705,408 numbers, but at most 2,147,483,648" in capsys.readouterr().err
    assert not (tmp_path / "n.onnx").exists()


def test_what_no_machine_computes_is_not_checked(tmp_path, capsys):
    pytest.importorskip("onnxruntime")
    command = large(tmp_path, ("full", ops.Full((2**30, 2**20)), [], {}))
    assert main([*command, "--check"]) == 1
    assert "computes 4.00 PiB of tensors" in capsys.readouterr().err


def test_a_batch_has_an_end(capsys):
    assert main(["cost", "lenet5", "--batch", "9" * 30]) == 1
    assert "at most 2,147,483,647" in capsys.readouterr().err


def test_sizes_are_exact_however_large():
    from archgraph.tables.table import Column, cell_text

    column = Column("size", "Size", "number", "KiB", 1024)
    for size in (6, 512, 1000, 2**40 + 3, 10**15 + 1):
        assert cell_text(size, column) == f"{size / 1024:,.2f}"
        assert cell_text(-size, column) == f"{-size / 1024:,.2f}"
    assert cell_text(5, column) == "0.0049"
    assert cell_text(0, column) == "0"
    assert cell_text(2**70 + 1024, column) == f"{2**60 + 1:,}.00"


# ---- networks of which little is known -------------------------------------------------------


def test_volumes_of_unknown_bytes_are_drawn(tmp_path):
    net = little(("x", ops.Input((3, 8, 8), None), [], {}))
    for source, name in (("x", "a"), ("a", "b"), ("b", "c")):
        net.add(name, ops.Conv2d(3, 3, 3), [source])
    ag.draw(net, tmp_path / "x.svg", style="volumes", level="layer")
    assert "unknown size" in (tmp_path / "x.svg").read_text()


def test_a_box_that_is_called_after_its_operator_opens(tmp_path):
    net = ag.load("inception_naive")
    for name in list(net)[3:]:
        net.nodes[name]["stage"] = "rest"
    ag.draw(net, tmp_path / "x.svg", open="branch1", level="block")
    assert (tmp_path / "x.svg").exists()


def test_a_box_on_several_devices_has_the_colour_of_none(tmp_path):
    net = ag.load("lenet5")
    for number, name in enumerate(net):
        net.nodes[name]["device"] = number % 6
        net.nodes[name]["stage"] = "all" if number else None
    net.nodes["input"]["device"] = None
    with pytest.raises(ArchGraphError, match="no box of 'lenet5' is on one device"):
        ag.draw(net, tmp_path / "x.svg", level="stage", color="device")
    ag.draw(net, tmp_path / "x.svg", level="layer", color="device")
    assert ">GPU 0, 4</text>" in (tmp_path / "x.svg").read_text().replace("</tspan>", "")


def test_devices_that_cannot_have_lanes_are_drawn_without(tmp_path):
    net = little(X)
    for name, source, device in (("a", "x", 0), ("b", "x", 0), ("c", "b", 1), ("d", "a", 1)):
        net.add(name, ops.Conv2d(3, 3, 1), [source], device=device)
    net.add("sum", ops.Add(), ["c", "d"])
    ag.draw(net, tmp_path / "x.svg", level="layer")
    text = (tmp_path / "x.svg").read_text()
    assert text.count(">1×1 conv, 3</text>") == 4
    assert "between GPUs" in text
