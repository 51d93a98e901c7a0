"""A page on which persons mark answers: one at a time, or all equal ones at once, by keys.

In comes a class as the gradebook has it; what a person saves goes into the gradebook before the page says so. `answers`
says which answers there are and `places` which of them are equal, `saving` what persons save, `second` what another one
decides unseen, `people` who is at which, `desk` what is next, `pages` what is shown and taken, `guard` who may ask at
all, `server` runs it on this machine. Requests carry no path of a file and no name of a hand-in; what students wrote
gets out only as the reports draw it.
"""

from .desk import Desk
from .second import of_share
from .server import serve

__all__ = ["Desk", "of_share", "serve"]
