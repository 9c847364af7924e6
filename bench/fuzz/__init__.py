"""Files that try to break archgraph: made from a seed, read in a process of their own, judged.

``python -m bench.fuzz`` is ``make fuzz``. Every case follows from the seed and its number alone.
"""
