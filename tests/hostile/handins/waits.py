"""Wait for ever, in a loop that survives every interruption."""

import time

while True:
    try:
        time.sleep(3600)
    except BaseException:
        pass
