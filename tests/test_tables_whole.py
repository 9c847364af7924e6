"""Whole outputs, stored: looking at them is the test.

After a wanted change: ``python tests/test_tables_whole.py`` writes them anew; look at the diff.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest

from archgraph.cli import main

OUTPUTS = Path(__file__).parent / "outputs"

COMMANDS = {
    "list.txt": "list",
    "lenet5.txt": "cost lenet5",
    "lenet5.md": "cost lenet5 --format markdown",
    "lenet5.tex": "cost lenet5 --format latex",
    "lenet5.csv": "cost lenet5 --format csv --convention lecture",
    "lenet5.json": "cost lenet5 --format json",
    "alexnet_lecture.txt": "cost alexnet --convention lecture --input 3x227x227",
    "alexnet_two_gpu_device.txt": "cost alexnet_two_gpu --by device --batch 128",
    "googlenet_block_training.txt": "cost googlenet --by block --training",
    "resnet50_stage_flops.txt": "cost resnet50 --by stage --convention flops",
    "compare.txt": "compare alexnet vgg16 googlenet resnet50",
    "compare.json": "compare resnet50 inception_naive --format json",
    "compare.md": "compare alexnet vgg16 googlenet resnet50 --format markdown",
}


def output(command: str) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        assert main(command.split()) == 0
    return caught.getvalue()


@pytest.mark.parametrize("name", COMMANDS)
def test_output_is_the_stored_one(name):
    assert output(COMMANDS[name]) == (OUTPUTS / name).read_text(encoding="utf-8")


if __name__ == "__main__":
    for name, command in COMMANDS.items():
        (OUTPUTS / name).write_text(output(command), encoding="utf-8", newline="\n")
