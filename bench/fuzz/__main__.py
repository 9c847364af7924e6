"""``make fuzz``: many cases of one seed, in as many processes as there are processors.

Says at the end how many ended how, and leaves what broke in bench-results/fuzz/, each as small as
it breaks. A run that was stopped goes on where it was; ``--docs`` writes the table of
docs/security.md; ``--case`` tells of one case.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.progress import Progress

from bench.fuzz.cases import case
from bench.fuzz.corpus import corpus
from bench.fuzz.findings_table import findings_table
from bench.fuzz.trial import GOOD
from bench.fuzz.working import part, ready, verdict_of
from bench.page import put

__all__ = ["main"]

RESULTS = Path("bench-results/fuzz")
PAGE = Path("docs/security.md")
_AT_ONCE = 50


def main() -> int:
    """Run the cases; return 1 where one broke something."""
    chosen = _parsed()
    folder: Path = chosen.results
    files = corpus(folder / "corpus")
    if chosen.case is not None:
        return _one(chosen.seed, chosen.case, files)
    done = _known(folder / f"{chosen.seed}.jsonl")
    todo = [number for number in range(chosen.cases) if number not in done]
    parts = [todo[at : at + _AT_ONCE] for at in range(0, len(todo), _AT_ONCE)]
    log = (folder / f"{chosen.seed}.jsonl").open("a")
    context = get_context("spawn")
    with (
        log,
        Progress(disable=not sys.stderr.isatty()) as progress,
        ProcessPoolExecutor(chosen.processes, context, ready) as pool,
    ):
        task = progress.add_task(f"seed {chosen.seed}", total=chosen.cases, completed=len(done))
        arguments = ((chosen.seed, part, files, folder / "findings") for part in parts)
        for rows in pool.map(part, *zip(*arguments, strict=True)) if parts else ():
            for row in rows:
                done[row["case"]] = row
                log.write(json.dumps(row) + "\n")
            log.flush()
            progress.advance(task, len(rows))
    rows = [row for number, row in sorted(done.items()) if number < chosen.cases]
    table = findings_table(chosen.seed, rows)
    print(table)
    for row in rows:
        if row["word"] not in GOOD:
            print(f"case {row['case']}: {row['word']}: {row['detail']}")
    if chosen.docs:
        put(PAGE, f"fuzz {chosen.docs}", table)
    return int(any(row["word"] not in GOOD for row in rows))


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--cases", type=int, default=2000, help="how many cases (default: 2000)")
    parser.add_argument("--seed", default="1", help="any text or number (default: 1)")
    parser.add_argument("--case", type=int, help="tell of this case alone")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="where to keep what was found"
    )
    parser.add_argument("--docs", metavar="MARK", help="put the table at this mark of the page")
    return parser.parse_args()


def _known(path: Path) -> dict[int, dict[str, Any]]:
    """Return the cases that an earlier run has seen."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        return {}
    rows = {}
    for line in path.read_text().splitlines():
        try:
            row = json.loads(line)
        except ValueError:  # the last line of a run that was killed
            continue
        rows[row["case"]] = row
    return rows


def _one(seed: str, number: int, files: Any) -> int:
    """Tell of one case, and leave its file in the current folder."""
    ready()
    made = case(seed, number, files)
    path = Path(f"{seed}-{number}.{made.suffix}")
    path.write_bytes(made.content)
    with tempfile.TemporaryDirectory() as folder:
        verdict = verdict_of(made, Path(folder))
        said = Path(folder, "stderr").read_text(errors="replace")
    print(f"{path} (of {made.origin}): archgraph {' '.join(made.words)}\n{verdict}\n{said}")
    return int(verdict.word not in GOOD)


if __name__ == "__main__":
    sys.exit(main())
