"""Figures are written as the lecture and its readers write them."""

from __future__ import annotations

import pytest

from archgraph.metrics import STATIC_METRICS, Metric
from archgraph.units import bytes_text, count_text, exact_text, figure, spaced_shape


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (23_296, "23.3 k"),
        (72_855_552, "72.9 M"),
        (999_499, "999 k"),
        (999_999, "1.00 M"),
        (11_513_626_624, "11.5 G"),
        (-23_296, "-23.3 k"),
        (None, "unknown"),
    ],
)
def test_counts_have_three_digits_and_a_decimal_prefix(value, text):
    assert count_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (802_816, "784 KiB"),
        (4_000, "3.91 KiB"),
        (244_403_360, "233 MiB"),
        (1024**3, "1.00 GiB"),
        (None, "unknown"),
    ],
)
def test_sizes_have_binary_prefixes(value, text):
    assert bytes_text(value) == text


def test_exact_figures_lose_nothing():
    assert exact_text(11_513_626_624) == "11,513,626,624"
    assert exact_text(1.25) == "1.25"
    assert exact_text(None) == "unknown"


def test_a_figure_carries_its_metrics_unit():
    assert figure(72_855_552, STATIC_METRICS["macs"]) == "72.9 M MACs"
    assert figure(23_296, STATIC_METRICS["params"]) == "23.3 k"
    assert figure(802_816, STATIC_METRICS["activation_bytes"]) == "784 KiB"
    assert figure(1.25, Metric("latency", "Latency", "ms")) == "1.25 ms"
    assert figure(0.7461, Metric("latency", "Latency", "ms")) == "0.746 ms"
    assert figure(0.9961, Metric("latency", "Latency", "ms")) == "1.00 ms"
    assert figure(None, STATIC_METRICS["macs"]) == "unknown"


def test_shapes_have_room_around_their_crosses():
    assert spaced_shape((64, 56, 56)) == "64 × 56 × 56"
    assert spaced_shape(()) == "scalar"
    assert spaced_shape(None) == "unknown"
