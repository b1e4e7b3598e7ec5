#!/usr/bin/env python3
"""The whole program as its users run it: HTTP, a real Mosquitto, start, memory. CPU time is the engine's process alone.

TELLTALE_BENCH_PROGRAM names another build than build/release/telltale; TELLTALE_BENCH_DATA the folder, on the disk that is measured."""
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
from row import Table, at_least, at_most, data_folder  # noqa: E402
from server import Server, free_port, get, wait_for  # noqa: E402

PROGRAM = os.path.abspath(os.environ.get("TELLTALE_BENCH_PROGRAM", "build/release/telltale"))
SEED = pathlib.Path(__file__).parent / "peers" / "seed_like.py"
TOPIC = "compressor/telemetry"
PER_BODY = 1000
SIGNALS = {"suction_pressure": 51.3, "discharge_pressure": 203.7, "temperature": 181.2, "rpm": 1204, "oil_pressure": 34.8, "vibration": 2.61}
SITE = """site: bench
assets: [{assets}]
sources: [{sources}]
validators: [range, rate, stuck, spike]
detectors: [threshold, {{zscore: {{window: 30}}}}, ewma]
engine: {{max_signals: 200000, new_signals_per_second: 0}}
store: {{directory: {directory}}}
api: {{listen: "127.0.0.1:{port}"}}
log: {{level: error}}
"""


def name(asset):
    return f"COMP-{asset:06d}"


def stamp(second):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


class Engine(Server):
    def __init__(self, folder, n_assets, sources=""):
        self.port = free_port()
        assets = ", ".join(f"{{id: {name(a)}, type: gas_compressor}}" for a in range(n_assets))
        site = os.path.join(folder, "site.yaml")
        with open(site, "w") as f:
            f.write(SITE.format(assets=assets, sources=sources, directory=os.path.join(folder, "data"), port=self.port))
        self.started = time.monotonic()
        super().__init__(PROGRAM, "run", site)
        self.url = f"http://127.0.0.1:{self.port}"
        wait_for(lambda: get(self.url + "/readyz"), seconds=120, pause=0.001)
        self.ready_after = time.monotonic() - self.started

    def stored(self):
        lines = get(self.url + "/metrics").decode().splitlines()
        return sum(float(x.rsplit(" ", 1)[1]) for x in lines if x.startswith("telltale_ingest_messages_total") and 'result="stored"' in x)


class Messages:
    """Bodies of POST /api/v1/readings; time goes on from body to body."""

    def __init__(self, n_assets):
        self.n_assets, self.next, self.second = n_assets, 0, int(time.time()) - 400_000
        self.random = random.Random(7)

    def body(self, n):
        out = []
        for _ in range(n):
            if self.next == self.n_assets:
                self.next, self.second = 0, self.second + 1
            values = {s: round(v * (1 + 0.002 * self.random.gauss(0, 1)), 2) for s, v in SIGNALS.items()}
            out.append({"asset": name(self.next), "time": stamp(self.second), "values": values})
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


def http_rate(table):
    n = 100
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder, Engine(folder, 100) as engine:
        messages = Messages(100)
        connection = http.client.HTTPConnection("127.0.0.1", engine.port)
        rates = []
        for round_ in range(table.rounds + 1):
            bodies = [messages.body(PER_BODY) for _ in range(n)]
            began = engine.cpu_seconds()
            for body in bodies:
                post(connection, body)
            rates.append(n * PER_BODY / (engine.cpu_seconds() - began))
        if engine.stored() != 6 * n * PER_BODY * (table.rounds + 1):
            raise SystemExit("not every reading was stored")
    table.show("whole/http", "messages of 6 readings per CPU s, POST /api/v1/readings of 1,000", rates[1:], goal=at_least(300_000),
               durable="fdatasync, tables and history before the answer")


def confirm(table):
    """The time of single posts while another connection keeps the engine at half of what it can."""
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder, Engine(folder, 100) as engine:
        messages, single = Messages(99), Messages(1)
        bodies = [messages.body(100) for _ in range(3000)]
        load = http.client.HTTPConnection("127.0.0.1", engine.port)
        began = time.monotonic()
        for body in bodies[:300]:
            post(load, body)
        pause = 2 * (time.monotonic() - began) / 300  # half the full rate
        over = threading.Event()

        def keep_busy():
            due = time.monotonic()
            for body in bodies[300:]:
                if over.is_set():
                    return
                post(load, body)
                due += pause
                time.sleep(max(0.0, due - time.monotonic()))

        busy = threading.Thread(target=keep_busy)
        busy.start()
        connection = http.client.HTTPConnection("127.0.0.1", engine.port)
        took = []
        while len(took) < 1000 and busy.is_alive():
            body = json.dumps([dict(json.loads(single.body(1))[0], asset=name(99))]).encode()
            at = time.perf_counter()
            post(connection, body)
            took.append((time.perf_counter() - at) * 1000)
            time.sleep(0.003)
        over.set()
        busy.join()
    took.sort()
    table.show("whole/confirm_p99", "ms from POST to answer, at half of full load", [took[int(0.99 * len(took))]], goal=at_most(5),
               durable="fdatasync before the answer", note=f"median {took[len(took) // 2]:.2f} ms, {len(took)} posts, client included")


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


def mqtt_rate(table):
    n = 20_000
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder:
        port = free_port()
        source = f'{{name: wellpad, mqtt: {{url: "mqtt://127.0.0.1:{port}", topic: {TOPIC}, qos: 1}}, mapping: compressor}}'
        with broker(folder, port):
            second, ours, theirs = int(time.time()) - 400_000, [], []
            with Engine(folder, 100, source) as engine:
                wait_for(lambda: b'telltale_source_up{source="wellpad",kind="mqtt"} 1' in get(engine.url + "/metrics"))
                stored = engine.stored()
                for _ in range(table.rounds + 1):
                    began = engine.cpu_seconds()
                    publish(port, compressor_lines(n, second))
                    stored += 6 * n
                    wait_for(lambda: engine.stored() >= stored, seconds=120, pause=0.2)
                    ours.append((engine.cpu_seconds() - began) / n * 1e6)
                    second += n // 100
            for _ in range(table.rounds):
                m = n // 10
                seed = subprocess.Popen([sys.executable, SEED, "--broker", f"127.0.0.1:{port}", str(m)], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=dict(os.environ, TELLTALE_BENCH_DATA=folder))
                seed.stderr.readline()  # it has subscribed
                publish(port, compressor_lines(m, second))
                theirs.append(1e6 / float(seed.communicate(timeout=120)[0]))
    table.show("whole/mqtt_qos1", "CPU us per message, through Mosquitto", ours[1:], theirs, "Python like the originals, same broker",
               at_most(8), "fdatasync before PUBACK | SQLite commit per 100, PUBACK before it")


def start(table):
    empty = []
    for _ in range(table.rounds + 1):
        with tempfile.TemporaryDirectory(dir=data_folder()) as folder, Engine(folder, 0) as engine:
            empty.append(engine.ready_after * 1000)
    table.show("whole/start_empty", "ms from exec to ready", empty[1:], goal=at_most(20))


def many(table):
    n_assets = 16_667
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder:
        with Engine(folder, n_assets) as engine:
            messages = Messages(n_assets)
            connection = http.client.HTTPConnection("127.0.0.1", engine.port)
            for _ in range(40 * n_assets // PER_BODY):
                post(connection, messages.body(PER_BODY))
            memory = engine.memory_bytes() / 1e6
        table.show("whole/memory_100k", "MB resident, 100,000 signals, window 30, 40 readings each", [memory], goal=at_most(60))
        took = []
        for _ in range(table.rounds):
            with Engine(folder, n_assets) as engine:
                took.append(engine.ready_after * 1000)
        table.show("whole/start_100k", "ms from exec to ready, 100,000 signals restored", took, goal=at_most(200))


def main():
    table = Table()
    for row, measure in (("whole/http", http_rate), ("whole/confirm_p99", confirm), ("whole/mqtt_qos1", mqtt_rate),
                         ("whole/start_empty", start), ("whole/memory_100k", many)):
        if table.wants(row) or (row == "whole/memory_100k" and table.wants("whole/start_100k")):
            measure(table)


if __name__ == "__main__":
    main()
