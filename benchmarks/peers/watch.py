"""Runs a command and prints as JSON what it took: seconds, seconds of processors, GiB of its largest process.

A process of its own, since what a child is said to have held counts what its parent held when it began: so the parent has to be small.
"""

import json
import os
import subprocess
import sys
import time

if __name__ == "__main__":
    began = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    print(json.dumps([time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2]))
    sys.exit(os.waitstatus_to_exitcode(status))
