"""What is published is what is in the repository, and works where nothing else is installed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from fnmatch import fnmatch

import pytest
from fresh import PROJECT, ROOT, sentence

import archgraph as ag
from archgraph.cli.app import parser

HOMES = {"archgraph": "archgraph", "exporters": "archgraph/exporters"}
HOMES["gallery"] = "archgraph/gallery"
DATA = [
    "*/py.typed",
    "*/fonts/*.ttf",
    "*/fonts/*.json",
    "*/fonts/OFL.txt",
    "*/html/page/*",
    "*/languages/*.toml",
    "*.cjs",
]
"""Installed beside code: the mark of types, fonts, their widths, pages, languages, a script."""


def test_every_package_is_installed():
    found = {
        ".".join([*name.split("/"), *file.parent.relative_to(ROOT / folder).parts])
        for folder, name in HOMES.items()
        for file in (ROOT / folder).rglob("__init__.py")
    }
    assert found == set(PROJECT["tool"]["setuptools"]["packages"])


def test_the_version_is_the_packages():
    assert ag.__version__ == PROJECT["project"]["version"]
    command = [sys.executable, "-m", "archgraph", "--version"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == f"archgraph {PROJECT['project']['version']}\n"


def test_the_change_log_names_the_version():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert f"## {PROJECT['project']['version']}" in text


def test_the_citation_names_the_version():
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['project']['version']}\n" in text
    assert f"license: [{PROJECT['project']['license'].replace(' AND ', ', ')}]" in text


# ---- what is built --------------------------------------------------------------------------


def tree(built) -> dict[str, bytes]:
    """Return the files from which the sdist and the wheel were built."""
    root = built[0].parent / "tree"
    files = [file for file in root.rglob("*") if file.is_file()]
    named = {file.relative_to(root).as_posix(): file.read_bytes() for file in files}
    return {name: data for name, data in named.items() if ".egg-info/" not in name}


def test_the_sdist_holds_the_repository(built):
    with tarfile.open(built[0]) as archive:
        inside = [member.name for member in archive.getmembers() if member.isfile()]
    names = {name.partition("/")[2] for name in inside}
    made = {name for name in names if ".egg-info/" in name} | {"PKG-INFO", "setup.cfg"}
    assert names - made == tree(built).keys()


def test_the_wheel_holds_what_is_installed_and_the_licences(built):
    with zipfile.ZipFile(built[1]) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    repository = tree(built)
    packages = {n.rpartition("/")[0] for n in repository if n.endswith("/__init__.py")}
    wanted = {
        f"{home}/{name.removeprefix(f'{folder}/')}": data
        for folder, home in HOMES.items()
        for name, data in repository.items()
        if name.startswith(f"{folder}/")
        if (name.endswith(".py") and name.rpartition("/")[0] in packages)
        or any(fnmatch(name, kind) for kind in DATA)
    }
    about = f"archgraph-{ag.__version__}.dist-info/"
    made = {f"{about}{name}" for name in ("METADATA", "WHEEL", "RECORD", "entry_points.txt")}
    licences = {f"{about}licenses/{name}" for name in PROJECT["project"]["license-files"]}
    installed = {name: data for name, data in inside.items() if not name.startswith(about)}
    assert installed.keys() == wanted.keys()
    assert installed == wanted
    assert inside.keys() - wanted.keys() - {f"{about}top_level.txt"} == made | licences


def test_an_index_would_take_both(built):
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


# ---- what is installed ----------------------------------------------------------------------

WORKS = [
    ["--help"],
    ["draw", "--help"],
    ["export", "--help"],
    ["list"],
    ["cost", "lenet5"],
    ["cost", "lenet5", "-o", "x.json"],
    ["cost", "lenet5", "--explain"],
    ["memory", "lenet5"],
    ["counters", "--help"],
    ["split", "lenet5", "--devices", "2"],
    ["completion", "bash"],
    ["roofline", "lenet5", "--device", "A100"],
    ["roofline", "lenet5", "--device", "A100", "-o", "x.svg"],
    ["measure", "--help"],
    ["growth", "lenet5"],
    ["sweep", "lenet5", "--arg", "num_classes=2,3", "--workers", "1", "-o", "x.csv"],
    ["growth", "lenet5", "vgg16", "-o", "x.svg"],
    *(["draw", "lenet5", "-o", f"x.{form}"] for form in ("svg", "pdf", "png", "pptx")),
    *(["draw", "lenet5", "-o", f"x.{form}"] for form in ("tex", "dot", "html")),
    ["draw", "lenet5", "vgg16", "-o", "x.svg"],
    ["draw", "lenet5", "--style", "volumes", "-o", "x.svg"],
    ["draw", "lenet5", "--style", "receptive", "-o", "x.svg"],
    ["draw", "lenet5", "-o", "x.drawio"],
    ["draw", "lenet5", "-o", "x.mmd"],
    ["export", "lenet5", "-o", "x.py"],
    ["export", "lenet5", "-o", "x.json"],
    ["compare", "lenet5", "vgg16"],
    ["compare", "lenet5", "vgg16", "-o", "x.svg"],
    ["compare", "lenet5", "vgg16", "-o", "x.tikz"],
    ["annotate", "--help"],
    ["diff", "lenet5", "vgg16", "-o", "x.csv"],
    ["gallery", "lenet5", "-o", "site"],
]
LACKS = [
    ["export", "lenet5", "-o", "x.onnx"],
    ["export", "lenet5", "-o", "x.onnx", "--check"],
    ["export", "lenet5", "-o", "x.onnx", "--via", "torch"],
    ["gallery", "lenet5", "-o", "site", "--onnx"],
    ["annotate", "x.onnx", "-o", "x.json"],
    ["cost", "x.onnx"],
    ["draw", "x.onnx", "-o", "x.svg"],
    ["compare", "x.onnx", "lenet5"],
    ["measure", "lenet5", "-o", "x.json"],
]


@pytest.mark.parametrize("arguments", WORKS, ids=" ".join)
def test_a_bare_installation_does_all_that_it_promises(tmp_path, fresh, arguments):
    done = fresh.run(tmp_path, "archgraph", *arguments)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    written = {file.name for file in tmp_path.iterdir()}
    assert written == {each for each in arguments if each == "site" or each.startswith("x.")}


@pytest.mark.parametrize("arguments", LACKS, ids=" ".join)
def test_a_bare_installation_says_what_else_to_install(tmp_path, fresh, arguments):
    if arguments[0] not in ("export", "measure"):
        (tmp_path / "x.onnx").write_bytes(b"")
    done = fresh.run(tmp_path, "archgraph", *arguments)
    assert re.search(r'needs \w+.*: pip install ("archgraph\[onnx\]"|onnx)\.$', sentence(done))
    assert arguments[0] not in ("export", "measure") or not any(tmp_path.iterdir())


def test_every_command_and_every_format_was_tried():
    (commands,) = (a for a in parser()._actions if a.metavar == "COMMAND")
    assert commands.choices.keys() <= {arguments[0] for arguments in WORKS}
    with pytest.raises(ag.ArchGraphError, match=r"there are (.*)\.$") as error:
        ag.export(ag.load("lenet5"), "x.nothing")
    formats = re.findall(r"there are (.*)\.$", str(error.value))[0].split(", ")
    assert {f"x.{each}" for each in formats} <= {each for line in WORKS + LACKS for each in line}


CALLS = """
import json
import archgraph as ag

net = ag.load("lenet5")


def export_nothing():
    open("x.onnx", "w").close()
    return "x.onnx"


calls = {
    "ArchGraph": lambda: ag.ArchGraph(name="empty").number_of_nodes(),
    "ArchGraphError": lambda: ag.ArchGraphError("said"),
    "Architecture": lambda: ag.Architecture("mine", "package.module:function", "one line"),
    "Builder": lambda: ag.Builder("empty", input=(3, 8, 8)).build("input"),
    "Metric": lambda: ag.Metric("latency", "Latency", "ms"),
    "Placement": lambda: ag.Placement("none", (), ()),
    "MetricFamily": lambda: ag.MetricFamily("times", "N", lambda text: ag.Metric("", text)),
    "Ratio": lambda: ag.Ratio(1, 2),
    "Change": lambda: ag.Change("conv", "conv", ()),
    "Difference": lambda: str(ag.diff(net, net)),
    "__version__": lambda: ag.__version__,
    "annotate": lambda: ag.annotate(export_nothing(), "x.json"),
    "architectures": lambda: [ag.load(name).total("macs") for name in ag.architectures()],
    "compare": lambda: ag.compare([net]).to_dict(),
    "cost": lambda: ag.cost(net).save("x.csv"),
    "Growth": lambda: str(ag.growth(net)),
    "Sweep": lambda: ag.Sweep((), 0, 0),
    "growth": lambda: ag.growth(net),
    "growth_chart": lambda: ag.growth_chart([ag.growth(net)], "growth.svg"),
    "sweep": lambda: ag.sweep("lenet5", workers=1),
    "memory": lambda: ag.memory(net, training=True, fits="3GB").to_dict(),
    "explain": lambda: ag.explain(net).to_dict(),
    "Count": lambda: ag.Count("fvcore", "fvcore", "0.1.5", "FLOPs"),
    "Counters": lambda: str(ag.Counters("net", "net", (3, 8, 8), 0, ())),
    "chart": lambda: ag.chart([net, net], "x.png"),
    "counters": lambda: ag.counters(net),
    "diff": lambda: ag.diff(net, "vgg16").render("latex"),
    "draw": lambda: ag.draw(net, "x.svg"),
    "export": lambda: ag.export(net, "x.py"),
    "export_onnx": lambda: ag.export_onnx(net, "x.onnx"),
    "load": lambda: ag.load(net.save("x.json")),
    "placement": lambda: ag.placement(ag.split(net, 2)),
    "split": lambda: ag.split(net, 2),
    "measure": lambda: ag.measure(net),
    "roofline": lambda: ag.roofline(net, "A100").seconds,
    "roofline_chart": lambda: ag.roofline_chart(ag.roofline(net, "A100"), "roofline.svg"),
    "to_graphviz": lambda: ag.to_graphviz(net).source,
    "to_torch": lambda: ag.to_torch(net),
}
assert calls.keys() == {*ag.__all__}
said = {}
for name, call in calls.items():
    try:
        call()
    except ag.ArchGraphError as error:
        said[name] = f"{type(error).__name__}: {error}"
print(json.dumps(said))
"""


def test_all_that_python_offers_works_or_says_what_to_install(tmp_path, fresh):
    done = fresh.run(tmp_path, "python", "-c", CALLS)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said.keys() == {"annotate", "counters", "export_onnx", "measure", "to_torch"}
    assert said.pop("annotate").endswith(" needs onnx: pip install onnx.")
    for told in said.values():
        wanted = r'MissingDependencyError: .* needs [\w -]+, .*: pip install "archgraph\[\w+\]"\.'
        assert re.fullmatch(wanted, told)


IMPORTED = """
import importlib, json, pkgutil
import archgraph

lacking = {}
for module in pkgutil.walk_packages(archgraph.__path__, "archgraph."):
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        lacking[module.name] = error.name.partition(".")[0]
print(json.dumps(lacking))
"""


def test_nothing_but_the_extras_is_lacking_for_any_module(tmp_path, fresh):
    done = fresh.run(tmp_path, "python", "-c", IMPORTED)
    assert done.returncode == 0, done.stderr
    lacking = json.loads(done.stdout)
    assert {*lacking.values()} <= {"torch", "onnx", "onnxruntime", "numpy", "safetensors"}
    needs_torch = ("importers.torch", "importers.onnx", "exporters.pytorch", "exporters.onnx")
    needs_torch = (*needs_torch, "exporters.measured", "answers.speed.machine_rates")
    assert all(name.removeprefix("archgraph.").startswith(needs_torch) for name in lacking)


def test_the_sdist_installs_as_the_wheel_does(tmp_path, built):
    """By what this environment builds with: nothing is fetched."""
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-build-isolation", "--quiet"]
    for kind, file in zip(("sdist", "wheel"), built, strict=True):
        command = [*pip, "--no-compile", "--target", str(tmp_path / kind), str(file)]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
    sdist, wheel = (
        {
            each.relative_to(home).as_posix(): each.read_bytes()
            for each in home.rglob("*.*")
            if each.is_file()
        }
        for home in (tmp_path / "sdist" / "archgraph", tmp_path / "wheel" / "archgraph")
    )
    assert sdist == wheel
    assert len(wheel) > 300


def test_a_network_shows_itself_in_a_notebook(tmp_path, fresh):
    code = 'import archgraph as ag; print(*ag.load("lenet5")._repr_mimebundle_())'
    assert "image/svg+xml" in fresh.run(tmp_path, "python", "-c", code).stdout
