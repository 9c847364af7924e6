"""What a picture wears beside its colours: the language of its words, and its font (private)."""
