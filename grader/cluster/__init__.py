"""Hand-ins observed on other machines, by Dask: in go the bytes of a hand-in, out come packed findings.

Imports nothing: Dask takes a second to import, and is there only where it was asked for.
"""
