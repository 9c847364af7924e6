"""sweep: many configurations of networks counted, in one go or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archgraph.answers.asked_options import SweepOptions
from archgraph.answers.sweeping.configurations import (
    Choices,
    Configuration,
    Shapes,
    input_choices,
    value_choices,
)
from archgraph.answers.sweeping.counting import Row
from archgraph.answers.sweeping.results_file import FORMATS, ResultsFile
from archgraph.answers.sweeping.results_table import results_table
from archgraph.answers.sweeping.workers import Cluster, Here, Processes, Workers, rows_of
from archgraph.architecture import architectures
from archgraph.errors import FormatError, UnknownNameError
from archgraph.metrics import STATIC_METRICS, whole_metrics
from archgraph.nearest import nearest
from archgraph.options import LARGEST, written
from archgraph.tables import Showing, Table

__all__ = ["METRICS", "Sweep", "sweep"]

METRICS = ("params", "macs", "flops", "activation_bytes")
"""What is counted where nothing else is asked for."""

_FEW = 32
"""So few configurations are counted before other processes have started."""


@dataclass(frozen=True, repr=False)
class Sweep(Showing):
    """What a sweep found: its lines of results, those that its file held already not among them.

    It shows itself as a table, a row for each line.

    ``there`` is how many that file held, ``refused`` how many of the new ones have an error.
    """

    rows: tuple[Row, ...]
    there: int
    refused: int

    def _tables(self, exact: bool) -> tuple[list[Table], None]:
        return [results_table(self.rows, exact=exact)], None


def sweep(
    nets: str | Sequence[str],
    path: str | Path | None = None,
    *,
    arg: Mapping[str, Any] | None = None,
    input: Any = None,
    batch: str | int | Sequence[int] = 1,
    metrics: str | Sequence[str] = METRICS,
    workers: int = 1,
    scheduler: str | None = None,
    told: Callable[[Sequence[Row], int, int], None] | None = None,
) -> Sweep:
    """Count each network with every choice of arguments, input and batch.

    ``nets`` are names as ``load`` takes them, ``arg`` values or lists of values by name: options of
    a gallery's network, arguments of a factory. ``input`` is a shape without the batch, a list of
    such, or of shapes by name. All three may be text as on the command line: ``"16,32"``,
    ``"8..64..8"``, ``"3x128..256..32"``. The totals are ``metrics``; None is unknown. A
    configuration that is refused has an ``error``. What is returned shows itself as a table.

    With a path, a ``.csv`` or ``.jsonl`` file, each line is appended as it comes; what the file
    holds already is not counted again. ``workers`` is how many processes count (1: this one), and
    ``scheduler`` the address of a dask scheduler. ``told`` is called with new rows, and how many
    there are of how many.

    Raises FormatError, UnknownNameError and FileError.
    """
    names = (nets,) if isinstance(nets, str) else tuple(nets)
    given = {
        name: value_choices(value) if isinstance(value, str) else _many(value)
        for name, value in (arg or {}).items()
    }
    batches = value_choices(batch) if isinstance(batch, str) else _many(batch)
    asked = SweepOptions(
        metrics=metrics,  # type: ignore[arg-type]
        workers=workers,
        scheduler=scheduler,
    )
    metrics, workers, scheduler = asked.metrics, asked.workers or 1, asked.scheduler
    choices = Choices(names, given, _inputs(input), batches)
    _refuse_wrong(choices, metrics)
    columns = (*choices.columns, *metrics, "error")
    rows: list[Row] = []
    with ExitStack() as stack:
        file = None
        if path is not None:
            form = Path(path).suffix.lstrip(".").lower()
            if form not in FORMATS:
                raise FormatError(
                    f"'{path}' is no file of results; lines are added to a .csv or a .jsonl file."
                )
            file = stack.enter_context(
                ResultsFile(Path(path), form, columns, choices.columns).opened()
            )
        there = set() if file is None else file.there
        wanted = _left(choices, there)
        held = len(choices) - sum(1 for _ in _left(choices, there)) if there else 0
        for found in rows_of(wanted, metrics, _workers(workers, scheduler, len(choices) - held)):
            if file is not None:
                file.add(found)
            rows += found
            if told is not None:
                told(found, held + len(rows), len(choices))
    refused = sum(row["error"] is not None for row in rows)
    return Sweep(tuple(rows), held, refused)


def _left(choices: Choices, there: set[tuple[str, ...]]) -> Iterator[Configuration]:
    """Yield each configuration that is not there yet, once."""
    seen = set(there)
    for each in choices:
        key = each.key
        if key not in seen:
            seen.add(key)
            yield each


def _workers(count: int, scheduler: str | None, left: int) -> Workers:
    if scheduler is not None:
        return Cluster(scheduler)
    return Here() if count == 1 or left <= _FEW else Processes(min(count, left))


def _many(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple, range)) else (value,)


def _inputs(given: Any) -> tuple[Shapes, ...]:
    if given is None:
        return (None,)
    texts = [given] if isinstance(given, str) else given
    if isinstance(texts, (list, tuple)) and any(isinstance(each, str) for each in texts):
        return tuple(input_choices([str(each) for each in texts]))
    many = given if isinstance(given, list) or not _is_shape(given) else [given]
    return tuple(
        tuple((name, tuple(shape)) for name, shape in each.items())
        if isinstance(each, Mapping)
        else tuple(each)
        for each in many
    )


def _is_shape(given: Any) -> bool:
    return isinstance(given, Mapping) or all(isinstance(each, int) for each in given)


def _refuse_wrong(choices: Choices, metrics: Sequence[str]) -> None:
    """Refuse what would make every line an error, before anything is counted."""
    known = {**STATIC_METRICS, **whole_metrics()}
    for name in metrics:
        if name not in known:
            raise UnknownNameError(
                f"there is no metric '{name}'{nearest(name, known)}; there are {', '.join(known)}."
            )
    if not metrics:
        raise FormatError(f"a sweep counts at least one metric, such as {METRICS[0]}.")
    for net in choices.nets:
        if not any(sign in net for sign in "./\\:") and net not in architectures():
            raise UnknownNameError(
                f"there is no network named '{net}'{nearest(net, architectures())}; 'archgraph "
                "list' shows all."
            )
    for each in choices.batches or (0,):
        if type(each) is not int or not 1 <= each <= LARGEST:
            raise FormatError(
                f"{written('batch')} is {each!r}, but it must be whole numbers above zero, such as "
                "1,8,32."
            )
