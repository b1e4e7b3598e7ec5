#!/usr/bin/env python3
"""kill -9 under HTTP and MQTT load, 25 times: nothing that was acknowledged is lost, nothing is stored twice.

The oracle is outside: this script notes what it sent and what was acknowledged, and a process that only reads writes out all that is stored.
Acknowledged means for HTTP a 200 with a verdict, for MQTT that the broker has the message (its persistent session owes it to us).
usage: kill_test.py [KILLS] [SEED]
"""
import csv
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from datetime import datetime

KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 25
SEED = int(sys.argv[2]) if len(sys.argv) > 2 else int(time.time())
START = 1_767_225_600  # 2026-01-01T00:00:00Z
PER_BATCH = 50


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Engine:
    def __init__(self, program, site, port, log):
        self.program, self.site, self.port, self.log, self.process = program, site, port, log, None

    def start(self):
        self.process = subprocess.Popen([self.program, "run", self.site], stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"the engine ended by itself with status {self.process.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=1):
                    return
            except OSError:
                time.sleep(0.01)
        raise SystemExit("the engine was not ready within 30 s")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=20)


class HttpWriter(threading.Thread):
    """Posts batches one after the other; a batch without an answer is posted again until there is one."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.port, self.done, self.acknowledged, self.next, self.unanswered = port, False, {}, 0, 0
        self.news = threading.Condition()

    def batch(self):
        rows = []
        for k in range(self.next, self.next + PER_BATCH):
            t = START + k
            rows.append({"asset": f"H-{k % 7}", "signal": "flow", "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(t)), "value": k + 0.25})
        return rows

    def run(self):
        while not self.done:
            rows = self.batch()
            request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/v1/readings", json.dumps(rows).encode(), {"Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    answer.read()
            except OSError:
                self.unanswered += 1
                time.sleep(0.02)  # the engine is down: this is the pause between two attempts
                continue
            with self.news:
                for k, row in enumerate(rows):
                    self.acknowledged[(row["asset"], START + self.next + k)] = row["value"]
                self.next += PER_BATCH
                self.news.notify_all()


class MqttWriter(threading.Thread):
    """mosquitto_pub with QoS 1: when it ends with status 0 the broker has acknowledged every line."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.host, self.port = url.removeprefix("mqtt://").split(":")
        self.done, self.acknowledged, self.next = False, {}, 0

    def run(self):
        while not self.done:
            lines = []
            for k in range(self.next, self.next + PER_BATCH):
                lines.append(json.dumps({"asset": f"M-{k % 5}", "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(START + k)), "values": {"level": k + 0.5}}))
            command = ["mosquitto_pub", "-h", self.host, "-p", self.port, "-q", "1", "-t", "killtest/readings", "-l"]
            if subprocess.run(command, input="\n".join(lines).encode() + b"\n").returncode == 0:
                for k in range(self.next, self.next + PER_BATCH):
                    self.acknowledged[(f"M-{k % 5}", START + k)] = k + 0.5
                self.next += PER_BATCH


def stored_readings(program, directory):
    """Every reading in the files, by a process of its own that only reads: one row a reading, so that a repeat would be seen."""
    rows = csv.DictReader(subprocess.run([program, "export", "--data", directory], check=True, capture_output=True, text=True).stdout.splitlines())
    return [(row["asset"], int(datetime.fromisoformat(row["time"]).timestamp()), float(row["value"])) for row in rows]


def main():
    url, program = os.environ.get("TELLTALE_TEST_MQTT_URL"), os.environ.get("TELLTALE_PROGRAM")
    if not url or not program:
        print("needs TELLTALE_TEST_MQTT_URL and TELLTALE_PROGRAM: run by ./dev test")
        return 77
    print(f"seed {SEED}, {KILLS} kills")
    chance = random.Random(SEED)
    with tempfile.TemporaryDirectory(prefix="telltale-kill-") as folder:
        directory, port = pathlib.Path(folder, "data"), free_port()
        site = pathlib.Path(folder, "site.yaml")
        site.write_text(f"""site: kill
sources:
  - {{name: broker, mqtt: {{url: "{url}", topic: killtest/readings, qos: 1, client_id: killtest}}, mapping: telltale}}
store: {{directory: "{directory}"}}
api: {{listen: "127.0.0.1:{port}"}}
log: {{level: warning}}
""")
        with open(pathlib.Path(folder, "engine.log"), "w+b") as log:
            engine = Engine(program, site, port, log)
            engine.start()
            http, mqtt = HttpWriter(port), MqttWriter(url)
            http.start()
            mqtt.start()
            try:
                for _ in range(KILLS):
                    with http.news:  # at least one batch between two kills, then at any moment of the next ones
                        before = http.next
                        if not http.news.wait_for(lambda: http.next > before, timeout=30):
                            raise SystemExit("no batch was acknowledged within 30 s")
                    time.sleep(chance.uniform(0, 0.4))  # the random moment of the kill
                    engine.kill()
                    engine.start()
                http.done = mqtt.done = True
                http.join()
                mqtt.join()
                return judge(engine, http, mqtt, program, directory)
            except SystemExit:
                log.flush()
                log.seek(0)
                print(log.read()[-4000:].decode(errors="replace"))
                raise
            finally:
                http.done = mqtt.done = True
                if engine.process.poll() is None:
                    engine.process.kill()


def judge(engine, http, mqtt, program, directory):
    sent = http.acknowledged | mqtt.acknowledged
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:  # what the broker still holds comes by itself
        if {(a, t) for a, t, _ in stored_readings(program, directory)} >= set(sent):
            break
        time.sleep(0.1)
    status = engine.stop()
    rows = stored_readings(program, directory)
    stored = {(a, t): v for a, t, v in rows}
    lost = [key for key in sent if key not in stored]
    wrong = [key for key, value in sent.items() if key in stored and stored[key] != value]
    print(f"{len(http.acknowledged)} readings acknowledged over HTTP ({http.unanswered} attempts unanswered), {len(mqtt.acknowledged)} by the broker; "
          f"{len(rows)} stored, {len(lost)} lost, {len(rows) - len(stored)} twice, {len(wrong)} changed; last stop: status {status}")
    return 0 if not lost and not wrong and len(rows) == len(stored) and status == 0 and http.acknowledged and mqtt.acknowledged else 1


sys.exit(main())
