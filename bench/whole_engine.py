"""Telltale under measure, the broker beside it, and what they are fed."""
import json
import os
import random
import re
import socket
import subprocess
import time

from server import Server, free_port, get, wait_for

PROGRAM = os.path.abspath(os.environ.get("TELLTALE_BENCH_PROGRAM", "build/release/telltale"))
TOPIC = "compressor/telemetry"
SIGNALS = {"suction_pressure": 51.3, "discharge_pressure": 203.7, "temperature": 181.2, "rpm": 1204, "oil_pressure": 34.8, "vibration": 2.61}
SITE = """site: bench
assets: {assets}
sources: [{sources}]
validators: [range, rate, stuck, spike]
detectors: [threshold, {{zscore: {{window: 30}}}}, ewma]
engine: {{max_signals: 200000, new_signals_per_second: 0, lanes: {lanes}}}
store: {{directory: {directory}}}
api: {{listen: "127.0.0.1:{port}"}}
log: {{level: error}}
"""


def name(asset):
    return f"COMP-{asset:06d}"


def stamp(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


def asset_list(folder, n):
    """As the site file has it: a few in place, a fleet as its register."""
    if n <= 1000:
        return "[" + ", ".join(f"{{id: {name(a)}, type: gas_compressor}}" for a in range(n)) + "]"
    with open(os.path.join(folder, "fleet.csv"), "w") as f:
        f.write("id,type,area\n" + "".join(f"{name(a)},gas_compressor,\n" for a in range(n)))
    return "fleet.csv"


class Engine(Server):
    def __init__(self, folder, n_assets, sources="", cores=None, lanes=1):
        """@param cores  as taskset has them, "0,1"; None: where the system wants"""
        self.port = free_port()
        assets = asset_list(folder, n_assets)
        site = os.path.join(folder, "site.yaml")
        with open(site, "w") as f:
            f.write(SITE.format(lanes=lanes, assets=assets, sources=sources, directory=os.path.join(folder, "data"), port=self.port))
        self.started = time.monotonic()
        super().__init__(*(["taskset", "-c", cores] if cores else []), PROGRAM, "run", site)
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(lambda: get(self.url + "/readyz"), seconds=120, pause=0.001)
        self.ready_after = time.monotonic() - self.started

    def stored(self):
        lines = get(self.url + "/metrics").decode().splitlines()
        return sum(float(x.rsplit(" ", 1)[1]) for x in lines if x.startswith("telltale_ingest_messages_total") and 'result="stored"' in x)


class Messages:
    """Bodies of POST /api/v1/readings; time goes on from body to body."""

    def __init__(self, n_assets, first=0):
        self.n_assets, self.first, self.next, self.second = n_assets, first, 0, int(time.time()) - 400_000
        self.random = random.Random(7)

    def body(self, n):
        out = []
        for _ in range(n):
            if self.next == self.n_assets:
                self.next, self.second = 0, self.second + 1
            values = {s: round(v * (1 + 0.002 * self.random.gauss(0, 1)), 2) for s, v in SIGNALS.items()}
            out.append({"asset": name(self.first + self.next), "time": stamp(self.second), "values": values})
            self.next += 1
        return json.dumps(out).encode()


def post(connection, body):
    while True:
        connection.request("POST", "/api/v1/readings", body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        text = answer.read()
        if answer.status == 429:  # the queue is full: what was refused is sent again
            time.sleep(0.02)
            continue
        if answer.status != 200:
            raise SystemExit(f"POST was answered {answer.status}: {text[:300]!r}")
        return text


def whole_request(port, body):
    return (b"POST /api/v1/readings HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            % (port, len(body)) + body)


def post_whole(port, requests):
    """Sends what is made already and reads the answers without looking into them: a client that takes hardly any CPU time itself."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for request in requests:
            while True:
                connection.sendall(request)
                if (status := answer_status(connection)) == 200:
                    break
                if status != 429:  # the queue is full: what was refused is sent again
                    raise SystemExit(f"POST was answered {status}")
                time.sleep(0.02)


def answer_status(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        if not (more := connection.recv(1 << 16)):
            raise SystemExit("the engine closed the connection before it answered")
        head += more
    head, body = head.split(b"\r\n\r\n", 1)
    left = int(re.search(rb"(?i)content-length: *(\d+)", head)[1]) - len(body)
    while left > 0:
        if not (more := connection.recv(min(left, 1 << 20))):
            raise SystemExit("the engine closed the connection within its answer")
        left -= len(more)
    return int(head.split()[1])


def broker(folder, port):
    path = os.path.join(folder, "mosquitto.conf")
    with open(path, "w") as f:
        f.write(f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 1000\nmax_queued_messages 1000000\n"
                "max_queued_bytes 1000000000\nuser root\n")
    return Server("mosquitto", "-c", path)


def compressor_lines(n, second):
    rng = random.Random(second)
    for k in range(n):
        v = {s: round(x * (1 + 0.002 * rng.gauss(0, 1)), 1) for s, x in SIGNALS.items()}
        at = second + k // 100
        yield ('{"unit_id": "%s", "site": "EMIT-SITE-TX-01", "timestamp": "%s", "unix_ts": %d.123, "suction_pressure_psi": %s, '
               '"discharge_pressure_psi": %s, "temp_f": %s, "rpm": %d, "oil_pressure_psi": %s, "vibration_mmps": %s, "fault_type": "NONE", '
               '"status": "NORMAL"}' % (name(k % 100), stamp(at), at, v["suction_pressure"], v["discharge_pressure"], v["temperature"],
                                        v["rpm"], v["oil_pressure"], v["vibration"]))


def publish(port, lines):
    subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-q", "1", "-l"], input="\n".join(lines) + "\n",
                   text=True, check=True)
