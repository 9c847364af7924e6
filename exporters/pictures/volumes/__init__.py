"""Volumes: activations as boxes in perspective, as in the figures of AlexNet and VGG.

Private: it may change in any release.
"""

from .volumes_page import volumes_page

__all__ = ["volumes_page"]
