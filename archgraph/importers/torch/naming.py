"""Names of nodes: the module's path where it makes one node, else a word below it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archgraph.importers.naming import Place, clean, names_of
from archgraph.importers.torch.building import Constant, Step
from archgraph.ops import Input
from archgraph.tensors import Key

__all__ = ["name_steps"]


def name_steps(steps: Sequence[Step]) -> None:
    """Give every step a name, and every constant a key after the step that reads it first."""
    modules = {step.scope.partition(".")[0] for step in steps}
    names = names_of([_place(step, modules) for step in steps], ())
    taken: set[str] = {key for step in steps for key in step.keys.values()}
    taken |= {str(each) for step in steps for each in step.inputs if isinstance(each, Key)}
    for step, name in zip(steps, names, strict=True):
        # A node never bears the name of a tensor.
        step.name = _free(name, taken | set(names)) if name in taken else name
        for source in step.inputs:
            if isinstance(source, Constant) and not source.key:
                source.key = _free(f"{name}.{source.role}", taken)
                taken.add(source.key)


def _free(wanted: str, taken: set[str]) -> str:
    """Return a name that is not taken: the one that is wanted, else with a number."""
    found, number = wanted, 1
    while found in taken:
        found, number = f"{wanted}_{number}", number + 1
    return found


def _place(step: Step, modules: set[str]) -> Place:
    """Return where a step stands: within the module that ran, by its weight where that says it.

    A module may use the weights of a part of it without running that part, as attention does
    with its ``out_proj``.
    """
    word = clean(step.word).replace(".", "_") or "node"
    if isinstance(step.op, Input):
        return Place("", f"input_{word}" if word in modules else word)
    plain = re.sub(r"@\d+(?=\.|$)", "", step.scope)
    for role, key in step.keys.items():
        owner = key.rpartition(".")[0]
        if role in ("weight", "weight_ih_l0") and owner != plain and owner:
            below = not plain or owner.startswith(f"{plain}.")
            if below:
                rest = owner[len(plain) :].lstrip(".")
                path = f"{step.scope}.{rest}" if step.scope else rest
                return Place(path, word, whole=True)
    return Place(step.scope, word)
