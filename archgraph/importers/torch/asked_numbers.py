"""What a module asked of numbers while it ran: the network is that of the answers alone."""

from __future__ import annotations

from collections.abc import Sequence

from archgraph.importers.torch.trace import Call, Value

__all__ = ["ANSWERS", "asked", "sized_by_numbers"]

ANSWERS = ("item", "_local_scalar_dense", "is_nonzero", "equal", "allclose")
"""Functions that give a number instead of a tensor."""

_SIZED = (
    *("nonzero", "nonzero_numpy", "argwhere", "masked_select", "bincount", "_pack_padded_sequence"),
    *("unique", "_unique", "_unique2", "unique_dim", "unique_consecutive"),
)
"""Functions whose result is as large as numbers say."""

_PLAIN = ("alias", "clone", "detach", "lift_fresh", "reshape", "select", "to", "_to_copy", "view")
"""Functions that hand numbers on."""


def sized_by_numbers(call: Call) -> bool:
    """Return whether a call gives as many elements as the numbers say that it reads."""
    if call.name == "where":
        return call["self"] is None
    if call.name in ("index", "index_put"):
        return any(each is not None and each.dtype in ("bool", "uint8") for each in call["indices"])
    if call.name == "repeat_interleave":
        return isinstance(call["repeats"], Value)
    return call.name in _SIZED


def asked(calls: Sequence[Call]) -> list[str]:
    """Return in words what was asked and where: ``all(mask) in encoder.layer.0``.

    ``calls`` asked for numbers, or for a size that numbers say. What follows from nothing but
    numbers of the module's code has one answer always and is not told.
    """
    found: dict[str, None] = {}
    for call in calls:
        names = _followed(call.values)
        if names:
            where = f" in {call.scope}" if call.scope else ""
            found[f"{_question(call)}({', '.join(names)}){where}"] = None
    return list(found)


def _question(call: Call) -> str:
    """Return the function whose numbers were asked for; behind those that only hand them on."""
    if call.name not in ANSWERS or call.name in ("equal", "allclose"):
        return call.name.strip("_")
    value = next(iter(call.values), None)
    while value is not None and value.call is not None:
        if value.call.name not in _PLAIN:
            return value.call.name
        value = next(iter(value.call.values), None)
    return "numbers"


def _followed(values: Sequence[Value]) -> list[str]:
    """Return the names of the inputs that values follow from, else the keys of the parameters."""
    found: dict[str, set[str]] = {"input": set(), "parameter": set()}
    seen: set[int] = set()
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if value.source in found:
            found[value.source].add(value.key)
        elif value.call is not None:
            waiting += value.call.values
    return sorted(found["input"] or found["parameter"])
