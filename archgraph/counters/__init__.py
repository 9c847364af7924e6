"""How other tools count: named rules that lead from archgraph's number to theirs (private)."""
