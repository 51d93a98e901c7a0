"""Written derivations: read the LaTeX, evaluate it at random points, judge it.

`spelling` spells a formula in one way, `tokens` cuts it into tokens, `tree` parses them, `statements` finds formulas
and chains in an answer, `values` evaluates, `judge` compares. What symbols mean and what is asked stands in the
reference folder.
"""
