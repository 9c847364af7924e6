"""Volumes: activations as boxes in perspective, as in the figures of AlexNet and VGG (private)."""

from .volumes_page import volumes_page

__all__ = ["volumes_page"]
