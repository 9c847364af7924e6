"""How patterns are found in a graph and put in: matches, rewriting, what several patterns share.

Private: it may change in any release.
"""
