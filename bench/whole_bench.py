#!/usr/bin/env python3
"""The whole program as its users run it: HTTP, a real Mosquitto, start, memory. CPU time is the engine's process alone.

TELLTALE_BENCH_PROGRAM names another build than build/release/telltale; TELLTALE_BENCH_DATA the folder, on the disk that is measured."""
import http.client
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
from row import Table, at_least, at_most, data_folder, ratio_at_least  # noqa: E402
from alarm_latency import alarm_latency  # noqa: E402
from server import free_port, get, wait_for  # noqa: E402
from whole_engine import TOPIC, Engine, Messages, broker, compressor_lines, name, post, post_whole, publish, whole_request  # noqa: E402

SEED = pathlib.Path(__file__).parent / "peers" / "seed_like.py"
PER_BODY = 1000


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


def two_cores(table):
    """The wall's rate with two lanes, the engine on one core and on two; the client has the second one, or shares it."""
    rates = {"0": [], "0,1": []}
    for round_ in range(table.rounds + 1):
        for cores, taken in rates.items():
            taken.append(wall_rate(cores))
    table.show("whole/two_cores", "messages of 6 readings per second of the wall, two cores", rates["0,1"][1:], rates["0"][1:],
               "the same on one core", ratio_at_least(1.7),
               note="two lanes, 24 connections with four assets each; the client shares the second core")


def wall_rate(cores, n=960, n_connections=24):
    """Each connection speaks for its own assets, as gateways do: one asset's readings come in the order of their times."""
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder, Engine(folder, 100, cores=cores, lanes=2) as engine:
        senders = []
        for k in range(n_connections):
            messages = Messages(100 // n_connections, first=k * (100 // n_connections))
            requests = [whole_request(engine.port, messages.body(PER_BODY)) for _ in range(n // n_connections)]
            senders.append(threading.Thread(target=post_whole, args=(engine.port, requests)))
        began = time.monotonic()
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        took = time.monotonic() - began
        if engine.stored() != 6 * n * PER_BODY:
            raise SystemExit("not every reading was stored")
        return n * PER_BODY / took


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
                         ("whole/alarm_p99", alarm_latency),
                         ("whole/two_cores", two_cores), ("whole/start_empty", start), ("whole/memory_100k", many)):
        if table.wants(row) or (row == "whole/memory_100k" and table.wants("whole/start_100k")):
            measure(table)


if __name__ == "__main__":
    main()
