"""Recursion without a limit, through C code."""

import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


Deep().y  # noqa: B018 -- the access is the attack
