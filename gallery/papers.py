"""The papers: citation, published errors and training facts, as data.

``published`` holds errors in percent with the setting they were measured in. Single networks and
ensembles are kept apart: a chart of accuracy against cost may use single networks only.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ALEXNET",
    "ALEXNET_ONE_TOWER",
    "ALEXNET_TRAINING",
    "BATCH_NORM",
    "GOOGLENET",
    "HUMAN_TOP5_ERROR",
    "LENET",
    "RESNET",
    "RESNET_CIFAR_ERROR",
    "RESNET_IMAGENET_PLAIN_ERROR",
    "RESNET_SINGLE_ERROR",
    "UNET",
    "UNET_TRAINING",
    "VGG",
    "VGG_SINGLE_ERROR",
    "VIT",
    "VIT_TRAINING",
    "ZFNET",
    "ensemble",
    "facts",
    "single",
]

HUMAN_TOP5_ERROR = 5.1
"""Top-5 error in percent of a trained person (Russakovsky et al., 2015)."""

LENET = {
    "title": "Gradient-based learning applied to document recognition",
    "authors": "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner",
    "year": 1998,
    "venue": "Proceedings of the IEEE 86(11)",
    "doi": "10.1109/5.726791",
}

ALEXNET = {
    "title": "ImageNet classification with deep convolutional neural networks",
    "authors": "A. Krizhevsky, I. Sutskever, G. E. Hinton",
    "year": 2012,
    "venue": "NIPS 25",
    "doi": "10.1145/3065386",
}

ALEXNET_TRAINING = {
    "batch": 128,
    "optimizer": "SGD, momentum 0.9, weight decay 0.0005",
    "learning_rate": "0.01, divided by 10 three times",
    "hardware": "two GTX 580 of 3 GB",
    "duration": "five to six days, 90 epochs",
    "claims": {"parameters": "60 million", "neurons": "650,000"},
}

ALEXNET_ONE_TOWER = {
    "title": "One weird trick for parallelizing convolutional neural networks",
    "authors": "A. Krizhevsky",
    "year": 2014,
    "venue": "arXiv",
    "arxiv": "1404.5997",
}

ZFNET = {
    "title": "Visualizing and understanding convolutional networks",
    "authors": "M. D. Zeiler, R. Fergus",
    "year": 2013,
    "venue": "ECCV 2014",
    "arxiv": "1311.2901",
}

VGG = {
    "title": "Very deep convolutional networks for large-scale image recognition",
    "authors": "K. Simonyan, A. Zisserman",
    "year": 2014,
    "venue": "ICLR 2015",
    "arxiv": "1409.1556",
}

GOOGLENET = {
    "title": "Going deeper with convolutions",
    "authors": "C. Szegedy, W. Liu, Y. Jia, P. Sermanet, S. Reed, D. Anguelov, D. Erhan, "
    "V. Vanhoucke, A. Rabinovich",
    "year": 2014,
    "venue": "CVPR 2015",
    "arxiv": "1409.4842",
}

BATCH_NORM = {
    "title": "Batch normalization: accelerating deep network training by reducing internal "
    "covariate shift",
    "authors": "S. Ioffe, C. Szegedy",
    "year": 2015,
    "venue": "ICML 2015",
    "arxiv": "1502.03167",
}

RESNET = {
    "title": "Deep residual learning for image recognition",
    "authors": "K. He, X. Zhang, S. Ren, J. Sun",
    "year": 2015,
    "venue": "CVPR 2016",
    "arxiv": "1512.03385",
}

VGG_SINGLE_ERROR = {
    # Table 3 (one test scale; C, D, E trained with scale jittering where better).
    "A": (29.6, 10.4, "single network, one scale (table 3)"),
    "A-LRN": (29.7, 10.5, "single network, one scale (table 3)"),
    "B": (28.7, 9.9, "single network, one scale (table 3)"),
    "C": (27.3, 8.8, "single network, one scale (table 3)"),
    # Table 5 (multi-crop and dense evaluation together).
    "D": (24.4, 7.2, "single network, multi-crop and dense (table 5)"),
    "E": (24.4, 7.1, "single network, multi-crop and dense (table 5)"),
}
"""VGG by configuration: (top-1 error, top-5 error, setting), ILSVRC validation."""

RESNET_SINGLE_ERROR = {
    34: (21.84, 5.71),
    50: (20.74, 5.25),
    101: (19.87, 4.60),
    152: (19.38, 4.49),
}
"""ResNet by depth: (top-1, top-5) error of single networks, ILSVRC validation (table 4)."""

RESNET_IMAGENET_PLAIN_ERROR = {
    "plain18": 27.94,
    "plain34": 28.54,
    "resnet18": 27.88,
    "resnet34": 25.03,
}
"""Top-1 error, ILSVRC validation, 10-crop (table 2): the deeper plain network is the worse one."""

RESNET_CIFAR_ERROR = {20: 8.75, 32: 7.51, 44: 7.17, 56: 6.97, 110: 6.43}
"""CIFAR-10 test error of ResNets by depth (table 6)."""


def facts(
    paper: dict[str, Any],
    *,
    published: list[dict[str, Any]] | None = None,
    training: dict[str, Any] | None = None,
    notes: list[str] | None = None,
) -> dict[str, Any]:
    """Return the graph attributes that carry a paper's facts, as plain values."""
    return {
        "paper": dict(paper),
        "published": list(published or []),
        "training": dict(training or {}),
        "notes": list(notes or []),
    }


def single(
    top5: float | None, setting: str, *, top1: float | None = None, data: str = "ILSVRC validation"
) -> dict[str, Any]:
    """Return the published error of one network, in percent."""
    found = {"data": data, "top1_error": top1, "top5_error": top5, "setting": setting}
    return {"ensemble": False} | {key: value for key, value in found.items() if value is not None}


UNET = {
    "title": "U-Net: Convolutional networks for biomedical image segmentation",
    "authors": "O. Ronneberger, P. Fischer, T. Brox",
    "year": 2015,
    "venue": "MICCAI",
    "doi": "10.1007/978-3-319-24574-4_28",
    "arxiv": "1505.04597",
}

UNET_TRAINING = {
    "batch": 1,
    "optimizer": "SGD, momentum 0.99",
    "hardware": "NVIDIA Titan of 6 GB",
    "duration": "ten hours",
}

VIT = {
    "title": "An image is worth 16x16 words: Transformers for image recognition at scale",
    "authors": "A. Dosovitskiy, L. Beyer, A. Kolesnikov, D. Weissenborn, X. Zhai, T. Unterthiner, "
    "M. Dehghani, M. Minderer, G. Heigold, S. Gelly, J. Uszkoreit, N. Houlsby",
    "year": 2020,
    "venue": "ICLR 2021",
    "arxiv": "2010.11929",
}

VIT_TRAINING = {
    "batch": 4096,
    "optimizer": "Adam, β 0.9 and 0.999, weight decay 0.1",
    "learning_rate": "linear warm-up over 10,000 steps, then decay",
}


def ensemble(top5: float, setting: str) -> dict[str, Any]:
    """Return the published error of an ensemble in the ILSVRC competition, in percent."""
    return {"ensemble": True, "data": "ILSVRC test", "top5_error": top5, "setting": setting}
