"""Asks every tool about every network and writes the tables of docs/counters.md and attention.md.

``python -m bench.counters`` takes an hour on two cores; ``python -m bench.counters bert vgg`` asks
about those whose names hold a word, and prints.
"""

from __future__ import annotations

import gc
import logging
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

import archgraph as ag
from archgraph.answers.peers.counted_parts import known_parts
from archgraph.answers.peers.tools import TOOLS
from archgraph.files import read_text
from bench.counters.networks import NETWORKS, Network
from bench.counters.table import Row, glance, rules, section, several, versions
from bench.modules.listed import every
from bench.modules.vision import torchvision_models
from bench.page import put

ATTENTION, PAGE = Path("docs/attention.md"), Path("docs/counters.md")


def main(words: Sequence[str]) -> None:
    """Ask about those that are named, by default all, and write the tables of all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torchvision_models()
    torch.set_num_threads(1)
    wanted = [word.lower() for word in words]
    for network in NETWORKS:
        if _wanted(network.name, wanted):
            text = section(attention(network))
            print(f"{text}\n", flush=True)
            put(ATTENTION, network.name, text)
    put(ATTENTION, "glance", glance(sections(read_text(ATTENTION))))
    put(ATTENTION, "versions", versions())
    put(PAGE, "rules", rules())
    put(PAGE, "versions", versions())
    for mark, networks in (("gallery", gallery(wanted)), ("modules", modules(wanted))):
        rows = list(networks)
        if rows and not words:
            put(PAGE, mark, several(rows))


def _wanted(name: str, words: Sequence[str]) -> bool:
    return not words or any(word in name.lower() for word in words)


def attention(network: Network) -> Row:
    """Return what all tools say of one of the networks of the page on attention, every way."""
    torch.manual_seed(0)
    net = ag.load(network.make().eval(), example=network.example())
    products = sum(part.macs for part in known_parts(net)[0] if part.attention)
    found = ag.counters(net, tools=[tool.name for tool in TOOLS])
    return Row(network.name, network.told, net.total("params"), products, found)


def gallery(words: Sequence[str]) -> Iterator[Row]:
    """Yield what the usual tools say of the gallery's networks."""
    for name in ag.architectures():
        if _wanted(name, words):
            net = ag.load(name)
            yield _told(Row(f"`{name}`", "", net.total("params"), 0, ag.counters(net)))


def modules(words: Sequence[str]) -> Iterator[Row]:
    """Yield what they say of every fourth of the list of modules, of all that can be made here."""
    for entry in every() if words else every()[::4]:
        if not _wanted(f"{entry.source}:{entry.name}", words):
            continue
        try:
            torch.manual_seed(0)
            net = ag.load((entry.weighed or entry.make)().eval(), example=entry.example(2))
            row = Row(f"{entry.source} `{entry.name}`", "", 0, 0, ag.counters(net))
        except Exception as error:
            print(f"{entry.source} {entry.name}: {error}", flush=True)
            continue
        yield _told(row)
        gc.collect()


def _told(row: Row) -> Row:
    """Print what nobody explains, to read while it runs."""
    left = {each.tool: each.failed or each.remainder for each in row.found}
    print(row.name, {tool: said for tool, said in left.items() if said} or "explained", flush=True)
    return row


def sections(page: str) -> dict[str, str]:
    """Return the table of each network that the page holds."""
    found = {}
    for network in NETWORKS:
        after = page.partition(f"<!-- {network.name}: ")[2]
        found[network.name] = after.partition(f"<!-- end of {network.name} -->")[0]
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
