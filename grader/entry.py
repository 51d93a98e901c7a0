"""Run a command line: what becomes of errors, interrupts and closed pipes, for every `grade` command alike."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import Any

import click

from .errors import GraderError
from .machine.processes import collect_rarely
from .machine.shortage import short_of_memory, shortage

INTERRUPTED = 130


def run(command: click.Command, interrupted: str) -> None:
    """Run it with the process's arguments; `interrupted` is said, in a line, where somebody stops it."""
    _read_names_as_utf8()
    collect_rarely()
    _escape_what_cannot_be_shown()
    os.umask(os.umask(0o077) & 0o077)  # what we make, we have to be able to read ourselves
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if why := short_of_memory():
            raise GraderError(why)
        command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"grade: {interrupted}", err=True)
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read our output has gone: as with an interrupt, what is done stays
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(INTERRUPTED)
    except GraderError as error:
        click.echo(f"grade: {visible(str(error))}", err=True)
        sys.exit(error.exit_code)
    except Exception as error:
        if not (why := shortage(error)):
            raise
        click.echo(f"grade: {visible(why)}", err=True)
        sys.exit(GraderError.exit_code)


def _read_names_as_utf8() -> None:
    """Start again in Python's UTF-8 mode where the locale says otherwise: or ids of folders would depend on it."""
    if sys.getfilesystemencoding() != "utf-8" and sys.executable:
        os.environ["PYTHONUTF8"] = "1"  # for the processes that we start
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


def _escape_what_cannot_be_shown() -> None:
    """A name that the terminal's encoding does not have is shown as an escape, wherever it is printed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def visible(text: str) -> str:
    """Names of files stand in errors, and students may name files: what moves a cursor or reorders text is escaped."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _interrupt(signum: int, frame: Any) -> None:
    raise KeyboardInterrupt
