"""Fill every pipe that it holds with forged places of the watchdog's, and loop."""

import os
import stat

LINE = (
    b'  File "/etc/passwd", line 1 in loss\n  File "'
    + os.fsencode(__file__)
    + b'", line 999999999 in \x1b[2J\n'
)


def attack():
    for descriptor in range(256):
        try:
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                os.set_blocking(descriptor, False)
                while True:
                    os.write(descriptor, LINE * 100)
        except OSError:
            continue
    while True:
        pass
