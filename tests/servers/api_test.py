#!/usr/bin/env python3
"""The HTTP interface of the real program, asked by clients that are not ours: curl, http.client, Node's WebSocket, raw sockets."""
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time

program = os.environ.get("TELLTALE_PROGRAM")
if not program:
    print("needs TELLTALE_PROGRAM: run by ./dev test")
    sys.exit(77)

folder = pathlib.Path(tempfile.mkdtemp(prefix="telltale-api-"))
failures = []


def check(what, fact, seen=""):
    if not fact:
        failures.append(what)
        print(f"FAILED {what}: {seen}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Engine:
    """`telltale run` on a site of its own, until the end of the block."""

    def __init__(self, name, api=""):
        self.port = free_port()
        site = folder / f"{name}.yaml"
        site.write_text(f"site: {name}\nassets:\n  - {{id: P-101, type: generic}}\nstore: {{directory: {folder / name}}}\n"
                        f"api:\n  listen: 127.0.0.1:{self.port}\n{api}")
        self.log = open(folder / f"{name}.log", "w+")
        self.process = subprocess.Popen([program, "run", str(site)], stdout=self.log, stderr=self.log)

    def __enter__(self):
        for _ in range(300):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.log.seek(0)
        sys.exit("the engine does not listen: " + self.log.read())

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        status = self.process.wait(timeout=15)
        check("SIGTERM ends it within 10 s with status 0", status == 0 and time.monotonic() - began < 10, status)


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "-m", "10", *arguments], capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else f"curl {done.returncode}: {done.stderr}"


def raw(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        s.sendall(text.encode())
        answer = b""
        while piece := s.recv(65536):
            answer += piece
        return answer.decode()


def plain(engine):
    url = f"http://127.0.0.1:{engine.port}"
    reading = '{"asset":"P-101","signal":"flow","time":"2026-01-01T00:00:00Z","value":50.2}'
    as_json = ["-H", "Content-Type: application/json"]

    receipt = json.loads(curl(*as_json, "-d", reading, f"{url}/api/v1/readings"))
    check("a reading is stored", receipt["items"][0]["verdict"] == "stored", receipt)
    receipt = json.loads(curl(*as_json, "-d", reading, f"{url}/api/v1/readings"))
    check("the same reading is a duplicate", receipt["items"][0]["verdict"] == "duplicate", receipt)

    many = folder / "many.json"
    many.write_text("[" + ",".join(f'{{"asset":"P-101","time":"2026-01-01T00:{k // 60:02}:{k % 60:02}Z","values":{{"flow":{k},"temp":{k % 7}}}}}' for k in range(1, 3000)) + "]")
    receipt = json.loads(curl(*as_json, "--data-binary", f"@{many}", f"{url}/api/v1/readings"))
    check("a large body (with 100-continue) is stored", receipt["stored"] == 5998, {k: receipt[k] for k in receipt if k != "items"})
    series = json.loads(curl("--compressed", f"{url}/api/v1/series?asset=P-101&signal=flow&from=2026-01-01&to=2026-01-02&max=100"))
    check("a thinned series keeps its highest value", max(series["series"][0]["max"]) == 2999, series["series"][0]["max"][-3:])
    check("curl reads packed answers", curl("--compressed", f"{url}/openapi.yaml").startswith("# The contract"))
    check("the page is for browsers", "<!doctype html>" in curl("-H", "Accept: text/html", f"{url}/").lower())
    check("the greeting is for programs", "endpoints" in curl(f"{url}/"))
    check("HEAD has no body", curl("-I", f"{url}/livez").count("\n\n") <= 1)
    check("metrics", "telltale_build_info{" in curl(f"{url}/metrics"))
    answer = curl("-X", "POST", *as_json, "-d", '{"timestamp":"2026-01-01T00:00:00","tag":"fermenter_temp","value":37.2}', f"{url}/ingest")
    check("the fermenter's ingest", json.loads(answer)["status"] == "success", answer)
    rows = json.loads(curl(f"{url}/data?tag=fermenter_temp"))
    check("the fermenter's data", [list(rows[0]), rows[0]["timestamp"]] == [["id", "timestamp", "tag", "value", "is_anomaly"], "2026-01-01T00:00:00"], rows)
    ledger = json.loads(curl(f"{url}/api/v1/ledger"))
    check("the ledger balances", ledger["balanced"], ledger)

    connection = http.client.HTTPConnection("127.0.0.1", engine.port, timeout=10)
    for _ in range(3):
        connection.request("GET", "/api/v1/assets")
        check("http.client keeps the connection", connection.getresponse().read().startswith(b'{"assets"'))
    lines = (f'{{"asset":"P-101","signal":"s","time":"2026-01-01T00:00:0{k}Z","value":{k}}}\n'.encode() for k in range(5))
    connection.request("POST", "/api/v1/readings", body=lines, headers={"Content-Type": "application/x-ndjson"}, encode_chunked=True)
    check("http.client's chunked lines are stored", json.loads(connection.getresponse().read())["stored"] == 5)

    check("slow header ends with 408 within 5 to 7 s", raw(engine.port, "GET /livez HTTP/1.1\r\nHost: loc").startswith("HTTP/1.1 408"))
    both = "POST /ingest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = raw(engine.port, both)
    check("a smuggled request is not answered", answers.startswith("HTTP/1.1 400") and answers.count("X-Request-Id") == 1, answers)


def live(engine):
    script = f"""
      const socket = new WebSocket('ws://127.0.0.1:{engine.port}/api/v1/live');
      const seen = [];
      setTimeout(() => {{ console.log(seen.join(' ')); process.exit(1); }}, 8000);
      socket.onmessage = async ({{ data }}) => {{
        const message = JSON.parse(data);
        seen.push(message.type);
        if (message.type === 'hello') socket.send(JSON.stringify({{ type: 'subscribe', assets: ['P-101'] }}));
        if (message.type === 'subscribed')
          await fetch('http://127.0.0.1:{engine.port}/api/v1/readings', {{ method: 'POST', headers: {{ 'Content-Type': 'application/json' }},
            body: JSON.stringify({{ asset: 'P-101', signal: 'live', value: 42 }}) }});
        if (message.type === 'new_data' && message.assets['P-101'].some(([name, , value]) => name === 'live' && value === 42)) {{
          console.log('heard'); process.exit(0);
        }}
      }};"""
    done = subprocess.run(["node", "--experimental-websocket", "-e", script], capture_output=True, text=True, timeout=60)
    check("Node's WebSocket hears a reading that fetch sent", done.stdout.strip() == "heard", done.stdout + done.stderr)


def secured(engine, certificates):
    url = f"https://localhost:{engine.port}"
    trust = ["--cacert", str(certificates / "ca.pem")]
    check("TLS answers", json.loads(curl(*trust, f"{url}/livez"))["ok"])
    check("TLS says how long to insist on it", "strict-transport-security: max-age=31536000" in curl("-D", "-", "-o", "/dev/null", *trust, f"{url}/livez").lower())
    check("TLS 1.1 is refused", curl(*trust, "--tls-max", "1.1", f"{url}/livez").startswith("curl"))
    check("a stranger's authority does not vouch for us", curl("--cacert", str(certificates / "other-ca.pem"), f"{url}/livez").startswith("curl 60"))


with Engine("plain") as engine:
    plain(engine)
    live(engine)
if certificates := os.environ.get("TELLTALE_TEST_TLS"):
    tls = f"  tls: {{certificate: {certificates}/server.pem, key: {certificates}/server.key}}\n"
    with Engine("secured", tls) as engine:
        secured(engine, pathlib.Path(certificates))

print(f"{len(failures)} failed" if failures else "the interface answers curl, http.client and Node")
sys.exit(1 if failures else 0)
