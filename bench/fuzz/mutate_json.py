"""Changes in a JSON text: any value in it becomes any other."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

from bench.fuzz.hostile_values import float_value, int_value, text_value

__all__ = ["mutate_json", "written_json"]

_DEEP = 20_000
_LARGE = "@large@"
_DEEPEST = "@deep@"
"""What stands for values that Python's own writer of JSON refuses."""


def written_json(value: object) -> str:
    """Return a mutated value as text, with numbers and depths that no writer gives."""
    text = json.dumps(value)
    text = text.replace(f'"{_LARGE}"', "9" * 5000)
    return text.replace(f'"{_DEEPEST}"', "[" * _DEEP + "]" * _DEEP)


def mutate_json(whole: Any, g: Random) -> None:
    """Change one thing in what a JSON text holds."""
    places = list(_places(whole))
    if not places:
        return
    # Of two places the deeper one: a change near the root mostly makes a file of no kind.
    holder, key, _ = max(g.choice(places), g.choice(places), key=lambda place: place[2])
    change = g.choices(("value", "remove", "copy", "swap", "add", "many"), (14, 2, 3, 2, 3, 1))[0]
    if change == "value":
        holder[key] = _value(holder[key], g, places)
    elif change == "remove":
        del holder[key]
    elif change == "copy":
        holder[key] = deepcopy(_held(g.choice(places)))
    elif change == "swap":
        other, name, _ = g.choice(places)
        one, two = deepcopy(holder[key]), deepcopy(other[name])
        holder[key] = two
        if name in other if isinstance(other, dict) else name < len(other):
            other[name] = one
    elif change == "add" and isinstance(holder, dict):
        holder[text_value(g, _keys(places))] = _value(None, g, places)
    elif isinstance(holder, list):
        copies = 1 if change == "add" else 300
        holder.extend(deepcopy(holder[key]) for _ in range(copies))


def _places(value: Any) -> list[tuple[Any, Any, int]]:
    """Return every place of a value inside another, with its depth.

    Of a long list these are the first two hundred.
    """
    found: list[tuple[Any, Any, int]] = []
    waiting = [(value, 0)]
    while waiting:
        each, depth = waiting.pop()
        if isinstance(each, dict):
            found += [(each, key, depth) for key in each]
            waiting += [(held, depth + 1) for held in each.values()]
        elif isinstance(each, list):
            found += [(each, place, depth) for place in range(min(len(each), 200))]
            waiting += [(held, depth + 1) for held in each[:200]]
    return found


def _held(place: tuple[Any, Any, int]) -> Any:
    return place[0][place[1]]


def _keys(places: list[tuple[Any, Any, int]]) -> list[str]:
    return [key for _, key, _ in places if isinstance(key, str)]


def _texts(places: list[tuple[Any, Any, int]]) -> list[str]:
    return [value for each in places if isinstance(value := _held(each), str)]


def _value(now: Any, g: Random, places: list[tuple[Any, Any, int]]) -> Any:
    """Return a value for a place, as often of the kind that stands there as of another."""
    like = g.random() < 0.65
    if like and type(now) is int:
        return int_value(g) if g.random() < 0.8 else _LARGE
    if like and isinstance(now, float):
        return float_value(g)
    if like and isinstance(now, str):
        return text_value(g, _texts(places))
    return g.choice((
        None, True, False, 0, 1, -1, 1.5, 1e300, int_value(g), float_value(g), _LARGE, _DEEPEST,
        "", text_value(g, _texts(places)), [], [1, 2], [None], ["x"], {}, {"x": 1},
        {"number": "inf"}, {"tensor": "x"}, [[[]]], deepcopy(now), [deepcopy(now)],
        {"kind": "stage", "label": 7},
    ))  # fmt: skip
