#!/usr/bin/env python3
"""The four originals' own messages, unchanged: sent by mosquitto_pub to a real Mosquitto with TLS and client certificate (or posted,
where the original posts), and asked back by the originals' own routes."""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from urllib.parse import urlparse

COMPRESSOR = {"unit_id": "COMP-001", "site": "EMIT-SITE-TX-01", "timestamp": "2026-02-23T00:10:01Z", "unix_ts": 1740268201.123,
              "suction_pressure_psi": 51.3, "discharge_pressure_psi": 198.7, "temp_f": 181.2, "rpm": 1198.4, "oil_pressure_psi": 34.6,
              "vibration_mmps": 7.4, "fault_type": "VIBRATION_SPIKE", "status": "FAULT"}
GRID = {"device_id": "sensor_0", "timestamp": "2024-01-01T12:00:00", "voltage": 262.5, "current": 4.2, "temperature": 35.1}
TRAIN = {"Time": 1, "Device_ID": "SGT-400-Main", "Timestamp": "2025-09-09T10:00:00Z", "Pressure_In": 3.5, "Pressure_Out": 17.2, "Vibration": 0.8, "Status": "Normal"}
FERMENTER = {"timestamp": "2025-11-22T10:05:30", "tag": "fermenter_temp", "value": 46.5}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", None if body is None else json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def until(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if got := condition():
                return got
        except OSError:
            pass
        time.sleep(0.02)
    sys.exit(f"{what} did not happen within {seconds} s")


def publish(url, tls, topic, message):
    command = ["mosquitto_pub", "-h", url.hostname, "-p", str(url.port), "--cafile", f"{tls}/ca.pem", "--cert", f"{tls}/client.pem", "--key", f"{tls}/client.key",
               "-u", os.environ["TELLTALE_TEST_MQTT_USER"], "-P", os.environ["TELLTALE_TEST_MQTT_PASSWORD"], "-q", "1", "-t", topic, "-m", json.dumps(message)]
    subprocess.run(command, check=True, timeout=20)


def source(name, topic, mapping, tls):
    return (f"  - {{name: {name}, mapping: {mapping}, mqtt: {{url: \"{os.environ['TELLTALE_TEST_MQTT_TLS_URL']}\", topic: \"{topic}\", "
            f"user: {os.environ['TELLTALE_TEST_MQTT_USER']}, tls: {{ca: {tls}/ca.pem, certificate: {tls}/client.pem, key: {tls}/client.key}}}}}}\n")


def main():
    program, tls = os.environ.get("TELLTALE_PROGRAM"), os.environ.get("TELLTALE_TEST_TLS")
    if not program or not os.environ.get("TELLTALE_TEST_MQTT_TLS_URL"):
        print("needs TELLTALE_PROGRAM and TELLTALE_TEST_MQTT_TLS_URL: run by ./dev test")
        return 77
    url, port = urlparse(os.environ["TELLTALE_TEST_MQTT_TLS_URL"]), free_port()
    with tempfile.TemporaryDirectory(prefix="telltale-originals-") as folder:
        site = pathlib.Path(folder, "site.yaml")
        site.write_text("site: originals\nassets:\n  - {id: COMP-001, type: gas_compressor}\n  - {id: sensor_0, type: power_grid}\n"
                        "  - {id: SGT-400-Main, type: sgt400_train}\nsources:\n" + source("compressor", "compressor/telemetry", "compressor", tls) +
                        source("grid", "grid/sensors/#", "powergrid", tls) + source("train", "sensors-raw", "sgt400", tls) +
                        f"store: {{directory: {folder}/data}}\napi: {{listen: \"127.0.0.1:{port}\", compat: compressor}}\nlog: {{level: warning}}\n")
        environment = os.environ | {f"TELLTALE_SOURCES__{name}__PASSWORD": os.environ["TELLTALE_TEST_MQTT_PASSWORD"] for name in ("COMPRESSOR", "GRID", "TRAIN")}
        engine = subprocess.Popen([program, "run", site], env=environment)
        try:
            until("three connections", lambda: sum(s["state"] == "connected" for s in ask(port, "/api/v1/sources")["sources"]) >= 3)
            publish(url, tls, "compressor/telemetry", COMPRESSOR)
            publish(url, tls, "grid/sensors/sensor_0", GRID)
            publish(url, tls, "sensors-raw", TRAIN)
            answer = ask(port, "/ingest", FERMENTER)
            assert answer["status"] == "success" and "is_anomaly" in answer, answer
            judge(port)
        finally:
            engine.terminate()
            status = engine.wait(timeout=20)
        assert status == 0, status
    print("rows, alarms and texts of all four came back")
    return 0


def judge(port):
    def rows(tag):
        return until(f"rows of {tag}", lambda: ask(port, f"/data?tag={tag}"))

    for tag, when, value in (("rpm", "2026-02-23T00:10:01", 1198.4), ("voltage", "2024-01-01T12:00:00", 262.5), ("pressure_out", "2025-09-09T10:00:00", 17.2),
                             ("fermenter_temp", "2025-11-22T10:05:30", 46.5)):
        row = rows(tag)[0]
        assert (row["timestamp"], row["value"], row["tag"]) == (when, value, tag), row
    assert ask(port, "/data?tag=voltage")[0]["is_anomaly"], "an over-voltage is stored and flagged, not deleted"
    messages = until("the compressor's message", lambda: ask(port, "/readings"))
    assert messages[-1]["fault_type"] == "VIBRATION_SPIKE" and messages[-1]["site"] == "EMIT-SITE-TX-01", messages[-1]
    assert until("the compressor's fault", lambda: ask(port, "/faults"))[0]["fault_type"] == "VIBRATION_SPIKE"
    alarms = {a["rule"] for a in ask(port, "/api/v1/alarms")["alarms"]}
    assert {"vibration_high", "voltage_high"} <= alarms, alarms


sys.exit(main())
