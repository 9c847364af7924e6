"""The page's script by itself, in Node: what grows pushes the rest, and nothing meets."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from archgraph.exporters.pictures.writers.html import assemble

NODE = shutil.which("node")
FOLDER = assemble.source()

pytestmark = pytest.mark.skipif(NODE is None, reason="Node is not installed")


def node(script: str, *arguments: str) -> str:
    command = [str(NODE), "--input-type=module", "-e", script, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_every_module_is_assembled_after_those_that_it_imports():
    files = {
        file.name.removesuffix(".js") for file in FOLDER.iterdir() if file.name.endswith(".js")
    }
    assert set(assemble.MODULES) == files
    for place, name in enumerate(assemble.MODULES):
        text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
        for names, other in re.findall(r'^import (.*) from "\./(\w+)\.js";', text, re.M):
            assert other in assemble.MODULES[:place], f"{name} imports {other}"
            given = (FOLDER / f"{other}.js").read_text(encoding="utf-8")
            for each in re.findall(r"\w+", names):
                assert re.search(rf"^export (const|function) {each}\b", given, re.M), each
                assert len(re.findall(rf"\b{each}\b", text)) > 1, f"{name} does not use {each}"
        assert not re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML|eval|Function)\b", text)


def test_the_assembled_script_can_be_parsed(tmp_path):
    file = tmp_path / "page.mjs"
    file.write_text(assemble.script(), encoding="utf-8")
    subprocess.run([str(NODE), "--check", str(file)], check=True)


GROWS = """
import { growth } from "FILE";
let seed = 7;
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
const apart = (a, b) => a.x + a.w <= b.x + .01 || b.x + b.w <= a.x + .01
    || a.y + a.h <= b.y + .01 || b.y + b.h <= a.y + .01;
const bad = [];
for (let round = 0; round < 300; round += 1) {
  const boxes = [];
  for (let n = 0; n < 14; n += 1) {
    const [w, h] = [20 + random() * 90, 10 + random() * 40];
    const box = { x: random() * 500, y: random() * 500, w, h };
    if (boxes.every((other) => apart(box, other))) boxes.push(box);
  }
  for (const box of boxes) {
    if (random() < .4) box.grown = { w: box.w + random() * 400, h: box.h + random() * 300 };
  }
  const lines = boxes.slice(1).filter(() => random() < LINES).map((b, n) => [
    [boxes[n].x + boxes[n].w / 2, boxes[n].y + boxes[n].h / 2], [b.x + b.w / 2, b.y + b.h / 2],
  ]);
  const { settle, extent } = growth(boxes, lines);
  const now = boxes.map((b) => {
    const [cx, cy] = [b.x + b.w / 2, b.y + b.h / 2], [dx, dy] = settle(b), size = b.grown ?? b;
    return { x: cx + dx - size.w / 2, y: cy + dy - size.h / 2, w: size.w, h: size.h };
  });
  now.forEach((a, i) => now.slice(i + 1).forEach((b, j) => {
    if (!apart(a, b)) bad.push([round, i, i + 1 + j]);
  }));
  for (const b of now) {
    if (b.x < extent.x[0] - .01 || b.x + b.w > extent.x[1] + .01) bad.push([round, "outside"]);
  }
}
console.log(JSON.stringify(bad));
"""


@pytest.mark.parametrize("lines", [0, 1])
def test_boxes_that_grow_meet_no_others(lines):
    """On random pictures, with many parts that grow by themselves and with few."""
    script = GROWS.replace("FILE", (FOLDER / "growing.js").as_uri()).replace("LINES", str(lines))
    assert json.loads(node(script)) == []
