"""Which node of one network is which of another: the steps of the matching, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter

from archgraph.difference.aligning import aligned, increasing
from archgraph.difference.evidence import Evidence, Numbers, evidence
from archgraph.difference.flow_order import flow_order
from archgraph.difference.shared_words import shared_words
from archgraph.graph import ArchGraph
from archgraph.tensors import node_of

__all__ = ["Pairing", "paired"]


def paired(first: ArchGraph, second: ArchGraph) -> dict[str, str]:
    """Return the nodes of the first network that the second has too, each with its partner there.

    What a node is computed from and what is computed from it speak loudest, then its operator and
    its place in the flow, then its name; the time grows nearly with the number of nodes.
    """
    pairing = Pairing(first, second)
    for step in STEPS:
        step(pairing)
    _drop_the_unlikely(pairing)
    return {name: pairing.pairs[name] for name in first if name in pairing.pairs}


class Pairing:
    """The pairs that were found so far, and what is known of the nodes of both networks."""

    def __init__(self, first: ArchGraph, second: ArchGraph) -> None:
        self.first, self.second = first, second
        self.numbers = Numbers()
        words = shared_words(first, second)
        self.one = evidence(first, words[0], self.numbers)
        self.two = evidence(second, words[1], self.numbers)
        self.rows = flow_order(first), flow_order(second)
        self.results = _results(first), _results(second)
        self.pairs: dict[str, str] = {}
        self.partner: dict[str, str] = {}

    def join(self, one: str, other: str) -> None:
        """Make two nodes a pair."""
        self.pairs[one] = other
        self.partner[other] = one

    def part(self, one: str) -> None:
        """Make a pair two nodes again."""
        del self.partner[self.pairs.pop(one)]

    def support(self, one: str, other: str) -> int:
        """Return how many neighbours of two nodes are partners of one another."""
        return sum(
            self.pairs.get(name) in far
            for around, far in (
                (self.first.pred[one], self.second.pred[other]),
                (self.first.succ[one], self.second.succ[other]),
            )
            for name in around
        )

    def left(self) -> tuple[list[Evidence], list[Evidence]]:
        """Return what is known of the nodes of both networks that have no partner, in order."""
        return (
            [self.one[name] for name in self.rows[0] if name not in self.pairs],
            [self.two[name] for name in self.rows[1] if name not in self.partner],
        )


# ---- the steps ------------------------------------------------------------------------------


def _same_and_called_the_same(pairing: Pairing) -> None:
    """Pair what stands between the same, then what is called the same and has one side in common.

    Where equal nodes follow one another, the name tells which of them is new.
    """
    for sign in (
        attrgetter("above", "below", "word"),
        attrgetter("above", "word"),
        attrgetter("below", "word"),
        attrgetter("above", "below"),
    ):
        _join_as_many(pairing, sign)


def _in_order(pairing: Pairing) -> None:
    """Pair what is alike and stands in the same order between the pairs that there are."""
    place = {name: index for index, name in enumerate(pairing.rows[1])}
    known = [
        (index, place[pairing.pairs[name]])
        for index, name in enumerate(pairing.rows[0])
        if name in pairing.pairs
    ]
    i = j = 0
    for a, b in [*increasing(known), (len(pairing.rows[0]), len(pairing.rows[1]))]:
        ones = [pairing.one[n] for n in pairing.rows[0][i:a] if n not in pairing.pairs]
        others = [pairing.two[n] for n in pairing.rows[1][j:b] if n not in pairing.partner]
        for here, there in aligned(ones, others, pairing.numbers):
            pairing.join(ones[here].name, others[there].name)
        i, j = a + 1, b + 1


def _moved(pairing: Pairing) -> None:
    """Pair what is computed from the same, or what the same is computed from, wherever it is."""
    _join_as_many(pairing, attrgetter("above"))
    _join_as_many(pairing, attrgetter("below"))


def _like_instead(pairing: Pairing) -> None:
    """Give a node that has an unlike partner a like one that is free, if that fits as well."""
    free = _by(attrgetter("op"), pairing.left()[1])
    for one, other in list(pairing.pairs.items()):
        here, there = pairing.one[one], pairing.two[other]
        if here.op == there.op or here.word == there.word:
            continue
        like = free.get(here.op, [])
        if len(like) == 1 and pairing.support(one, like[0].name) >= max(
            1, pairing.support(one, other)
        ):
            pairing.part(one)
            pairing.join(one, like.pop().name)


def _returned(pairing: Pairing) -> None:
    """Pair what is of one kind and is the same result of both networks: the first, the second."""
    results = pairing.first.outputs, pairing.second.outputs
    for one, other in zip(*results, strict=False):
        _join_single(pairing, attrgetter("kind"), [pairing.one[one]], [pairing.two[other]])


def _along_edges(pairing: Pairing) -> None:
    """Pair what is alike and stands beside a pair: what it reads, and what reads it."""
    waiting = [name for name in pairing.rows[0] if name in pairing.pairs]
    for one in waiting:  # grows while it is read
        other = pairing.pairs[one]
        for near, far in (
            (pairing.first.succ[one], pairing.second.succ[other]),
            (pairing.first.pred[one], pairing.second.pred[other]),
        ):
            ones = [pairing.one[name] for name in near if name not in pairing.pairs]
            others = [pairing.two[name] for name in far if name not in pairing.partner]
            for sign in (attrgetter("op", "gives"), attrgetter("op"), attrgetter("kind")):
                waiting += _join_single(pairing, sign, ones, others)


def _by_name(pairing: Pairing) -> None:
    """Pair what is of one kind and called the same, wherever it stands."""
    _join_single(pairing, attrgetter("kind", "word"), *pairing.left())


def _in_the_same_place(pairing: Pairing) -> None:
    """Pair what reads the same and is read by the same, whatever it does there."""
    own = {name: name for name in pairing.pairs}
    ones, others = pairing.left()
    first = _by(lambda each: _place(pairing.first, each.name, own, pairing.results[0]), ones)
    second = _by(
        lambda each: _place(pairing.second, each.name, pairing.partner, pairing.results[1]), others
    )
    for place, here in first.items():
        there = second.get(place, [])
        if place is not None and len(here) == len(there) == 1:
            pairing.join(here[0].name, there[0].name)


def _place(
    net: ArchGraph, name: str, known: Mapping[str, str], results: Mapping[str, list[str]]
) -> object:
    """Return what a node reads and what reads it, in the first network's names; None if unknown."""
    sources = [known.get(each) for each in net.inputs_of(name)]
    readers = sorted(known.get(each, "") for each in net.succ[name])
    if not sources or None in sources or "" in readers:
        return None
    return tuple(sources), (*readers, *results.get(name, ()))


STEPS: tuple[Callable[[Pairing], None], ...] = (
    _same_and_called_the_same,
    _in_order,
    _moved,
    _like_instead,
    _returned,
    _along_edges,
    _by_name,
    _in_the_same_place,
)


def _drop_the_unlikely(pairing: Pairing) -> None:
    """Part pairs of unlike operators that neither stand beside a pair nor are called the same."""
    for one, other in list(pairing.pairs.items()):
        here, there = pairing.one[one], pairing.two[other]
        if here.op == there.op or here.word == there.word:
            continue
        if here.kind == there.kind == "Input":
            continue
        near = [
            any(pairing.pairs.get(name) in far for name in around)
            for around, far in (
                (pairing.first.pred[one], pairing.second.pred[other]),
                (pairing.first.succ[one], pairing.second.succ[other]),
            )
        ]
        ends = pairing.results[0].get(one), pairing.results[1].get(other)
        near[1] |= bool(ends[0]) and ends[0] == ends[1]
        if not (any(near) if here.kind == there.kind else all(near)):
            pairing.part(one)


def _results(net: ArchGraph) -> dict[str, list[str]]:
    """Return in words as which results of a network its nodes are returned."""
    found: dict[str, list[str]] = {}
    for place, ref in enumerate(net.results):
        found.setdefault(node_of(ref), []).append(f"result {place}")
    return found


def _by(
    sign: Callable[[Evidence], object], row: Iterable[Evidence]
) -> dict[object, list[Evidence]]:
    found: dict[object, list[Evidence]] = {}
    for each in row:
        found.setdefault(sign(each), []).append(each)
    return found


def _join_as_many(pairing: Pairing, sign: Callable[[Evidence], object]) -> None:
    """Pair what is of one sort, in order, where there are as many of it on both sides."""
    first, second = (_by(sign, row) for row in pairing.left())
    for key, ones in first.items():
        others = second.get(key, [])
        if len(ones) == len(others):
            for one, other in zip(ones, others, strict=True):
                pairing.join(one.name, other.name)


def _join_single(
    pairing: Pairing,
    sign: Callable[[Evidence], object],
    ones: Iterable[Evidence],
    others: Iterable[Evidence],
) -> list[str]:
    """Pair what is alone of its sort on both sides; return those of the first network."""
    first = _by(sign, (each for each in ones if each.name not in pairing.pairs))
    second = _by(sign, (each for each in others if each.name not in pairing.partner))
    joined = []
    for key, here in first.items():
        there = second.get(key, [])
        if len(here) == len(there) == 1:
            pairing.join(here[0].name, there[0].name)
            joined.append(here[0].name)
    return joined
