#!/usr/bin/env python3
"""InfluxDB 1 takes the same messages as lines of its protocol, six values each, 10,000 lines a POST, each synced to its write-ahead log.

    influx.py MESSAGES.jsonl

Prints one number: lines per second of the server's CPU time."""
import os
import sys
import tempfile
import urllib.parse
import urllib.request

from lines import bodies_of
from server import Server, free_port, get, wait_for

SETTINGS = """reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
wal-fsync-delay = "0s"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
"""


def main():
    bodies = bodies_of(sys.argv[1])
    n = sum(body.count(b"\n") for body in bodies)
    port = free_port()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TELLTALE_BENCH_DATA", ".")) as folder:
        settings = os.path.join(folder, "influxdb.conf")
        with open(settings, "w") as f:
            f.write(SETTINGS.format(folder=os.path.abspath(folder), port=port, rpc=free_port()))
        with Server("influxd", "-config", settings) as server:
            took = fed(server, f"http://127.0.0.1:{port}", bodies, n)
    if took == 0:
        raise SystemExit("too few lines to be measured: the system counts CPU time in hundredths of a second")
    print(f"{n / took:.1f}")


def fed(server, url, bodies, n):
    """CPU seconds of the server; the writes are answered when they are in the synced log."""
    wait_for(lambda: urllib.request.urlopen(url + "/ping", timeout=10).status == 204)
    urllib.request.urlopen(urllib.request.Request(url + "/query?q=CREATE+DATABASE+bench", b""), timeout=30).read()
    began = server.cpu_seconds()
    for body in bodies:
        urllib.request.urlopen(urllib.request.Request(url + "/write?db=bench&precision=ms", body), timeout=60).read()
    took = server.cpu_seconds() - began
    stored = get(url + "/query?" + urllib.parse.urlencode({"db": "bench", "q": 'SELECT count("rpm") FROM "compressor"'})).decode()
    if f",{n}]" not in stored:
        raise SystemExit(f"InfluxDB did not keep every line: {stored}")
    return took


main()
