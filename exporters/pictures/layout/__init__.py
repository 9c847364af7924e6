"""The layout: where everything stands, in points (private)."""
