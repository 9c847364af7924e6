"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.cli.streams import put
from archgraph.errors import FormatError

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph
    from archgraph.options import Option

__all__ = [
    "ABOUT_NET",
    "NET",
    "Command",
    "Commands",
    "Parser",
    "add_choices",
    "add_columns",
    "add_command",
    "add_input",
    "add_nets",
    "add_output",
    "add_table_options",
    "given",
    "network",
    "parse_shape",
    "positive",
    "suffixes",
    "table_choices",
]

ABOUT_NET = """\
NET is a gallery name (resnet50), a graph file (net.json), any ONNX file (net.onnx),
a function or class of your own (package.module:factory, file.py:factory) that returns
a PyTorch module or (module, example), or a part of one of these (resnet50/layer1.0,
net.onnx/inception3a, file.py:factory/encoder)."""

NET = "gallery name, net.json, net.onnx, file.py:factory, or NET/MODULE"
"""What a command's help says that NET is."""

Commands = Any
"""What argparse's add_subparsers returns; it has no public name."""


class Parser(argparse.ArgumentParser):
    """A parser that says where standard output takes no help; argparse keeps that to itself."""

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is sys.stdout:
            put(message)
        else:
            super()._print_message(message, file)


class Command(Parser):
    """A command's parser; ``fill`` adds its arguments when it is the one that is asked for.

    So a command may take options that are declared in another package, which the others need
    not wait for.
    """

    fill: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, all arguments added."""
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)
        return super().parse_known_args(args, namespace)


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], int | None],
    about: str,
    *examples: str,
    more: str = "",
) -> Command:
    """Add a command that calls ``run``, with its examples below its options."""
    made: Command = commands.add_parser(
        name,
        help=about,
        description=f"{about[0].upper()}{about[1:]}.\n\n{more}".rstrip(),
        epilog="\n  ".join(["examples:", *examples]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.set_defaults(run=run)
    return made


def add_nets(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add the argument NET, or several of them."""
    words = {"nargs": "+"} if several else {}
    command.add_argument(
        "nets" if several else "net",
        metavar="NET",
        help=NET,
        **words,  # type: ignore[arg-type]
    )


def add_input(command: argparse.ArgumentParser) -> None:
    """Add what says how a network is read: ``--input``, ``--arg``, ``--no-recognise``."""
    command.add_argument(
        "--input",
        metavar="SHAPE",
        action="append",
        help="the input without the batch (3x227x227), or by name, all axes, N for the batch "
        "(x:Nx3x48x320; repeatable)",
    )
    command.add_argument(
        "--arg",
        metavar="NAME=VALUE",
        action="append",
        help="what a factory is called with (width=2; repeatable)",
    )
    command.add_argument(
        "--no-recognise",
        dest="recognise",
        action="store_false",
        help="leave formulas in the parts in which a module or file writes them",
    )


def add_output(command: argparse.ArgumentParser, help: str) -> None:
    """Add a required ``-o FILE``, and ``--format`` for one whose name does not say it."""
    command.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help=help)
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="the format, where FILE is - (standard output) or its suffix says another",
    )


def add_table_options(command: argparse.ArgumentParser) -> None:
    """Add ``--format`` and ``-o`` of a command that prints a table."""
    command.add_argument(
        "--format",
        metavar="FORMAT",
        help="table, json, csv, markdown or latex; else as FILE's suffix says (json, csv, md, tex)",
    )
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to a file")
    command.add_argument("--caption", metavar="WORDS", help="of LaTeX: above it, not its own words")
    command.add_argument("--label", metavar="LABEL", help="of LaTeX: what \\ref calls it")
    command.add_argument(
        "--wide",
        action="store_true",
        help="of LaTeX: over both columns of a page (table*)",
    )


def add_columns(command: argparse.ArgumentParser, also: str = "") -> None:
    """Add ``--columns``, ``--unit`` and ``--sort`` of a command that prints a table of metrics."""
    command.add_argument(
        "--columns",
        metavar="LIST",
        help="what to show, in this order: params, macs, flops, lecture, activation_bytes, "
        "peak_memory, receptive_field and any other metric"
        + (f"; {also}" if also else ", and input, depth, top1_error, top5_error, setting"),
    )
    command.add_argument(
        "--unit",
        metavar="UNIT",
        help="k, M, G or T for counts, B, KiB, MiB, GiB, kB, MB or GB for bytes, or M,MB for both; "
        "M alone brings MiB",
    )
    command.add_argument("--sort", metavar="COLUMN", help="the largest in this column first")


def table_choices(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return what ``add_columns`` asked for, as tables take it."""
    columns = [] if chosen.columns is None else chosen.columns.split(",")
    return {
        "columns": [name.strip() for name in columns],
        "unit": chosen.unit,
        "sort": chosen.sort,
    }


def add_choices(
    command: argparse.ArgumentParser, task: str, *, only: Collection[str] | None = None
) -> None:
    """Add the options that ``task`` declares; None stands for one that was not given.

    ``only`` names those that the command has.
    """
    from archgraph.exporting import options_of

    for each in options_of(task).declared():
        if only is not None and each.name not in only:
            continue
        word = each.name.replace("_", "-")
        if each.flag and each.others:
            command.add_argument(f"--{word}", metavar=_stand_in(each), help=each.meaning)
            command.add_argument(
                f"--no-{word}",
                dest=each.name,
                action="store_const",
                const=False,
                help=f"leave the {word} out",
            )
            continue
        if each.flag:
            command.add_argument(
                f"--no-{word}" if each.default else f"--{word}",
                dest=each.name,
                action="store_const",
                const=not each.default,
                help=each.meaning,
            )
            continue
        default = f" (default: {each.default})" if each.default else ""
        default = " (repeatable)" if each.whole else default
        command.add_argument(
            f"--{word}",
            metavar=_stand_in(each),
            action="append" if each.whole else "store",
            type=_number if each.numbers else str,
            help=f"{each.accepts()}: {each.meaning}{default}".replace("%", "%%"),
        )


def suffixes(group: str) -> str:
    """Return in words the suffixes of the formats that are installed: ``.json, .onnx or .py``."""
    from archgraph.exporting import formats

    *first, last = [f".{name}" for name in formats(group)]
    return f"{', '.join(first)} or {last}"


def _stand_in(option: Option) -> str:
    """Return what stands for a value in the help."""
    if option.many and not option.whole:
        return "LIST"
    return "N" if option.numbers and not option.values else (option.noun or option.name).upper()


def _number(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def positive(text: str) -> int:
    """Return a whole number above zero; argparse names the option in its error."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def parse_shape(text: str) -> tuple[int, ...]:
    """Return ``3x224x224`` as (3, 224, 224); FormatError says what it should look like."""
    words = text.lower().replace("×", "x").replace(",", "x").split("x")
    try:
        shape = tuple(int(word) for word in words)
    except ValueError:
        shape = ()
    if not shape or min(shape) < 1:
        raise FormatError(
            f"the input '{text}' is no shape; write channels, height and width as 3x224x224."
        )
    return shape


def parse_input(given: Sequence[str]) -> tuple[int, ...] | dict[str, tuple[int | str, ...]]:
    """Return one shape without the batch, or whole shapes by name: ``x:Nx3x48x320``."""
    found: dict[str, tuple[int | str, ...]] = {}
    for text in given:
        name, colon, extents = text.rpartition(":")
        if not colon:
            if len(given) > 1:
                raise FormatError(
                    f"the input '{text}' has no name, but there are {len(given)} inputs; write "
                    f"each as NAME:SHAPE, such as x:Nx{text}."
                )
            return parse_shape(text)
        words = extents.replace("×", "x").replace(",", "x").split("x")
        if not name or not all(word in ("N", "n") or word.isdecimal() for word in words):
            raise FormatError(
                f"the input '{text}' is no shape; write all axes as {name or 'x'}:Nx3x224x224, "
                "with N for the batch."
            )
        found[name] = tuple("N" if word in ("N", "n") else int(word) for word in words)
    return found


def parse_arguments(given: Sequence[str]) -> dict[str, Any]:
    """Return ``width=2`` as {"width": 2}: a value is Python's where it is one, else text."""
    from ast import literal_eval

    found: dict[str, Any] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name.isidentifier():
            raise FormatError(f"the argument '{text}' must be NAME=VALUE, such as width=2.")
        try:
            found[name] = literal_eval(value)
        except (ValueError, SyntaxError):
            found[name] = value
    return found


def network(text: str, chosen: argparse.Namespace, **reading: Any) -> ArchGraph:
    """Return the network that an argument names, read as the options of ``add_input`` say.

    ``reading`` are further options of ``load``.
    """
    from archgraph.loading import load

    options: dict[str, Any] = {}
    if chosen.input:
        options["input"] = parse_input(chosen.input)
    if chosen.arg:
        options["arg"] = parse_arguments(chosen.arg)
    return load(text, **{"recognise": chosen.recognise, **options, **reading})


def given(chosen: argparse.Namespace, names: Iterable[str]) -> dict[str, Any]:
    """Return those of the options that the user gave."""
    found = {name: getattr(chosen, name) for name in names}
    return {name: value for name, value in found.items() if value is not None}
