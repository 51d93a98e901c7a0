"""Automated grading of neural-network homework."""

import os

__version__ = "0.1.0"

# Before anything imports NumPy: linear algebra in one thread, as in workers. There are as many hand-ins at once as
# cores, and a second thread for small matrices does little but wait for the first: it cost a third more CPU.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
