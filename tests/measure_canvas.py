"""How much of its canvas a picture uses, across and from top to bottom."""

from __future__ import annotations

__all__ = ["NARROW", "canvas_is_used", "extent"]

LONGER, SHORTER = 0.68, 0.49
"""What is used at least: of the direction that fills the canvas more, and of the other one.

Titles and legends take a fifth of a slide's height. Over the gallery, at every level, on every
canvas that is tested, 0.69 and 0.50 are the least that is reached, but for what is listed below.
"""

NARROW = {
    # A chain of few boxes stands in one column on an upright page.
    ("layout", "resnet20_cifar", "block", "a4"): 0.40,
    ("layout", "resnet20_cifar_b", "block", "a4"): 0.40,
    ("layout", "resnet32_cifar", "block", "a4"): 0.40,
    ("layout", "resnet44_cifar", "block", "a4"): 0.40,
    ("layout", "resnet56_cifar", "block", "a4"): 0.40,
    ("layout", "resnet110_cifar", "block", "a4"): 0.40,
    # One wide module or two lanes: as wide as the page and no higher than they are.
    ("layout", "inception_naive", "block", "a4"): 0.38,
    ("layout", "inception_reduced", "block", "a4"): 0.30,
    ("layout", "inception_reduced", "layer", "a4"): 0.41,
    ("layout", "alexnet_two_gpu", "stage", "a4"): 0.43,
    ("volumes", "alexnet_two_gpu", "stage", "a4"): 0.32,
    ("volumes", "alexnet_two_gpu", "block", "a4"): 0.35,
    ("volumes", "alexnet_two_gpu", "layer", "a4"): 0.22,
    # Six volumes in one row: two rows of three would be smaller.
    ("volumes", "googlenet", "stage", "a4"): 0.46,
    ("volumes", "googlenet_bn", "stage", "a4"): 0.46,
    # Two chains in one direction, side by side.
    ("together", "lenet5-lenet5", "block", "16:9"): 0.42,
    ("together", "alexnet-vgg16", "stage", "4:3"): 0.46,
    ("together", "alexnet-vgg16", "block", "4:3"): 0.46,
}
"""What fills one direction and less of the other than is usual, with the reason and how much."""


def canvas_is_used(picture, points, *drawn):
    """Check both directions; ``drawn`` is style, name, level and canvas."""
    used = sorted(extent(picture, points))
    assert used[1] >= LONGER, (drawn, used)
    assert used[0] >= NARROW.get(drawn, SHORTER), (drawn, used)


def extent(picture, points):
    """Return how much of the canvas's width and height lies between the outermost points."""
    wide, high = (max(axis) - min(axis) for axis in zip(*points, strict=True))
    return wide / picture.width, high / picture.height
