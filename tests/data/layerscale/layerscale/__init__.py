"""What a package of its own can bring to archgraph, each in a file."""
