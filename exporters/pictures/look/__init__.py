"""How pictures look: themes, what colour means, tints, the style of lines, legends (private)."""
