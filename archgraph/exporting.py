"""draw, export and the like: from whatever `load` takes to whatever package offers a format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from archgraph.errors import FormatError
from archgraph.loading import network_of, networks_of
from archgraph.nearest import nearest
from archgraph.options import Declared, is_typed
from archgraph.plugins import function, loaded, offers

if TYPE_CHECKING:
    import graphviz
    import torch

__all__ = [
    "chart",
    "draw",
    "export",
    "export_onnx",
    "exporter",
    "formats",
    "growth_chart",
    "options_of",
    "roofline_chart",
    "suffix_of",
    "to_graphviz",
    "to_torch",
]

FILES = ("exporters", "writers")
"""The groups of what writes files."""


def formats(*groups: str) -> list[str]:
    """Return the suffixes of the formats that are installed, of these groups or of all."""
    return sorted({name for group in groups or FILES for name in offers(group)})


def exporter(name: str, *groups: str) -> Callable[..., Any]:
    """Return the function behind a format, of these groups or of all; FormatError names them.

    A package adds a format with an entry point whose name is the file suffix without the dot: in
    the group ``archgraph.exporters`` a function ``(net, path, **options)`` that writes the file
    whole or not at all, or in ``archgraph.writers`` a ``Writer`` of what ``draw`` shows.
    """
    for group in groups or FILES:
        if name in offers(group):
            point = ("tools", "draw") if group == "writers" else (group, name)
            return function(*point, f"a .{name} file")
    known = formats(*groups)
    raise FormatError(
        f"there is no format '{name}'{nearest(name, known)}; there are {', '.join(known)}."
    )


def draw(net: Any, path: str | Path | None = None, example: object = None, **options: Any) -> Any:
    """Draw one network, or several side by side, into a file whose suffix says the format.

    ``net`` is an ArchGraph or whatever ``load`` takes, a list of them is drawn side by side; what
    ``load`` takes besides (``input``, ``example``, ``recognise``, …) says how it is read:
    ``draw(module, "net.pptx", input=(3, 224, 224))``. Returns the path. Without a path it returns
    a picture that shows itself in a notebook and can be saved: ``draw(module, images)``.

    The suffixes are .svg, .pdf, .png, .pptx, .html, .tex, .dot and those of installed packages.
    Lists may be written as one text with commas. Raises DrawError, and UnknownNameError for an
    option that there is not. The options:

    ``level`` (stage, block, layer or auto): how much to show: a handful of boxes, one box per
        module, or every operator; auto is blocks, and what is in those that hide much, as far as it
        fits (default: auto)
    ``open`` (blocks and stages): what is shown from the inside, in its place, such as
        inception3a,inception4d
    ``color`` (op, device or a cost such as macs): what colour means: the operator's family, the
        GPU, or a cost with a colour bar (default: op)
    ``scale`` (auto, linear or log): how a cost becomes a colour; auto is log where values differ
        more than tenfold (default: auto)
    ``facts`` (op, shape or costs): what labels say below the name, such as shape,params; without it
        the usual, with the cost that colour means
    ``style`` (layout, volumes or receptive): boxes and arrows, activations as boxes in perspective,
        or receptive fields on the input (default: layout)
    ``set`` (a pattern and settings): how boxes look that a pattern names, such as
        layer1.*:label=Stem,color=#c0392b or drop*:hide; a box has a label, sublabel, color, legend
        and note, and can hide or show
    ``difference`` (True or False): two networks as one picture: what the second has more, what it
        lacks, what changed
    ``steps`` (flow, stage or zoom): for .pptx and .pdf, a slide or page a step: boxes come along
        the flow, one stage after the other stands out, or from the whole into a block (what is
        opened, else the largest)
    ``fit`` (16:9, 4:3, a4, none, column, page, beamer, beamer169 or a width or size such as 3.3in,
        8.9cm or 240x400): the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page
        (595 × 842 pt), as large as the picture needs, a paper's column (3.3 in) and text (6.5 in)
        and as high as needed, beamer's slides; else the first, or a template's slides
    ``theme`` (light, dark or print): the colours; print is grey (default: light)
    ``palette`` (okabe-ito, okabe-ito-strong, tol-bright, tol-muted, tol-light, brewer-set2,
        brewer-dark2, brewer-paired, ibm, viridis or cividis): the colours of boxes and of colour
        bars, told apart by colour-blind readers, too (default: okabe-ito)
    ``font`` (sans, serif or an installed family or a .ttf file): the letters, by whose widths all
        is laid out: as Helvetica, as Times, or your own (default: sans)
    ``lang`` (en, ko or a TOML file): the language of legends, captions, boxes and charts; a file
        has words of your own (default: en)
    ``look`` (a TOML file): a look of your own: colours, words, sizes, settings of boxes and other
        options' values
    ``title`` (True, False or words): the title instead of the usual one; on paper there is none
        unless it is asked for, because a caption says it
    ``legend`` (True or False): whether a legend says what colours and lines mean (default: True)
    ``standalone`` (True or False): of .tex: a document of its own instead of a picture to put into
        one
    ``template`` (a .potx or .pptx file): for .pptx: the deck whose master, layouts, colours and
        fonts the slides take; those in it go
    """
    if not isinstance(path, (str, Path)):
        example, path = (path if example is None else example), None
    if example is not None:
        options["example"] = example
    nets = networks_of(net, options)
    if path is None:
        return function("tools", "picture", "a picture in a notebook")(nets, options)
    suffix = suffix_of(path)
    if suffix in offers("exporters"):
        raise FormatError(
            f"a .{suffix} file is no picture, so it is exported, not drawn; "
            f"pictures are {', '.join(f'.{each}' for each in formats('writers'))}."
        )
    made: Path = exporter(suffix, "writers")(nets, Path(path), **options)
    return made


def export(net: Any, path: str | Path, **options: Any) -> Path:
    """Export a network into a file whose suffix says the format: ``.onnx``, ``.py``, ``.json``.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    The options are those of the format: of ``export_onnx`` for ``.onnx``, of ``draw`` for a
    picture; ``.json`` (a graph file) has none. ``.py`` is PyTorch source, which imports nothing but
    torch; its ``checkpoint`` is a ``.safetensors``, ``.pth`` or ``.pt`` file for the weights that
    the network was read with, else those of seed 0: both files are written or neither.
    """
    suffix = suffix_of(path)
    made: Path = exporter(suffix)(network_of(net, options), Path(path), **options)
    return made


def export_onnx(net: Any, path: str | Path, **options: Any) -> Path:
    """Write an ONNX file with the weights that the network was read with, else with seeded ones.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    Raises ExportError, CheckpointError, FileError, CheckError, MissingDependencyError, and
    UnknownNameError for an option that there is not. The options:

    ``module``: the ``nn.Module`` whose weights are written
    ``weights``: a ``.pth`` or ``.safetensors`` file, or a state dict, instead of a module
    ``seed``: of random weights, also for a network that has its own (default: 0 for one that has
        none)
    ``via``: direct (default), or torch: its own exporter
    ``check``: run the file in every installed runtime, or in those named, and compare it with what
        the network was read from, else with PyTorch
    ``report``: a function that is told each row of the check as it comes
    ``opset`` (13 to 28): operator set (default: 18)
    ``ir_version`` (7 to 14): file version; without it 10, or what opset or devices need
    ``batch`` (a number above zero or dynamic): batch axis (default: dynamic)
    ``size`` (fixed or dynamic): height and width of the image (default: fixed)
    ``precision`` (float32 or float16): weights and activations (default: float32)
    ``fold_batch_norm`` (True or False): fold batch norms into convolutions
    ``softmax`` (True or False): add a softmax at the end
    ``auxiliary`` (True or False): keep the heads that only training uses
    ``external`` (True or False): weights in a second file, NAME.onnx.data; without it only over 2
        GB
    ``structure_only`` (True or False): leave the weights out: they become inputs of the graph, a
        few KB
    ``devices`` (True or False): whether the file says which device runs each node, where the
        network does (default: True)
    """
    made: Path = exporter("onnx")(network_of(net, options), Path(path), **options)
    return made


def to_torch(net: Any, *, seed: int | Literal["auto"] | None = "auto") -> torch.nn.Module:
    """Return the network as an ``nn.Module`` whose submodules bear the node names.

    ``net`` is an ArchGraph or whatever ``load`` takes by itself: a name, a file.
    A network that was read from a module or a file has a copy of that one's weights, any other
    those of seed 0; a number is the seed for either. With ``seed=None`` it is on the meta device,
    without memory, for a checkpoint to be loaded into it. Raises ExportError for a graph with
    operators that PyTorch does not have, CheckpointError, and MissingDependencyError.
    """
    make = function("tools", "torch", "a PyTorch module")
    module: torch.nn.Module = make(network_of(net, {}), seed=seed)
    return module


def to_graphviz(net: Any, **options: Any) -> graphviz.Digraph:
    """Return what ``draw`` shows as a ``graphviz.Digraph``, to go on with: to change, to render.

    ``net`` is an ArchGraph or whatever ``load`` takes, with ``input``, ``example`` and so on.
    It is laid out only where Graphviz's own ``dot`` is installed and called. The options are
    ``level``, ``open``, ``facts`` and ``set``, as ``draw`` has them. Raises DrawError and
    UnknownNameError.
    """
    found = network_of(net, options)
    graph: graphviz.Digraph = function("tools", "graphviz", "a Graphviz graph")(found, **options)
    return graph


def chart(nets: Sequence[Any], path: str | Path | None = None, **options: Any) -> Any:
    """Draw a chart of networks; the suffix says the format: .svg, .pdf, .png, .pptx.

    Without a path it returns a picture that shows itself in a notebook and can be saved.
    ``nets`` are ArchGraphs or whatever ``load`` takes.
    Raises DrawError, and UnknownNameError for an option that there is not. The options:

    ``chart`` (layers, accuracy or memory): bars of memory, parameters and MACs, published accuracy
        against MACs, or live memory over a run; else by accuracy where there are three or more
        networks, all with published errors
    ``batch`` (a number above zero): how many images, in a chart of memory (default: 1)
    ``optimizer`` (sgd, momentum, adam or adamw): a training step with it instead of inference, in a
        chart of memory
    ``precision`` (float32, mixed, bfloat16 or float16): in a training step what multiplies and adds
        runs in a half type, in a chart of memory
    ``checkpoint`` (block or stage): what a training step computes again instead of keeping it, in a
        chart of memory
    ``fits`` (a device or a memory such as 3GB): a line at what a device holds, in a chart of memory
    ``fit`` (16:9, 4:3, a4, none, column, page, beamer, beamer169 or a width or size such as 3.3in,
        8.9cm or 240x400): the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page
        (595 × 842 pt), as large as the picture needs, a paper's column (3.3 in) and text (6.5 in)
        and as high as needed, beamer's slides; else the first, or a template's slides
    ``theme`` (light, dark or print): the colours; print is grey (default: light)
    ``palette`` (okabe-ito, okabe-ito-strong, tol-bright, tol-muted, tol-light, brewer-set2,
        brewer-dark2, brewer-paired, ibm, viridis or cividis): the colours of boxes and of colour
        bars, told apart by colour-blind readers, too (default: okabe-ito)
    ``font`` (sans, serif or an installed family or a .ttf file): the letters, by whose widths all
        is laid out: as Helvetica, as Times, or your own (default: sans)
    ``lang`` (en, ko or a TOML file): the language of legends, captions, boxes and charts; a file
        has words of your own (default: en)
    ``look`` (a TOML file): a look of your own: colours, words, sizes, settings of boxes and other
        options' values
    ``title`` (True, False or words): the title instead of the usual one; on paper there is none
        unless it is asked for, because a caption says it
    ``legend`` (True or False): whether a legend says what colours and lines mean (default: True)
    ``standalone`` (True or False): of .tex: a document of its own instead of a picture to put into
        one
    ``template`` (a .potx or .pptx file): for .pptx: the deck whose master, layouts, colours and
        fonts the slides take; those in it go
    """
    training = options.get("optimizer") is not None if options.get("chart") == "memory" else None
    found = networks_of(nets, options, training=training)
    return function("tools", "chart", "a chart")(found, path, **options)


def growth_chart(found: Any, path: str | Path | None = None, **options: Any) -> Any:
    """Draw how costs grow, found by ``growth``, as curves in one chart.

    Without a path it returns a picture that shows itself in a notebook and can be saved.
    All must be of one metric, over one thing. The suffix says the format: .svg, .pdf, .png, .pptx.
    Raises DrawError, and UnknownNameError for an option that there is not. The options:

    ``fit`` (16:9, 4:3, a4, none, column, page, beamer, beamer169 or a width or size such as 3.3in,
        8.9cm or 240x400): the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page
        (595 × 842 pt), as large as the picture needs, a paper's column (3.3 in) and text (6.5 in)
        and as high as needed, beamer's slides; else the first, or a template's slides
    ``theme`` (light, dark or print): the colours; print is grey (default: light)
    ``palette`` (okabe-ito, okabe-ito-strong, tol-bright, tol-muted, tol-light, brewer-set2,
        brewer-dark2, brewer-paired, ibm, viridis or cividis): the colours of boxes and of colour
        bars, told apart by colour-blind readers, too (default: okabe-ito)
    ``font`` (sans, serif or an installed family or a .ttf file): the letters, by whose widths all
        is laid out: as Helvetica, as Times, or your own (default: sans)
    ``lang`` (en, ko or a TOML file): the language of legends, captions, boxes and charts; a file
        has words of your own (default: en)
    ``look`` (a TOML file): a look of your own: colours, words, sizes, settings of boxes and other
        options' values
    ``title`` (True, False or words): the title instead of the usual one; on paper there is none
        unless it is asked for, because a caption says it
    ``legend`` (True or False): whether a legend says what colours and lines mean (default: True)
    ``standalone`` (True or False): of .tex: a document of its own instead of a picture to put into
        one
    ``template`` (a .potx or .pptx file): for .pptx: the deck whose master, layouts, colours and
        fonts the slides take; those in it go
    """
    several = found if isinstance(found, Sequence) and not isinstance(found, str) else [found]
    return function("tools", "growth_chart", "a chart")(several, path, **options)


def roofline_chart(found: Any, path: str | Path | None = None, **options: Any) -> Any:
    """Draw the roofline of a network on a device, found by ``roofline``.

    A dot is an operator, or a block or stage where ``roofline`` was asked by these.
    Without a path it returns a picture that shows itself in a notebook and can be saved.
    The suffix says the format: .svg, .pdf, .png, .pptx.
    Raises DrawError, and UnknownNameError for an option that there is not. The options:

    ``measured`` (True or False): dots at the times that 'archgraph measure' put into the network
    ``fit`` (16:9, 4:3, a4, none, column, page, beamer, beamer169 or a width or size such as 3.3in,
        8.9cm or 240x400): the canvas, in this order: two slides (960 × 540, 720 × 540 pt), a page
        (595 × 842 pt), as large as the picture needs, a paper's column (3.3 in) and text (6.5 in)
        and as high as needed, beamer's slides; else the first, or a template's slides
    ``theme`` (light, dark or print): the colours; print is grey (default: light)
    ``palette`` (okabe-ito, okabe-ito-strong, tol-bright, tol-muted, tol-light, brewer-set2,
        brewer-dark2, brewer-paired, ibm, viridis or cividis): the colours of boxes and of colour
        bars, told apart by colour-blind readers, too (default: okabe-ito)
    ``font`` (sans, serif or an installed family or a .ttf file): the letters, by whose widths all
        is laid out: as Helvetica, as Times, or your own (default: sans)
    ``lang`` (en, ko or a TOML file): the language of legends, captions, boxes and charts; a file
        has words of your own (default: en)
    ``look`` (a TOML file): a look of your own: colours, words, sizes, settings of boxes and other
        options' values
    ``title`` (True, False or words): the title instead of the usual one; on paper there is none
        unless it is asked for, because a caption says it
    ``legend`` (True or False): whether a legend says what colours and lines mean (default: True)
    ``standalone`` (True or False): of .tex: a document of its own instead of a picture to put into
        one
    ``template`` (a .potx or .pptx file): for .pptx: the deck whose master, layouts, colours and
        fonts the slides take; those in it go
    """
    return function("tools", "roofline", "a roofline chart")(found, path, **options)


def options_of(task: str) -> type[Declared]:
    """Return the declared options of "draw" or "chart", from the group ``archgraph.options``."""
    found: type[Declared] = loaded("options", task, f"'{task}'")
    return found


def suffix_of(path: str | Path) -> str:
    """Return a path's suffix without the dot, in small letters; FormatError without one."""
    suffix = Path(path).suffix.lstrip(".").lower()
    if not suffix:
        how = ", and there is no --format" if is_typed() else ""
        raise FormatError(
            f"'{path}' has no suffix that says the format, such as .svg or .onnx{how}."
        )
    return suffix
