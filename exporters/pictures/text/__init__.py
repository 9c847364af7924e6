"""Text: how wide it is, which fonts have its letters, in which order they are drawn (private)."""
