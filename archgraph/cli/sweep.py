"""``archgraph sweep``: many configurations counted, into a file that can be gone on with."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from archgraph.cli.arguments import Commands, add_choices, add_command, add_nets, given
from archgraph.cli.output import show_table, working

__all__ = ["add_to", "run"]

MORE = """\
NET is a gallery name, a file or file.py:factory. Every network is counted with every
choice: values stand with commas between, or as FIRST..LAST..STEP. Lines are added to
the file as they come; the same command goes on with a file that is there."""


def add_to(commands: Commands) -> None:
    """Add the command ``sweep``."""
    command = add_command(
        commands,
        "sweep",
        run,
        "count many configurations: arguments, inputs and batches",
        "archgraph sweep resnet18 resnet50 vit_b_16 --input 3x128..256..32",
        "archgraph sweep resnet20_cifar --arg depth=8..110..6 --batch 1,32 -o depth.csv",
        "archgraph sweep mynet.py:net --arg width=16..512..16 --arg depth=2,4 -o r.jsonl",
        "archgraph sweep vit_b_16 --arg patch=8,16,32 --metrics params,macs",
        "archgraph sweep mynet.py:net --arg width=1..4096 -o r.csv --scheduler tcp://host:8786",
        more=MORE,
    )
    command.fill = _fill


def _fill(command: argparse.ArgumentParser) -> None:
    from archgraph.answers.asked_options import SweepOptions

    add_nets(command, several=True)
    command.add_argument(
        "--arg",
        metavar="NAME=VALUES",
        action="append",
        default=[],
        help="values of an option of a gallery's network, or of a factory's argument "
        "(width=16,32 or depth=2..20..2; repeatable)",
    )
    command.add_argument(
        "--input",
        metavar="SHAPES",
        action="append",
        help="inputs without the batch (3x64x64,3x96x96; 3x128..256..32 are squares), or by name "
        "(ids:Nx16..512..16; repeatable: they grow together)",
    )
    command.add_argument(
        "--batch", metavar="N", default="1", help="how many images (1,8,32 or 1..64; default: 1)"
    )
    add_choices(command, SweepOptions)
    command.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="a .csv or .jsonl file; else a table"
    )


def run(chosen: argparse.Namespace) -> int | None:
    """Count, write and tell."""
    from archgraph.answers.asked_options import SweepOptions
    from archgraph.answers.sweeping.results_table import results_table
    from archgraph.answers.sweeping.sweeps import sweep
    from archgraph.errors import FormatError
    from archgraph.threads import available_threads

    args: dict[str, str] = {}
    for text in chosen.arg:
        name, sign, values = text.partition("=")
        if not sign or not name.isidentifier():
            raise FormatError(f"the argument '{text}' must be NAME=VALUES, such as width=16,32.")
        args[name] = values
    asked = SweepOptions.of(given(chosen, SweepOptions.names()))
    with working("counting") as tell:
        begun = monotonic()

        def told(rows: Sequence[Any], done: int, count: int) -> None:
            pace = (done - first[0]) / max(monotonic() - begun, 1e-3)
            tell(f"{done:,} of {count:,} configurations, {pace:,.0f} a second")
            del rows

        first = [0]
        found = sweep(
            chosen.nets,
            chosen.output,
            arg=args,
            input=chosen.input,
            batch=chosen.batch,
            metrics=asked.metrics,
            workers=asked.workers or available_threads(),
            scheduler=asked.scheduler,
            told=told,
        )
    if chosen.output is None:
        show_table(results_table(found.rows), "table", None)
    else:
        there = f", beside {found.there:,} that were there" if found.there else ""
        print(
            f"wrote {len(found.rows):,} configurations{there} to {chosen.output}", file=sys.stderr
        )
    if found.refused:
        first_said = next(row["error"] for row in found.rows if row["error"] is not None)
        print(
            f"archgraph: {found.refused:,} of {len(found.rows):,} were refused, the first because "
            f"{first_said}",
            file=sys.stderr,
        )
    return 1 if found.rows and found.refused == len(found.rows) else None
