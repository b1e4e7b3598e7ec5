#!/usr/bin/env python3
"""What the original systems do with a message: JSON, limits, a z-score over 30 readings by numpy, SQLite in batches of 100.

    seed_like.py MESSAGES.jsonl           reads messages line by line, no transport
    seed_like.py --broker HOST:PORT N     takes N messages of QoS 1 from a broker with paho

Prints one number: messages per second of its own CPU time."""
import collections
import json
import os
import resource
import sqlite3
import sys
import tempfile

import numpy as np

LIMITS = {
    "temp_f": (None, 210), "discharge_pressure_psi": (None, 250), "suction_pressure_psi": (None, 80),
    "rpm": (900, None), "oil_pressure_psi": (20, None), "vibration_mmps": (None, 6.0),
}


class Pipeline:
    def __init__(self, path):
        self.windows = collections.defaultdict(lambda: collections.deque(maxlen=30))
        self.pending = []
        self.anomalies = 0
        self.database = sqlite3.connect(path)  # rollback journal, synchronous FULL: SQLite's defaults
        self.database.execute("CREATE TABLE readings (unit TEXT, ts TEXT, suction REAL, discharge REAL, temp REAL, rpm REAL, oil REAL,"
                              " vibration REAL, fault TEXT, status TEXT, anomaly INTEGER)")

    def take(self, payload):
        message = json.loads(payload)
        flagged = False
        for signal, (low, high) in LIMITS.items():
            value = message[signal]
            if (low is not None and value < low) or (high is not None and value > high):
                flagged = True
            window = self.windows[message["unit_id"], signal]
            if len(window) >= 10:
                past = np.array(window)
                deviation = past.std()
                if deviation > 0 and abs((value - past.mean()) / deviation) > 3.0:
                    flagged = True
            window.append(value)
        self.anomalies += flagged
        self.pending.append((message["unit_id"], message["timestamp"], *(message[s] for s in LIMITS), message["fault_type"],
                             message["status"], int(flagged)))
        if len(self.pending) >= 100:
            self.commit()

    def commit(self):
        self.database.executemany("INSERT INTO readings VALUES (?,?,?,?,?,?,?,?,?,?,?)", self.pending)
        self.database.commit()
        self.pending.clear()


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def from_file(pipeline, path):
    with open(path, "rb") as lines:
        messages = lines.readlines()
    began = cpu_seconds()
    for message in messages:
        pipeline.take(message)
    pipeline.commit()
    return len(messages) / (cpu_seconds() - began)


def from_broker(pipeline, address, n):
    import paho.mqtt.client as mqtt
    host, port = address.rsplit(":", 1)
    seen = [0, 0.0, 0.0]

    def on_message(client, _, message):
        if seen[0] == 0:
            seen[1] = cpu_seconds()
        pipeline.take(message.payload)
        seen[0] += 1
        if seen[0] == n:
            pipeline.commit()
            seen[2] = cpu_seconds()
            client.disconnect()

    versions = getattr(mqtt, "CallbackAPIVersion", None)
    client = mqtt.Client(versions.VERSION2, client_id="seed") if versions else mqtt.Client(client_id="seed")
    client.on_message = on_message
    client.on_connect = lambda c, *_: c.subscribe("compressor/telemetry", qos=1)
    client.on_subscribe = lambda *_: print("ready", file=sys.stderr, flush=True)
    client.connect(host, int(port))
    client.loop_forever()
    return n / (seen[2] - seen[1])


def main():
    with tempfile.TemporaryDirectory(dir=os.environ.get("TELLTALE_BENCH_DATA", ".")) as folder:
        pipeline = Pipeline(os.path.join(folder, "seed.db"))
        if sys.argv[1] == "--broker":
            rate = from_broker(pipeline, sys.argv[2], int(sys.argv[3]))
        else:
            rate = from_file(pipeline, sys.argv[1])
    print(f"{rate:.1f}")


main()
