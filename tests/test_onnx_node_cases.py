"""A sample of onnx's own node cases, loaded as the command that counts all of them does."""

from __future__ import annotations

import importlib
import sys
import warnings

import pytest
from onnx.backend.test.case import node as onnx_cases

from bench.onnx_cases import judged, node_case

MODULES = (
    *("attention", "concat", "constantofshape", "conv", "expand", "gather", "if_", "loop"),
    *("lstm", "nonmaxsuppression", "pad", "qlinearconv", "rangeop", "reshape", "scan"),
    *("sequenceinsert", "slice", "split", "topk", "unique", "einsum"),
)
"""Modules of onnx that make cases; importing one makes its own."""

FEW = 6
"""How many cases of each are loaded."""


@pytest.mark.parametrize("module", MODULES)
def test_cases_of_onnx_load_with_the_shapes_that_they_expect(module, tmp_path, monkeypatch):
    # Importing a module adds to these; another test may have imported all.
    monkeypatch.setattr(onnx_cases, "_NodeTestCases", [])
    monkeypatch.setattr(onnx_cases, "_existing_names", {})
    name = f"onnx.backend.test.case.node.{module}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        there = sys.modules.get(name)
        try:
            importlib.reload(there) if there else importlib.import_module(name)
        except ModuleNotFoundError:
            pytest.fail(f"onnx has no cases called {module}")
    cases = onnx_cases._NodeTestCases
    assert cases
    for case in cases[:: max(1, len(cases) // FEW)]:
        verdict = judged(node_case(case), tmp_path)
        assert verdict.said in ("equal", "unknown"), (case.name, verdict)
        assert verdict.said == "equal" or module in ("nonmaxsuppression", "unique", "loop", "scan")
