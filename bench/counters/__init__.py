"""Why tools that count multiply-adds differ: each difference by named rules (private)."""
