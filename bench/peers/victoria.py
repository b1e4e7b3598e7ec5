#!/usr/bin/env python3
"""VictoriaMetrics takes the same messages as lines of Influx's protocol, six values each, 10,000 lines a POST.

    victoria.py MESSAGES.jsonl

Prints one number: lines per second of the server's CPU time. It has no write-ahead log: the last seconds may be lost in a crash."""
import os
import sys
import tempfile
import urllib.request

from lines import bodies_of
from server import Server, free_port, get, wait_for

def main():
    bodies = bodies_of(sys.argv[1])
    n = sum(body.count(b"\n") for body in bodies)
    port = free_port()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TELLTALE_BENCH_DATA", ".")) as folder, \
            Server("victoria-metrics", f"-storageDataPath={folder}/vm", f"-httpListenAddr=127.0.0.1:{port}", "-retentionPeriod=100y") as server:
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: get(url + "/health"))
        began = server.cpu_seconds()
        for body in bodies:
            urllib.request.urlopen(urllib.request.Request(url + "/write?precision=ms", body), timeout=60).read()
        get(url + "/internal/force_flush")
        took = server.cpu_seconds() - began
        stored = f'vm_rows_inserted_total{{type="influx"}} {6 * n}'
        if stored not in get(url + "/metrics").decode():
            raise SystemExit("VictoriaMetrics did not count every value")
    if took == 0:
        raise SystemExit("too few lines to be measured: the system counts CPU time in hundredths of a second")
    print(f"{n / took:.1f}")


main()
