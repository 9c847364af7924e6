"""What installed packages offer, archgraph among them: entry points by group and name.

The core knows importers, exporters, pictures and the gallery by their entry points only, so that
those of another package are as good as its own. The groups:

``archgraph.architectures``  sequences of Architecture, whose names the gallery lists
``archgraph.operators``      operator classes, each named as its class
``archgraph.layers``         the PyTorch module of an operator, named as its class
``archgraph.lowerings``      what writes an operator as nodes of ONNX, named as its class
``archgraph.lectures``       what a lecture claims of networks, and which it compares (Lecture)
``archgraph.metrics``        sequences of Metric
``archgraph.importers``      what reads a file into a network, named by the file's suffix
``archgraph.exporters``      what writes a network into a file, named by the file's suffix
``archgraph.writers``        formats of pictures (Writer), named by the file's suffix
``archgraph.options``        what a task lets its user choose, named by the task
``archgraph.tools``          what archgraph's own functions need of the rooms that they do not know
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from importlib.metadata import EntryPoint, entry_points
from inspect import Parameter, signature
from typing import Any

from archgraph.errors import FormatError
from archgraph.optional import needing
from archgraph.options import refuse_unknown

__all__ = ["function", "loaded", "offers", "origin_of"]


@cache
def offers(group: str) -> Mapping[str, EntryPoint]:
    """Return what is offered in a group, by name; a name that is taken stays with ours.

    ``group`` is written without ``archgraph.``.
    """
    found: dict[str, EntryPoint] = {}
    for point in sorted(
        entry_points(group=f"archgraph.{group}"),
        key=lambda point: (not point.value.startswith("archgraph."), point.name),
    ):
        found.setdefault(point.name, point)
    return found


def loaded(group: str, name: str, what: str) -> Any:
    """Return what is offered under a name.

    ``what`` says in an error what needs it. Raises FormatError where nothing is offered, and
    MissingDependencyError for a package that it imports in vain.
    """
    if name not in offers(group):
        raise FormatError(f"no installed package offers {what}; install archgraph whole.")
    with needing(what, name):
        return offers(group)[name].load()


def function(group: str, name: str, what: str) -> Callable[..., Any]:
    """Return a function that is offered under a name.

    It says in one sentence which package it lacks, and which option it does not know.
    """
    found: Callable[..., Any] = loaded(group, name, what)
    taken = signature(found).parameters
    takes_any = any(each.kind is Parameter.VAR_KEYWORD for each in taken.values())

    @wraps(found)
    def run(*given: Any, **options: Any) -> Any:
        if not takes_any:
            refuse_unknown(what, options, list(taken)[len(given) :])
        with needing(what, name):
            return found(*given, **options)

    return run


def origin_of(group: str, name: str) -> str | None:
    """Return the package that offers something, as pip knows it; None for what is ours."""
    point = offers(group).get(name)
    if point is None or point.value.startswith("archgraph.") or point.dist is None:
        return None
    return str(point.dist.name)
