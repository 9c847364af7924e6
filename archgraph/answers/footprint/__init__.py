"""Memory at inference and in training: what lies where, when, and how much that is (private)."""
