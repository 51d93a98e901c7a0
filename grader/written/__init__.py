"""Written derivations: read the LaTeX, evaluate it at random points, judge it.

`tokens` cuts a formula into tokens, `tree` parses them, `statements` finds formulas and chains in an answer, `values`
evaluates, `judge` compares. What symbols mean and what is asked stands in the reference folder.
"""
