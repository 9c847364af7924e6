"""Measurements against other tools, on the same networks, in the same run: ``make bench``."""
