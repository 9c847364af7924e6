"""Answers to what people ask of costs, a room each: why, how much memory, how long (private).

``explanation`` says why a node costs what it costs, ``peers`` what other tools count and why,
``footprint`` how much memory a network takes, ``scaling`` how a cost grows, ``speed`` how long it
takes, ``splitting`` who computes what on several devices, ``sweeping`` what many configurations
cost. ``asked`` has cost, compare, explain and memory of the interface.
"""
