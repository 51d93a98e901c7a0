"""Look for secrets in the environment, as Python and as the C library know it, and on the command line."""

import ctypes
import os
import sys

from attempts import attempt, is_secret, libc, read


def original():
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    found = []
    while environ[len(found)]:
        found.append(environ[len(found)])
    return found


def beyond():
    """The bytes after the program's arguments, where the kernel put the environment."""
    size = 1 << 12
    start = ctypes.c_char_p.in_dll(libc, "program_invocation_name")
    address = ctypes.cast(start, ctypes.c_void_p).value
    return ctypes.string_at(address, size - address % size)


def secrets(texts):
    return [text for text in texts for part in (text, *text.split(b"=", 1)) if is_secret(part)]


attempt("secrets in os.environ", lambda: [v for v in os.environ.values() if is_secret(v)], bool)
attempt("secrets in environ", lambda: secrets(original()), bool)
attempt("secrets beside the arguments", lambda: secrets(beyond().split(b"\0")), bool)
attempt("secrets in sys.orig_argv", lambda: secrets([a.encode() for a in sys.orig_argv]), bool)
attempt("secrets in /proc/self/environ", lambda: secrets(read("/proc/self/environ").split(b"\0")), bool)
known = {
    "PATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "HOME",
    "USER",
    "TMPDIR",
    "PWD",
    "OLDPWD",
    "SHLVL",
    "_",
    "PYTHONHASHSEED",
}
known |= {
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONUNBUFFERED",
    "PYTHONNOUSERSITE",
    "PYTHONSAFEPATH",
    "MALLOC_ARENA_MAX",
}
attempt(
    "variables that no worker needs",
    lambda: [
        n for n in os.environ if n not in known and not n.endswith("_THREADS") and not n.startswith("MPL")
    ],
    bool,
)
