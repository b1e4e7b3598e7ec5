#!/usr/bin/env python3
"""SIGTERM under load, with a sink whose other side never answers: the engine ends within 10 s with status 0 and nothing that was
acknowledged is missing afterwards; a second SIGTERM while it stops ends it at once (contract C12, fault row R31).

usage: stop_test.py [STOPS]
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

STOPS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
START = 1_767_225_600  # 2026-01-01T00:00:00Z
ALLOWED = 10.0

here = pathlib.Path(__file__).resolve().parent
build = pathlib.Path(os.environ.get("TELLTALE_BUILD", here.parent.parent / "build/release"))


def listening():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen(64)
    return s


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Writer(threading.Thread):
    """Posts readings until told to end; counts what was acknowledged."""

    def __init__(self, port, first):
        super().__init__(daemon=True)
        self.port, self.next, self.acknowledged, self.ended = port, first, 0, False

    def run(self):
        while not self.ended:
            batch = [{"asset": "P-1", "signal": "flow", "time": START + self.next + k, "value": 1.5} for k in range(50)]
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/readings", json.dumps(batch).encode(), {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    if json.load(answer)["received"] == 50:
                        self.acknowledged += 50
                        self.next += 50
            except (OSError, ValueError):
                return


def stored(port):
    url = f"http://127.0.0.1:{port}/api/v1/statistics?asset=P-1&from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            rows = json.load(answer)["statistics"]
            return rows[0]["count"] if rows else 0
    except urllib.error.HTTPError as error:
        if error.code == 404:  # nobody has heard of P-1 yet
            return 0
        raise


def ready(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=1):
            return True
    except OSError:
        return False


def start(site, port, log):
    process = subprocess.Popen([build / "telltale", "run", site], stdout=log, stderr=log)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            sys.exit(f"the engine ended by itself with status {process.returncode}")
        if ready(port):
            return process
        time.sleep(0.01)
    sys.exit("the engine was not ready within 30 s")


def main():
    with tempfile.TemporaryDirectory(prefix="telltale-stop-") as folder, listening() as silent, open(f"{folder}/log", "wb") as log:
        port, site = free_port(), f"{folder}/site.yaml"
        pathlib.Path(site).write_text(
            f"store: {{directory: {folder}/data}}\napi: {{listen: '127.0.0.1:{port}'}}\n"
            f"sinks:\n  - {{name: hanging, webhook: {{url: 'http://127.0.0.1:{silent.getsockname()[1]}/', write: [readings], timeout: 60s}}}}\n")
        acknowledged, longest = 0, 0.0
        for n in range(STOPS):
            process = start(site, port, log)
            if stored(port) < acknowledged:
                sys.exit(f"{acknowledged} readings were acknowledged, {stored(port)} are stored")
            writer = Writer(port, acknowledged)
            writer.start()
            while writer.acknowledged < 500 and writer.is_alive():
                time.sleep(0.005)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            try:
                status = process.wait(timeout=3 * ALLOWED)
            except subprocess.TimeoutExpired:
                process.kill()
                sys.exit(f"stop {n}: still there after {3 * ALLOWED} s")
            took = time.monotonic() - began
            longest = max(longest, took)
            writer.ended = True
            writer.join()
            acknowledged += writer.acknowledged
            if status != 0 or took > ALLOWED:
                sys.exit(f"stop {n}: status {status} after {took:.1f} s\n" + pathlib.Path(f"{folder}/log").read_text()[-2000:])
        process = start(site, port, log)
        found = stored(port)
        process.send_signal(signal.SIGTERM)
        while ready(port):  # it stops, and the sink hangs
            time.sleep(0.01)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=ALLOWED)
        again = time.monotonic() - began
        if found < acknowledged:
            sys.exit(f"{acknowledged} readings were acknowledged, {found} are stored")
        if again > 2:
            sys.exit(f"a second SIGTERM took {again:.1f} s")
        print(f"{STOPS} stops, longest {longest:.1f} s, {acknowledged} acknowledged, {found} stored; the second signal took {again:.2f} s")


main()
