"""Very large networks: the work grows with the network, and every graph ends in time."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archgraph as ag
from archgraph import ops
from archgraph.errors import DrawError
from archgraph.exporters.pictures.layout.plane_index import PlaneIndex

SMALL = 150
"""Operators of the smaller of two networks; the larger has four times as many."""
WORKERS = (ops.ReLU(), ops.Sigmoid(), ops.Tanh(), ops.GELU(), ops.Conv2d(8, 8, (1, 1)))


def _worker(number: int) -> ops.Op:
    """Return one of several operators, so that nothing repeats for long."""
    return WORKERS[(number * number // 7 + number // 3) % len(WORKERS)]


def _begun(name: str) -> ag.ArchGraph:
    net = ag.ArchGraph(name=name)
    net.add("input", ops.Input((8, 16, 16)))
    return net


def _chain(size: int) -> ag.ArchGraph:
    net, last = _begun("chain"), "input"
    for number in range(size):
        last = net.add(f"n{number}", _worker(number), [last])
    return net


def _fan(size: int) -> ag.ArchGraph:
    net = _begun("fan")
    ways = [net.add(f"n{number}", _worker(number), ["input"]) for number in range(size)]
    net.add("sum", ops.Add(), ways)
    return net


def _inputs(size: int) -> ag.ArchGraph:
    net = ag.ArchGraph(name="inputs")
    ways = [net.add(f"in{number}", ops.Input((8, 16, 16))) for number in range(size // 2)]
    net.add("sum", ops.Add(), [net.add(f"n{n}", _worker(n), [x]) for n, x in enumerate(ways)])
    return net


def _far(size: int) -> ag.ArchGraph:
    """Return a graph in which every operator reads from anywhere before it."""
    net, names = _begun("far"), ["input"]
    for number in range(size):
        read = dict.fromkeys(names[(number * k * 31 + k) % len(names)] for k in (1, 2, 3))
        op = _worker(number) if len(read) == 1 else ops.Add()
        names.append(net.add(f"n{number}", op, list(read)))
    return net


def _ladder(size: int) -> ag.ArchGraph:
    """Return a U-Net as deep as it is large: shortcut in shortcut in shortcut."""
    net, down = _begun("ladder"), ["input"]
    for number in range(size // 3):
        down.append(net.add(f"down{number}", _worker(number), [down[-1]]))
    last = down[-1]
    for number in reversed(range(size // 3)):
        up = net.add(f"up{number}", _worker(number), [last])
        last = net.add(f"add{number}", ops.Add(), [up, down[number]])
    return net


def _calls(work: Callable[[], object]) -> int:
    """Return how many functions are called, which no other load on the machine changes."""
    count = 0

    def count_one(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("made", [_chain, _fan, _inputs])
def test_four_times_the_operators_are_four_times_the_work(
    made: Callable[[int], ag.ArchGraph], tmp_path: Path
) -> None:
    path = tmp_path / "net.svg"
    nets = [made(size) for size in (SMALL, 4 * SMALL)]
    ag.draw(made(9), path, level="layer", fit="none")  # what is loaded once
    small, large = (
        _calls(lambda net=net: ag.draw(net, path, level="layer", fit="none")) for net in nets
    )
    assert large < 4.7 * small


def test_shortcuts_in_shortcuts_are_drawn_however_deep(tmp_path: Path) -> None:
    net = _ladder(1200)
    ag.draw(net, tmp_path / "net.svg", level="layer", fit="none")
    text = (tmp_path / "net.svg").read_text()
    assert all(f"<title>add{number}" in text for number in (0, 200, 399))


@pytest.mark.parametrize(
    ("suffix", "said"), [("pptx", "at most 56 inches"), ("png", "too large to paint")]
)
def test_what_a_format_cannot_hold_is_refused_with_what_to_do(
    suffix: str, said: str, tmp_path: Path
) -> None:
    net = _far(1200)
    with pytest.raises(DrawError, match=said) as found:
        ag.draw(net, tmp_path / f"net.{suffix}", level="layer", fit="none")
    assert "fit='16:9'" in str(found.value)
    assert not list(tmp_path.iterdir())


_SIDES = st.tuples(*[st.integers(-30, 30)] * 2, *[st.integers(0, 60)] * 2)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(_SIDES, max_size=200), _SIDES)
def test_what_is_near_is_found_as_by_asking_all(
    sides: list[tuple[int, int, int, int]], asked: tuple[int, int, int, int]
) -> None:
    bounds = [(x, y, x + wide, y + high) for x, y, wide, high in sides]
    left, top, right, low = asked[0], asked[1], asked[0] + asked[2], asked[1] + asked[3]
    index = PlaneIndex((each, number) for number, each in enumerate(bounds))
    assert sorted(index.near((left, top, right, low))) == [
        number
        for number, (x, y, to_x, to_y) in enumerate(bounds)
        if x <= right and left <= to_x and y <= low and top <= to_y
    ]
