"""Assignments whose checks are functions of their own: in comes a reference folder, out go a rubric's checks and names.

`coded` reads what the folder declares, `kinds` runs it, `variants` makes the solution with mistakes, `naming` compares
with these, and `supplying` answers for a hand-in's method that is wrong.
"""
