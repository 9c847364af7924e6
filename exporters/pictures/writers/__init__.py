"""The writers: from pages to the bytes of a file, one format a module or package.

Private: it may change in any release.
"""
