"""Four threads that compute for ever, while the main one only waits: no thread alone is past its time."""

import threading


def compute():
    while True:
        sum(range(100000))


threads = [threading.Thread(target=compute) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
