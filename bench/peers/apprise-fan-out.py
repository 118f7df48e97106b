"""What one writes who takes Apprise's library instead: one object with both addresses, notified again and again.

Arguments: the sinks as host:port, how many notifications. Prints as JSON what it took: seconds without the start,
processor seconds, and the most memory held in MB. It does not sign, keep or repeat anything.
"""

# Not named apprise.py: Python looks beside the program first and would import that.
import json
import resource
import sys
import time

from apprise import Apprise

sinks, count = sys.argv[1], int(sys.argv[2])
fan_out = Apprise()
fan_out.add(f"json://{sinks}/channel")
fan_out.add(f"json://{sinks}/endpoint")

start, cpu_before = time.monotonic(), time.process_time()
for _ in range(count):
    if not fan_out.notify(body="Order 1042 is confirmed and on its way to you"):
        sys.exit("a notification was not delivered")

print(
    json.dumps(
        {
            "seconds": time.monotonic() - start,
            "cpuSeconds": time.process_time() - cpu_before,
            # Kilobytes on Linux (getrusage(2)).
            "peakMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    )
)
