"""Arguments that several commands share, and how their text is read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archgraph.cli.streams import put
from archgraph.errors import FormatError
from archgraph.nearest import nearest
from archgraph.one_line import in_one_line
from archgraph.written_inputs import parse_input

if TYPE_CHECKING:
    from archgraph.graph import ArchGraph
    from archgraph.options import Declared, Option

__all__ = [
    "ABOUT_NET",
    "NET",
    "Command",
    "Commands",
    "Parser",
    "add_choices",
    "add_command",
    "add_input",
    "add_nets",
    "add_output",
    "add_table_options",
    "given",
    "network",
    "suffixes",
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

    def fill_in(self) -> None:
        """Add its arguments, where they are not there yet."""
        fill, self.fill = self.fill, None
        if fill is not None:
            fill(self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse as argparse does, all arguments added; say which option is near an unknown one."""
        self.fill_in()
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            first = unknown[0].partition("=")[0]
            what = "option" if first.startswith("-") else "argument"
            close = nearest(first, self._option_string_actions) if what == "option" else ""
            line = f"there is no {what} '{first}'{close}; {self.prog} --help shows all there are."
            self.exit(2, f"archgraph: {in_one_line(line)}\n")
        return found, unknown


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


def add_choices(
    command: argparse.ArgumentParser,
    task: str | type[Declared],
    *,
    only: Collection[str] | None = None,
) -> None:
    """Add the options that ``task`` declares; None stands for one that was not given.

    A task whose options another package declares is named. ``only`` names those that the command
    has.
    """
    if isinstance(task, str):
        from archgraph.exporting import options_of

        task = options_of(task)
    for each in task.declared():
        if only is not None and each.name not in only:
            continue
        _add_option(command, each)


def _add_option(command: argparse.ArgumentParser, each: Option) -> None:
    """Add what is declared, as it is typed: one that is on is turned off by ``--no-NAME``."""
    word = each.name.replace("_", "-")
    actions = []
    if not each.flag or each.others:
        takes = [] if each.flag or each.any_number else [each.accepts()]
        default = [f"default: {each.preset}"] if each.preset else []
        more = "; ".join([*takes, *default, *(["repeatable"] if each.whole else [])])
        actions.append(
            command.add_argument(
                f"--{word}",
                metavar=_stand_in(each),
                action="append" if each.whole else "store",
                help=(f"{each.meaning} ({more})" if more else each.meaning).replace("%", "%%"),
            )
        )
    if each.flag:
        turned = bool(each.default or each.others)
        off = each.off or f"leave the {word} out"
        actions.append(
            command.add_argument(
                f"--no-{word}" if turned else f"--{word}",
                dest=each.name,
                action="store_const",
                const=not turned,
                help=(off if turned else each.meaning).replace("%", "%%"),
            )
        )
    for action in actions:
        vars(action)["declared"] = each


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
