"""Pictures: graph → view → layout → drawing → one writer per file format."""
