"""How often a law is tried: some tens of times, or as often as ARCHGRAPH_LAWS says."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, settings

__all__ = ["law"]


def law(usual: int = 25) -> Callable[[Any], Any]:
    """Return the settings of a law that is tried so many times, always on the same networks.

    ARCHGRAPH_LAWS=2000 tries it on 2000 others, new ones every time (``make laws``). A network
    that breaks it is told as it is, which takes no time; what is printed with it makes it again.
    """
    asked = os.environ.get("ARCHGRAPH_LAWS")
    return settings(
        deadline=None,
        derandomize=asked is None,
        database=None,
        max_examples=usual if asked is None else int(asked),
        phases=[Phase.generate],
        report_multiple_bugs=False,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
