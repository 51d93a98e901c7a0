"""All that a worker process needs of the grader: standard library, NumPy and `protocol` only."""
