"""Why a network costs what it costs, and why other counters disagree (private)."""

from archgraph.answers.explanation.as_tables import (
    explanation_json,
    explanation_record,
    node_tables,
    totals_tables,
)
from archgraph.answers.explanation.formulas import Formulas, formulas
from archgraph.answers.explanation.node import Explanation, explain
from archgraph.answers.explanation.totals import Totals, explain_totals

__all__ = [
    "Explanation",
    "Formulas",
    "Totals",
    "explain",
    "explain_totals",
    "explanation_json",
    "explanation_record",
    "formulas",
    "node_tables",
    "totals_tables",
]
