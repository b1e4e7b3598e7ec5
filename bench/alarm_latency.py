"""From a message published at the broker to the alarm at a WebSocket client, beside a bare hop through the same broker and one fdatasync."""
import itertools
import json
import os
import queue
import socket
import subprocess
import tempfile
import threading
import time

import paho.mqtt.client as mqtt
import websocket

from row import data_folder, ratio_at_most
from server import free_port, get, wait_for
from whole_engine import TOPIC, Engine, broker, compressor_lines, publish

LOADED, PROBED = 100, 100  # assets under load; the number of the one that is probed
SAMPLES = 300
HOP = "bench/hop"


def alarm_latency(table):
    with tempfile.TemporaryDirectory(dir=data_folder()) as folder:
        port = free_port()
        source = f'{{name: wellpad, mqtt: {{url: "mqtt://127.0.0.1:{port}", topic: {TOPIC}, qos: 1}}, mapping: compressor}}'
        with broker(folder, port), Engine(folder, LOADED + 1, source) as engine:
            wait_for(lambda: b'telltale_source_up{source="wellpad",kind="mqtt"} 1' in get(engine.url + "/metrics"))
            rate = full_rate(engine, port)
            with Load(port, rate / 2):
                alarms, bare = measured(engine, port, folder)
    ours, theirs = p99(alarms), p99(bare)
    table.show("whole/alarm_p99", "ms from publish to alarm on WebSocket, at half of full load", [ours], [theirs],
               "bare hop through Mosquitto and one fdatasync", ratio_at_most(1.5), "fdatasync before the alarm is shown | one fdatasync",
               note=f"medians {middle(alarms):.2f} and {middle(bare):.2f} ms, {rate / 2:.0f} messages/s, {SAMPLES} of each, Python client included")


def full_rate(engine, port, n=20_000):
    """Messages per second of the wall that broker, publisher and engine manage together."""
    stored, began = engine.stored(), time.monotonic()
    publish(port, compressor_lines(n, int(time.time()) - 400_000))
    wait_for(lambda: engine.stored() >= stored + 6 * n, seconds=120, pause=0.01)
    return n / (time.monotonic() - began)


class Load:
    """Publishes at an even rate until it is left."""

    def __init__(self, port, rate):
        self.rate, self.over = rate, threading.Event()
        self.publisher = subprocess.Popen(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-q", "1", "-l"],
                                          stdin=subprocess.PIPE)
        self.thread = threading.Thread(target=self.run)

    def run(self):
        lines, n, due = compressor_lines(1_000_000_000, int(time.time()) - 300_000), max(1, int(self.rate / 100)), time.monotonic()
        while not self.over.is_set():
            self.publisher.stdin.write(("\n".join(itertools.islice(lines, n)) + "\n").encode())
            self.publisher.stdin.flush()
            due += n / self.rate
            self.over.wait(max(0.0, due - time.monotonic()))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        self.publisher.stdin.close()
        self.publisher.wait(60)


def measured(engine, port, folder):
    """Milliseconds of both ways, taken in turns."""
    client, hops = hop_client(port)
    live = websocket.create_connection(f"ws://127.0.0.1:{engine.port}/api/v1/live", timeout=30)
    live.send(json.dumps({"type": "subscribe", "assets": [f"COMP-{PROBED:06d}"], "signals": []}))
    alarms, bare, second = [], [], int(time.time()) - 200_000
    with open(os.path.join(folder, "synced"), "wb", buffering=0) as synced:
        for k in range(SAMPLES + 20):
            a = one_alarm(client, live, second + 2 * k)
            b = one_hop(client, hops, synced)
            if k >= 20:  # the first ones warm up
                alarms.append(a)
                bare.append(b)
    live.close()
    client.loop_stop()
    client.disconnect()
    return alarms, bare


def hop_client(port):
    hops, ready = queue.SimpleQueue(), threading.Event()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="hop")
    client.on_message = lambda *_: hops.put(time.perf_counter())
    client.on_connect = lambda c, *_: c.subscribe(HOP, qos=1)
    client.on_subscribe = lambda *_: ready.set()
    client.connect("127.0.0.1", port)
    # Without it the client itself holds a message back while the broker's kernel puts off, for 40 ms, what confirms the one before.
    client.socket().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.loop_start()
    if not ready.wait(10):
        raise SystemExit("the broker did not take the subscription in 10 s")
    return client, hops


def one_alarm(client, live, second):
    """A vibration far above its limit, then a sound one: raised, timed, cleared."""
    began = time.perf_counter()
    client.publish(TOPIC, probe(second, 9.0), qos=1)
    heard(live, "raised")
    took = time.perf_counter() - began
    client.publish(TOPIC, probe(second + 1, 2.6), qos=1)
    heard(live, "cleared")
    return took * 1000


def probe(second, vibration):
    message = json.loads(next(compressor_lines(1, second)))
    message.update(unit_id=f"COMP-{PROBED:06d}", vibration_mmps=vibration)
    return json.dumps(message)


def heard(live, transition):
    while True:
        message = json.loads(live.recv())
        if message.get("type") == "new_alert" and message["transition"] == transition and message["alarm"]["rule"] == "vibration_high":
            return


def one_hop(client, hops, synced):
    began = time.perf_counter()
    client.publish(HOP, probe(0, 2.6), qos=1)
    arrived = hops.get(timeout=30)
    before = time.perf_counter()
    synced.write(b"x" * 4096)
    os.fdatasync(synced.fileno())
    return (arrived - began + time.perf_counter() - before) * 1000


def middle(figures):
    return sorted(figures)[len(figures) // 2]


def p99(figures):
    return sorted(figures)[int(0.99 * len(figures))]
