"""Prints what it was given, warns of it, and calls its threads so."""

import logging
import os
import sys
import threading
import warnings

import numpy as np


def attack(net, X):
    text = "".join(c for value in np.ravel(X)[:3] for c in repr(float(value)) if c.isdigit())
    print(text, flush=True)
    print(text, file=sys.stderr, flush=True)
    os.write(1, text.encode())
    os.write(2, f"::error file=mlp.py,line=1::{text}\n".encode())
    warnings.warn(text, stacklevel=1)
    logging.getLogger(text).error(text)
    threading.current_thread().name = text
