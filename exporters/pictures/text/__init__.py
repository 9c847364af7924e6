"""Text: how wide it is, which fonts have its characters, in which order scripts are drawn.

Private: it may change in any release.
"""
