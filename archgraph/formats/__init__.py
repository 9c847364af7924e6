"""Files that are read and written: both halves of a format beside each other.

Private: it may change in any release.
"""
