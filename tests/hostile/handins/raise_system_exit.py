"""Raise a SystemExit of its own making, with a code that claims success."""


class Passed(SystemExit):
    code = 0


raise Passed
