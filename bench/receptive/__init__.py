"""Receptive fields beside what gradients reach: on random networks and on the gallery."""
