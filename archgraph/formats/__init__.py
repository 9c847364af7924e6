"""Files that are read and written: both halves of a format beside each other (private)."""
