"""Settings that every test shares."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Published numbers and random graphs stand in modules beside the tests.
sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """Build sdist and wheel once, also where the tests run in several processes."""
    import fcntl

    pytest.importorskip("build")
    from fresh import build

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "built"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not any(folder.glob("*.whl")):
            build(folder)
    (sdist,), (wheel,) = folder.glob("*.tar.gz"), folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="session")
def fresh(built, tmp_path_factory):
    """An environment with the wheel and its runtime dependencies only."""
    from fresh import Environment

    return Environment.make(tmp_path_factory.mktemp("fresh") / "env", built[1])


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Small tensors are slower on several threads, and by much where the machine is busy."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
