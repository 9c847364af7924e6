"""How patterns are found and put in: matches, rewriting, what several share (private)."""
