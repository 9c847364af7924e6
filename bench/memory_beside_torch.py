"""Memory beside PyTorch: what it holds, measured, and what archgraph computes, for docs/memory.md.

``python -m bench.memory_beside_torch`` takes some minutes; with words it measures the networks
whose names hold one of them, and writes nothing.
"""

from __future__ import annotations

import logging
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import archgraph as ag
from archgraph import ops
from archgraph.answers.footprint.best_order import best_order
from archgraph.answers.footprint.places import places_of
from archgraph.answers.footprint.report import inference_memory, training_memory
from archgraph.answers.footprint.timeline import timeline
from archgraph.units import exact_text
from bench.modules.vision import torchvision_models
from bench.page import put
from bench.torch_memory import peak_by_lifetimes, saved_for_gradients, state_of_optimizer

PAGE = Path("docs/memory.md")
BATCHES = (2, 4)
OPTIMIZERS = ("momentum", "adamw")
GALLERY = ("alexnet", "vgg16", "googlenet", "resnet50", "vit_b_16", "alexnet_two_gpu")
TORCHVISION = (
    *("densenet121", "mobilenet_v2", "efficientnet_b0", "convnext_tiny", "swin_t"),
    *("shufflenet_v2_x0_5", "regnet_y_400mf"),
)
GRAPHS = 1000
"""How many random graphs, of which every order is tried."""


@dataclass(frozen=True)
class Case:
    """A network: its module and what that is called with for a batch, and how it is read."""

    name: str
    module: Callable[[], torch.nn.Module]
    given: Callable[[int], torch.Tensor]
    gallery: bool = False

    def read(self, module: torch.nn.Module, *, training: bool) -> ag.ArchGraph:
        """Return the network as archgraph has it."""
        if self.gallery:
            return ag.load(self.name)
        return ag.load(module, example=self.given(2), recognise=False, training=training)


def _images(batch: int) -> torch.Tensor:
    return torch.randn(batch, 3, 224, 224)


def cases() -> Iterator[Case]:
    """Yield the networks."""
    for name in GALLERY:
        net = ag.load(name)
        yield Case(
            name,
            lambda net=net: ag.to_torch(net),  # type: ignore[misc]
            lambda batch, net=net: torch.randn(batch, *net.input_shape),  # type: ignore[misc]
            True,
        )
    for name in TORCHVISION:
        yield Case(name, lambda name=name: getattr(torchvision_models(), name)(), _images)  # type: ignore[misc]
    yield Case("GPT-2, 4 layers", _gpt, lambda batch: torch.randint(0, 1000, (batch, 128)))


def _gpt() -> torch.nn.Module:
    torchvision_models()  # transformers imports it, and it needs another build of torch
    import transformers

    sizes: dict[str, Any] = {"n_embd": 256, "n_layer": 4, "n_head": 8, "vocab_size": 1000}
    made: torch.nn.Module = transformers.GPT2Model(
        transformers.GPT2Config(**sizes, use_cache=False)
    )
    return made


def measured(case: Case) -> list[str]:
    """Return the rows of a network in the table of training."""
    torch.manual_seed(0)
    module = case.module()
    net = case.read(module, training=True)
    rows = []
    for batch in BATCHES:
        given = case.given(batch)
        cells = [case.name, str(batch)]
        for half in (None, torch.bfloat16):
            module.train()
            with torch.autocast("cpu", dtype=half or torch.bfloat16, enabled=half is not None):
                real = sum(saved_for_gradients(module, lambda x=given: module(x)).values())  # type: ignore[misc]
            found = training_memory(net, batch=batch, precision="bfloat16" if half else None)
            # What two devices need counts on both; torch has it once here.
            ours = sum(found.kept.values()) + sum(found.copies.values())
            cells += [exact_text(real), _against(ours, real)]
        for name in OPTIMIZERS:
            real = state_of_optimizer(module, name)
            ours = sum(training_memory(net, batch=batch, optimizer=name).state.values())
            cells.append(f"{exact_text(real)} {_against(ours, real)}")
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def _against(ours: int, real: int) -> str:
    return "the same" if ours == real else f"{100 * (ours / real - 1):+.2f} %"


def training_table(found: Sequence[Sequence[str]]) -> str:
    """Return the table of training."""
    head = ["Network", "batch", "kept, bytes", "archgraph", "kept under autocast", "archgraph"]
    head += [f"state of {name}" for name in OPTIMIZERS]
    lines = [f"| {' | '.join(head)} |", "|---|--:|--:|---|--:|---|---|---|"]
    return "\n".join([*lines, *(row for rows in found for row in rows)])


def peaks(case: Case) -> str:
    """Return the row of a network in the table of inference."""
    torch.manual_seed(0)
    module = case.module()
    net = case.read(module.eval(), training=False)
    real = peak_by_lifetimes(module, case.given(2))
    # The devices of a network are one here.
    places = places_of(net, batch=2)
    ours = timeline(places, [*places.reads]).peak
    best = inference_memory(net, batch=2).best
    order = f"{exact_text(best.peak)}, {'proven' if best.proven else 'not proven'}"
    return f"| {case.name} | {exact_text(real)} | {_against(ours, real)} | {order} |"


def random_net(seed: int, most: int) -> ag.ArchGraph:
    """Return a random graph of vectors: mapped, added, joined."""
    g = random.Random(seed)
    net = ag.ArchGraph(name="random")
    net.add("x0", ops.Input((8 * g.randint(1, 9),)))
    for number in range(1, g.randint(4, most)):
        source = g.choice([*net])
        width = net.nodes[source]["shape"][0]
        alike = [name for name in net if net.nodes[name]["shape"] == (width,) and name != source]
        kind, name = g.choice(("linear", "linear", "add", "concat", "relu")), f"x{number}"
        if kind == "add" and alike:
            net.add(name, ops.Add(), [source, g.choice(alike)])
        elif kind == "concat":
            net.add(name, ops.Concat(), [source, g.choice([*net])])
        elif kind == "relu":
            net.add(name, ops.ReLU(), [source])
        else:
            net.add(name, ops.Linear(width, 8 * g.randint(1, 9)), [source])
    return net


def _orders(names: tuple[str, ...], needs: dict[str, list[str]]) -> Iterator[tuple[str, ...]]:
    if not names:
        yield ()
    for name in names:
        if not any(each in names for each in needs[name]):
            for rest in _orders(tuple(n for n in names if n != name), needs):
                yield (name, *rest)


def best_orders() -> str:
    """Return in words how best orders of random graphs compare with trying every order."""
    tried = equal = better = 0
    for seed in range(GRAPHS):
        net = random_net(seed, 10)
        places = places_of(net)
        order = [*places.reads]
        needs = {name: [*net.pred[name]] for name in order}
        found = best_order(places, order, needs)
        peaks = [timeline(places, each).peak for each in _orders(tuple(order), needs)]
        tried += len(peaks)
        equal += found.proven and found.peak == min(peaks)
        better += found.peak < peaks[0]
    return (
        f"Every order was tried of {GRAPHS:,} random graphs of up to ten nodes, {tried:,} in all: "
        f"of {equal:,} the order that is found needs what the best of all needs, and is said to be "
        f"proven; of {better:,} that is less than what the order of the program needs."
    )


def main(words: Sequence[str]) -> None:
    """Measure those that are asked for, by default all, and write the page for all."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    torch.set_num_threads(1)
    if [*words] == ["orders"]:
        put(PAGE, "orders", best_orders())
        return
    chosen = [c for c in cases() if not words or any(word in c.name for word in words)]
    inference, training = [], []
    for case in chosen:
        inference.append(peaks(case))
        training.append(measured(case))
        print(inference[-1], *training[-1], sep="\n", flush=True)
    if words:
        return
    head = "| Network | peak, bytes | archgraph | in the best order |\n|---|--:|---|--:|"
    put(PAGE, "inference", "\n".join([head, *inference]))
    put(PAGE, "training", training_table(training))
    orders = best_orders()
    print(orders)
    put(PAGE, "orders", orders)


if __name__ == "__main__":
    main(sys.argv[1:])
