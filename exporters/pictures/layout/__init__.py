"""The layout: where everything stands, in points.

Private: it may change in any release.
"""
