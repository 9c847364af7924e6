"""The architectures of the papers, each file readable as its paper's table.

Private: it may change in any release.
"""
