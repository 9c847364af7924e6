"""Every option in one table: ``python -m bench.options_table`` writes it where it is read.

That is docs/options.md, the options of ``draw`` in docs/pictures.md, and the docstrings of
archgraph/exporting.py. All follow from the declarations and from the command line's parser.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from pathlib import Path

import archgraph as ag
from archgraph.cli.app import parser
from archgraph.exporting import exporter, options_of
from archgraph.files import read_text, write_text
from archgraph.loading import READING
from archgraph.options import Option
from bench.page import put

__all__ = ["PAGE", "PICTURES", "SOURCE", "commands", "docstrings", "options_table", "takes"]

PAGE = Path("docs/options.md")
PICTURES = Path("docs/pictures.md")
SOURCE = Path("archgraph/exporting.py")

DECLARED = {
    "draw": "draw",
    "chart": "chart",
    "growth_chart": "curve",
    "roofline_chart": "roofline",
    "export_onnx": "onnx",
}
"""The functions of Python whose further options are declared, and by what name."""

WRITERS = {"export_onnx": "onnx", "export": "py"}
"""The functions whose further options are those of a format."""

FUNCTIONS = {
    "cost": ("cost", "explain"),
    "counters": ("counters",),
    "memory": ("memory", "chart"),
    "growth": ("growth", "growth_chart"),
    "sweep": ("sweep",),
    "roofline": ("roofline", "roofline_chart"),
    "measure": ("measure",),
    "split": ("split",),
    "draw": ("draw",),
    "export": ("export_onnx", "export"),
    "compare": ("compare", "chart"),
    "diff": ("diff",),
    "annotate": ("annotate",),
}
"""The functions of Python that answer what a command does."""


ONLY_TYPED = {
    "output": "a function returns its answer, `found.save(path)`; those that write take the path",
    "format": "the suffix of the path says it; `found.to_dict()` and `found.to_pandas()` give data",
    "explain": "`ag.explain(net, node)`",
    "exit_code": "`ag.diff(one, two).equal`",
    "runtime": 'of an export: `check="onnxruntime,openvino"`',
    **dict.fromkeys(
        ("caption", "label", "wide"), 'of LaTeX: `found.save("costs.tex", caption="Costs")`'
    ),
}
"""The options that a command has and its functions have not, and what is used instead."""

ONLY_PYTHON = {
    "example": "what a module is called with: a tensor, a tuple, a dict of keywords or both",
    "partial": "of `load`: what was read of a module that cannot be read to its end",
    "training": "of `load`: a module is read as it trains",
    "module": "of `export_onnx`: the module whose weights are written",
    "report": "of `export_onnx`: a function that is told each row of the check",
    "told": "of `sweep`: a function that is told of new lines",
    "working": "of `growth`: a function that is told how many sizes were read",
    "numbers": "of `roofline`: the type that floats are to have, typed behind the device's name",
    "chart": "of `chart`: `memory` draws the one of memory, `compare` has it as an option",
}
"""The options that functions have and a command has not, mostly as their values cannot be typed."""


@dataclass(frozen=True)
class Row:
    """An option: how it is typed, its name in Python, what it takes, its default, its meaning."""

    words: tuple[str, ...]
    name: str
    values: str
    default: str
    meaning: str


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return every command's parser, all its arguments added."""
    (found,) = (each for each in parser()._actions if each.metavar == "COMMAND")
    assert isinstance(found.choices, dict)
    for command in found.choices.values():
        command.fill_in()
    return found.choices


def takes(function: str) -> list[str]:
    """Return the names of what a function of archgraph takes besides its network and its file."""
    given = signature(getattr(ag, function)).parameters.values()
    names = [each.name for each in given if each.kind is not Parameter.VAR_KEYWORD]
    more = READING if any(each.kind is Parameter.VAR_KEYWORD for each in given) else ()
    declared = options_of(DECLARED[function]).names() if function in DECLARED else []
    if function in WRITERS:
        behind = signature(exporter(WRITERS[function], "exporters")).parameters.values()
        declared += [each.name for each in behind if each.kind is Parameter.KEYWORD_ONLY]
    return [*dict.fromkeys([*names, *more, *declared])]


def options_table() -> str:
    """Return a line for each option, by name: what it takes, its default, who has it."""
    found: dict[Row, dict[str, list[str]]] = {}
    there = commands()
    for name, command in there.items():
        by_name: dict[str, list[argparse.Action]] = {}
        for action in command._actions:
            if action.option_strings and action.dest != "help":
                by_name.setdefault(action.dest, []).append(action)
        for dest, actions in by_name.items():
            functions = [each for each in FUNCTIONS.get(name, ()) if dest in takes(each)]
            found.setdefault(_row(actions), {})[name] = functions
    reading = {name for name, each in there.items() if "--no-recognise" in _words(each)}
    lines = [_line(["option", "takes", "default", "what it says", "commands", "in Python"])]
    lines.append("|---|---|---|---|---|---|")
    for row, who in sorted(found.items(), key=lambda each: each[0].words[0].lstrip("-")):
        every = reading == {*who}
        functions = dict.fromkeys(each for many in who.values() for each in many)
        python = ", ".join(f"`ag.{each}`" for each in functions)
        python = "`ag.load` and all that take a network" if every else python
        if python and f"--{_dashed(row.name)}" != row.words[0]:
            python = f"`{row.name}` of {python}"
        lines.append(
            _line(
                [
                    ", ".join(f"`{each}`" for each in row.words),
                    row.values,
                    _code(row.default),
                    row.meaning,
                    "all that read a network" if every else ", ".join(who),
                    python,
                ]
            )
        )
    return "\n".join(lines)


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def exceptions_table() -> str:
    """Return what is only typed, and what only Python has."""
    typed = [_line([f"`--{_dashed(name)}`", text]) for name, text in ONLY_TYPED.items()]
    python = [_line([f"`{name}=`", text]) for name, text in ONLY_PYTHON.items()]
    return "\n".join(
        (
            *("| only typed | in Python |", "|---|---|", *typed, ""),
            *("| only in Python | what it is |", "|---|---|", *python),
        )
    )


def _dashed(name: str) -> str:
    return name.replace("_", "-")


def _words(command: argparse.ArgumentParser) -> list[str]:
    return [word for action in command._actions for word in action.option_strings]


def _row(actions: Sequence[argparse.Action]) -> Row:
    """Return what one or two actions say of one option: ``--title`` and ``--no-title``."""
    words = tuple(each.option_strings[-1] for each in actions)
    first = actions[0]
    declared: Option | None = getattr(first, "declared", None)
    if declared is not None:
        values = "" if declared.flag and not declared.others else declared.accepts("`")
        if values and declared.flag:
            values = declared.others  # true and false are not typed
        meaning = declared.off if words[0].startswith("--no-") else declared.meaning
        return Row(words, first.dest, values, _default(declared), meaning)
    values = ""
    if first.nargs != 0:
        values = str(first.metavar or "")
        if first.choices:
            *some, last = [f"`{each}`" for each in first.choices]
            values = f"{', '.join(some)} or {last}"
    none = first.default in (None, [], argparse.SUPPRESS) or isinstance(first.default, bool)
    meaning = (first.help or "").replace("%%", "%")
    default = "" if none or "default" in meaning else str(first.default)
    return Row(words, first.dest, values, default, meaning)


def _default(option: Option) -> str:
    """Return the value that an option has without being given, where that is one."""
    return option.preset


def _line(cells: Sequence[str]) -> str:
    # A star is one, and begins no emphasis.
    plain = [each.replace("|", "∣").replace("*", "\\*") for each in cells]
    return f"| {' | '.join(plain)} |"


def pictures_table() -> str:
    """Return a line for each option of ``draw``, in the order of their declaration."""
    lines = [_line(["option", "takes", "default", "what it says"]), "|---|---|---|---|"]
    lines += [
        _line([f"`--{each.name}`", each.accepts("`"), _code(_default(each)), each.meaning])
        for each in options_of("draw").declared()
    ]
    return "\n".join(lines)


def docstrings(source: str) -> str:
    """Return the text of a module with the options of its functions' docstrings written anew.

    What a docstring lists below "The options:" and is not declared stays, and stands first.
    """
    for function, task in DECLARED.items():
        source = re.sub(
            rf'(?<=^def {function}\()(.*?The options:\n\n)(.*?)(?=^    """$)',
            lambda found, task=task: (
                found[1] + "".join(_items(found[2], options_of(task).declared()))
            ),
            source,
            count=1,
            flags=re.M | re.S,
        )
    return source


def _items(text: str, declared: Sequence[Option]) -> Iterator[str]:
    names = {each.name for each in declared}
    for item in re.split(r"^(?=    ``)", text, flags=re.M):
        if item.strip() and item.split("``")[1] not in names:
            yield item
    for each in declared:
        yield (
            textwrap.fill(
                f"``{each.name}`` ({each.accepts()}): {each.meaning}{_said(each)}",
                100,
                initial_indent=" " * 4,
                subsequent_indent=" " * 8,
                break_long_words=False,
                break_on_hyphens=False,
            )
            + "\n"
        )


def _said(option: Option) -> str:
    default = "True" if option.default is True else _default(option)
    return f" (default: {default})" if default else ""


def main() -> None:
    """Write all three."""
    put(PAGE, "options", options_table())
    put(PAGE, "exceptions", exceptions_table())
    put(PICTURES, "options", pictures_table())
    write_text(SOURCE, docstrings(read_text(SOURCE)))


if __name__ == "__main__":
    main()
