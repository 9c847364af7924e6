"""The architectures of the papers, each file readable as its paper's table (private)."""
