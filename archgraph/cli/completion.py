"""``archgraph completion``: what a shell needs to complete commands, networks and options.

shtab writes a script of words, so that a TAB starts no Python; here stands what words there are.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from zlib import crc32

from archgraph.cli.arguments import Command, Commands, add_command
from archgraph.cli.output import deliver
from archgraph.errors import UnknownNameError
from archgraph.nearest import nearest

__all__ = ["SHELLS", "add_to", "run"]

SHELLS = ("bash", "zsh", "fish", "powershell", "tcsh")

MORE = """\
The script holds the names of networks, commands, options and values, so that a TAB
answers at once. Made anew by each shell that starts, it follows what is installed;
written into a file it saves that moment. Without SHELL it is the one of $SHELL.

bash, in ~/.bashrc:          source <(archgraph completion bash)
zsh, in ~/.zshrc:            eval "$(archgraph completion zsh)"   (behind compinit)
fish, in config.fish:        archgraph completion fish | source
PowerShell, in $PROFILE:     archgraph completion powershell | Out-String | Invoke-Expression"""

NETWORKS = ("NET", "FILE.onnx")
"""What stands for a network in the help, which is completed by names and files."""

FEW = 20
"""So many numbers are listed."""

SUFFIXES = ("json", "onnx", "py")
"""The files that networks are read from."""


def add_to(commands: Commands) -> None:
    """Add the command ``completion``."""
    command = add_command(
        commands,
        "completion",
        run,
        "print what a shell needs to complete commands by TAB",
        "archgraph completion bash",
        "archgraph completion zsh",
        "archgraph completion fish -o ~/.config/fish/completions/archgraph.fish",
        more=MORE,
    )
    command.add_argument("shell", metavar="SHELL", nargs="?", help=", ".join(SHELLS))
    command.add_argument("-o", "--output", metavar="FILE", type=Path, help="write to a file")


def run(chosen: argparse.Namespace) -> None:
    """Print or write the script."""
    shell = chosen.shell or Path(os.environ.get("SHELL") or "bash").name
    if shell not in SHELLS:
        raise UnknownNameError(
            f"there is no completion for the shell '{shell}'{nearest(shell, SHELLS)}; "
            f"there is one for {', '.join(SHELLS)}."
        )
    import shtab

    tell_words(chosen.parser)
    deliver(shtab.complete(chosen.parser, shell) + "\n", chosen.output)


def tell_words(parser: argparse.ArgumentParser) -> None:
    """Say of each argument of each command which words it takes, as shtab asks for it."""
    import shtab

    from archgraph.architecture import architectures

    networks = _networks(sorted(architectures()))
    words = _Words()
    (commands,) = (each for each in parser._actions if isinstance(each.choices, dict))
    assert isinstance(commands.choices, dict)
    for command in commands.choices.values():
        assert isinstance(command, Command)
        command.fill_in()
        for action in command._actions:
            told = vars(action)
            option = told.get("declared")
            action.help = _short(action.help or "" if option is None else option.meaning)
            if action.metavar in NETWORKS:
                told["complete"] = networks
            elif action.metavar == "FILE":
                told["complete"] = shtab.FILE
            elif action.metavar == "DIR":
                told["complete"] = shtab.DIRECTORY
            elif action.metavar == "SHELL":
                action.choices = SHELLS
            elif found := words.of(command.prog.rpartition(" ")[2], action):
                if option is not None and option.many:
                    told["complete"] = _list_of(found)
                elif any(":" in word for word in found):
                    told["complete"] = _colons(found)
                else:
                    action.choices = found


def _short(text: str) -> str:
    """Return the beginning of a help, as a list beside a word has room for."""
    return re.split(r"[;:(]| or ", text.replace("%%", "%"), maxsplit=1)[0].strip()


class _Words:
    """The words that options take besides those that they declare."""

    def __init__(self) -> None:
        from archgraph.exporting import formats
        from archgraph.metrics import STATIC_METRICS, whole_metrics
        from archgraph.tables.render import FORMATS

        metrics = (*STATIC_METRICS, *whole_metrics())
        columns = ("input", "depth", "top1_error", "top5_error", "setting")
        self._more: dict[object, Sequence[str]] = {
            **dict.fromkeys(("color", "facts", "metric", "metrics"), metrics),
            **dict.fromkeys(("columns", "sort"), metrics),
            ("cost", "columns"): (*metrics, "share"),
            ("compare", "columns"): (*columns, *metrics),
            ("split", "by"): (*metrics, "memory"),
            ("roofline", "device"): _devices(),
            ("measure", "device"): _devices(),
            "fits": _devices(),
            "unit": ("k", "M", "G", "T", "KiB", "MiB", "GiB", "kB", "MB", "GB"),
            "via": ("direct", "torch"),
            "runtime": ("onnxruntime", "openvino", "opencv", "tract", "MNN"),
            "tools": ("torch", "fvcore", "thop", "torchinfo", "ptflops", "calflops", "onnx-tool"),
            "format": FORMATS,
            ("draw", "format"): formats("writers"),
            ("export", "format"): formats("exporters"),
            ("diff", "format"): ("words", *FORMATS),
            ("annotate", "format"): ("onnx", "json"),
        }

    def of(self, command: str, action: argparse.Action) -> tuple[str, ...]:
        """Return the words that an option of a command takes."""
        if not action.option_strings or action.nargs == 0:
            return ()
        option = vars(action).get("declared")
        more = tuple(self._more.get((command, action.dest), self._more.get(action.dest, ())))
        if option is None:
            return more
        few = option.numbers if option.numbers and len(option.numbers) <= FEW else ()
        declared = (*option.values, *map(str, few))
        return tuple(dict.fromkeys((*declared, *(() if declared and not option.others else more))))


def _devices() -> tuple[str, ...]:
    """Return the devices that are known, each as one word: a shell parts others."""
    from archgraph.known_devices import DEVICES

    return (*(name.replace(" ", "-") for name in DEVICES), "here")


def _list_of(words: Sequence[str]) -> dict[str, object]:
    """Return how several words with commas between are completed: by the last."""
    joined = " ".join(words)
    name = f"_archgraph_list_{crc32(joined.encode()):08x}"
    return {
        "bash": name,
        "zsh": f"_values -s , words {joined}",
        "fish": f"(__fish_complete_list , {name})",
        "powershell": name,
        "tcsh": f"({joined})",
        "preamble": {
            "bash": f"""\
{name}() {{
  local before=""
  [[ "$1" == *,* ]] && before="${{1%,*}},"
  compgen -P "$before" -W "{joined}" -- "${{1##*,}}"
}}""",
            "fish": f"""\
function {name}
  printf '%s\\n' {joined}
end""",
            "powershell": f"""\
function {name} {{
  param([string]$WordToComplete)
  $before = $WordToComplete -replace '[^,]*$', ''
  $last = $WordToComplete -replace '^.*,', ''
  -split '{joined}' | Where-Object {{ $_ -like "$last*" }} | ForEach-Object {{ $before + $_ }}
}}""",
        },
    }


def _colons(words: Sequence[str]) -> dict[str, object]:
    """Return how words with colons are completed, which part a description in zsh."""
    joined = " ".join(words)
    name = f"_archgraph_words_{crc32(joined.encode()):08x}"
    escaped = joined.replace(":", "\\:")
    return {
        "bash": name,
        "zsh": f"({escaped})",
        "fish": joined,
        "powershell": name,
        "tcsh": f"({joined})",
        "preamble": {
            "bash": f"""\
{name}() {{
  compgen -W "{joined}" -- "$1"
}}""",
            "powershell": f"""\
function {name} {{
  param([string]$WordToComplete)
  -split '{joined}' | Where-Object {{ $_ -like "$WordToComplete*" }}
}}""",
        },
    }


def _networks(names: Iterable[str]) -> dict[str, object]:
    """Return how a network is completed: by the gallery's names and by files."""
    joined = " ".join(map(shlex.quote, names))
    patterns = " ".join(f"'*.{suffix}'" for suffix in SUFFIXES)
    return {
        "bash": "_archgraph_network_or_file",
        "zsh": "_archgraph_networks",
        "fish": "(_archgraph_networks)",
        "powershell": "_archgraph_networks",
        "tcsh": f"({joined})",
        "preamble": {
            "bash": f"""\
_archgraph_network_or_file() {{
  compgen -W {shlex.quote(joined)} -- "$1"
  local pattern
  for pattern in {patterns}; do compgen -f -X "!$pattern" -- "$1"; done
  compgen -d -- "$1"
}}""",
            "zsh": f"""\
_archgraph_networks() {{
  local -a names=({joined})
  _alternative 'networks:network:compadd -a names' \\
    'files:file:_files -g "*.({"|".join(SUFFIXES)})"'
}}""",
            "fish": f"""\
function _archgraph_networks
  printf '%s\\n' {joined}
  set -l found (__fish_complete_path (commandline -ct))
  string match -r -- '.*(\\.({"|".join(SUFFIXES)})|/)(\\t.*)?$' $found
end""",
            "powershell": f"""\
function _archgraph_networks {{
  param([string]$WordToComplete)
  -split '{joined}' | Where-Object {{ $_ -like "$WordToComplete*" }}
  Get-ChildItem -Path "$WordToComplete*" -ErrorAction SilentlyContinue |
    Where-Object {{ $_.Extension -in {", ".join(f"'.{each}'" for each in SUFFIXES)} }} |
    ForEach-Object {{ $_.Name }}
}}""",
        },
    }
