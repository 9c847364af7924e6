"""A network cut as another one is: each of its boxes stands for what one box shows there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from archgraph.graph import ArchGraph

from ..view import WHOLE, Opening, Plan, View
from .matching import is_quiet

__all__ = ["AlikeCut"]

MOST = 64
"""Boxes that are opened at most."""

STARTS = ("block", "stage", WHOLE)


class AlikeCut:
    """Cuts a network as others are cut; ``partners`` are its operators' names in these."""

    def __init__(self, net: ArchGraph, partners: Mapping[str, str]) -> None:
        self._net, self._partners = net, partners
        self._opening = Opening(net)
        # Activations and norms stand with what is beside them, in whatever box that is.
        self._loud = {
            name
            for name in net
            if name in partners and not is_quiet(net, name) and not net.op(name).quiet
        }

    def plan(self, other: View) -> Plan:
        """Return the cut whose boxes go with those of another view one by one, as far as they do.

        A box that stands for several there is opened.
        """
        owner = {name: key for key, node in other.nodes.items() for name in node.members}
        plans = [self._opened(start, owner) for start in STARTS]
        return max(plans, key=lambda plan: self._agreement(plan, owner, other))

    def _opened(self, start: str, owner: Mapping[str, str]) -> Plan:
        opened: list[str] = []
        refused: set[str] = set()
        plan = self._opening.plan(start, opened)
        while len(opened) < MOST:
            wide = [
                key
                for key in plan.members
                if key not in self._net
                and key not in refused
                and len(self._hits(plan, key, owner)) > 1
            ]
            if not wide:
                break
            finer = self._opening.plan(start, [*opened, wide[0]])
            if finer.members.keys() == plan.members.keys():
                refused.add(wide[0])
            else:
                opened.append(wide[0])
                plan = finer
        return plan

    def _hits(self, plan: Plan, key: str, owner: Mapping[str, str]) -> Counter[str]:
        """Return the boxes of the other view that a box's own operators stand in."""
        return Counter(
            owner[self._partners[name]]
            for name in plan.members[key]
            if name in self._loud and self._partners[name] in owner
        )

    def _agreement(self, plan: Plan, owner: Mapping[str, str], other: View) -> float:
        hits = [self._hits(plan, key, owner) for key in plan.members]
        met = Counter(box for each in hits for box in each)
        worth = 0.0
        for key, each in zip(plan.members, hits, strict=True):
            if len(each) == 1 and met[box := next(iter(each))] == 1:
                # The same fold on both sides says more than a box around all that is folded.
                same = plan.folds.counts.get(key, 1) == other.nodes[box].repeat
                worth += 1.0 if same else 0.5
        return 2 * worth / (len(hits) + len(other.nodes))
