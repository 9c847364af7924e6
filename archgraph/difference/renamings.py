"""Many renamed operators in few sentences: what was put before names, taken away or exchanged."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archgraph.units import listed_names

__all__ = ["renamings"]

SINGLE = 6
"""How many names are told one by one."""

_DIGITS = re.compile(r"\d+")


def renamings(renamed: Sequence[tuple[str, str]]) -> list[str]:
    """Return sentences that tell how names became others, those of most names first."""
    rules: dict[tuple[str, str, str], list[tuple[str, str]]] = {}
    for before, after in renamed:
        rules.setdefault(_rule(before, after), []).append((before, after))
    found = sorted(rules.items(), key=lambda rule: -len(rule[1]))
    told = [_sentence(*rule, names) for rule, names in found if len(names) > 1]
    single = [names[0] for _, names in found if len(names) == 1]
    told += [f"{before} is {after} now" for before, after in single[:SINGLE]]
    left = len(single) - SINGLE
    return [*told, f"and {left:,} more, each in its own way"] if left > 0 else told


def _rule(before: str, after: str) -> tuple[str, str, str]:
    """Return what of a name became what, and where: at the "front", "inside" it, or "number"."""
    if _DIGITS.sub("#", before) == _DIGITS.sub("#", after):
        steps = [
            int(new) - int(old)
            for old, new in zip(_DIGITS.findall(before), _DIGITS.findall(after), strict=True)
        ]
        moved = [step for step in steps if step]
        if len(moved) == 1:
            return "", f"{moved[0]:+d}", "number"
    old, new = before.split("."), after.split(".")
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    place = "inside" if same else "front"
    return ".".join(old[same:]), ".".join(new[same:]), place


def _sentence(old: str, new: str, place: str, names: Sequence[tuple[str, str]]) -> str:
    count = f"{len(names):,} names"
    if place == "number":
        told = listed_names([f"{before} is {after} now" for before, after in names], 2)
        how = "went up" if new.startswith("+") else "went down"
        return f"a number {how} by {new[1:]} in {count}: {told}"
    at = " at the front" if place == "front" else ""
    if not old:
        return (
            f"'{new}.' was put before {count}"
            if at
            else f"'{new}' was put into {count}: {_example(names)}"
        )
    if not new:
        return (
            f"'{old}.' was taken from the front of {count}"
            if at
            else f"'{old}' was taken out of {count}: {_example(names)}"
        )
    return f"'{old}' became '{new}'{at} in {count}"


def _example(names: Sequence[tuple[str, str]]) -> str:
    before, after = names[0]
    return f"{before} is {after} now"
