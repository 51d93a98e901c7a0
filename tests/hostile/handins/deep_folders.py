"""Folders nested 3,000 deep, one without permissions at the bottom, for whoever has to clear them away."""

import os

from attempts import attempt
from facts import MARK


def nest():
    here = os.getcwd()
    try:
        for _ in range(3000):
            os.mkdir(MARK)
            os.chdir(MARK)
        os.mkdir("closed", 0)
    finally:
        os.chdir(here)


attempt("nested folders", nest, lambda _: False)
