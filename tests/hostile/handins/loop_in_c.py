"""A loop in C that holds the interpreter's lock for hours."""

sum(range(10**13))
