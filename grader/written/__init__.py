"""Written derivations: read the LaTeX, evaluate it at random points, judge it.

Read: `spans` finds the mathematics among the words, `spelling` and `tokens` cut it into a small vocabulary, `tree`
parses it into `nodes`, `statements` makes chains of it. Evaluate: `scene` has the points, `values` says what a formula
is there. Judge: `claims` finds what an answer says, `comparing` holds it against what is right, `judge` puts both
together. What symbols mean and what is asked stands in the reference folder.
"""
