#!/usr/bin/env python3
"""A recorded history replayed into the engine, killed with -9 on the way, gives the anomalies that `detect` gives, and its alarm
can be acknowledged. The history is the machine temperature of the Numenta Anomaly Benchmark; without it the test is skipped."""
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
HISTORY = PROJECT.parent / "shared/data/nab/realKnownCause/machine_temperature_system_failure.csv.xz"
KILLS = 3


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(port, path, body=None, content="application/json"):
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", None if body is None else json.dumps(body).encode(), {"Content-Type": content})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def until(what, condition, seconds=90):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if (got := condition()) is not None:
                return got
        except OSError:
            pass
        time.sleep(0.02)
    raise SystemExit(f"{what} did not happen within {seconds} s")


def stored(port):
    return ask(port, "/api/v1/ledger")["total"]["stored"]


def expected(program, site):
    done = subprocess.run([program, "detect", HISTORY, "--site", site, "--asset", "machine", "--json", "--all"], stdout=subprocess.PIPE, check=True)
    table = json.loads(done.stdout.splitlines()[0])["tables"][0]
    return sorted((a["from"], a["rule"], a["signal"]) for a in table["anomalies"] if a["rule"] == "baseline")


def begun(port):
    rows = ask(port, "/api/v1/anomalies?limit=1000&from=2013-01-01T00:00:00Z&to=2015-01-01T00:00:00Z")["anomalies"]
    return sorted((a["time"], a["rule"], a["signal"]) for a in rows if a["rule"] == "baseline")


def main():
    program = os.environ.get("TELLTALE_PROGRAM")
    if not program or not HISTORY.exists():
        print("needs TELLTALE_PROGRAM and the recorded data: run by ./dev test beside the data")
        return 77
    chance = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    with tempfile.TemporaryDirectory(prefix="telltale-replay-") as folder:
        port, site = free_port(), pathlib.Path(folder, "site.yaml")
        site.write_text(f"""site: replay
assets:
  - {{id: machine, signals: [{{name: value, limits: [{{rule: value_high, above: 20}}]}}]}}
sources:
  - {{name: history, csv: {{file: "{HISTORY}", speed: 0, shift: none, asset: machine}}}}
detectors: [baseline, threshold]
store: {{directory: "{folder}/data"}}
api: {{listen: "127.0.0.1:{port}"}}
log: {{level: warning}}
""")
        want = expected(program, site)
        rows = 0
        for kill in range(KILLS + 1):
            engine = subprocess.Popen([program, "run", site])
            try:
                until("ready", lambda: ask(port, "/readyz") and True)
                if kill < KILLS:
                    goal = rows + chance.randint(500, 5000)
                    until("more readings", lambda: stored(port) if stored(port) >= min(goal, 22_000) else None)
                    engine.send_signal(signal.SIGKILL)
                    engine.wait()
                    rows = goal
                    continue
                until("the end of the history", lambda: True if ask(port, "/api/v1/ledger")["total"]["received"] >= 22_695 else None)
                got = until("all anomalies", lambda: begun(port) if len(begun(port)) >= len(want) else None)
                acknowledge(port)
            finally:
                if engine.poll() is None:
                    engine.terminate()
                    engine.wait(timeout=20)
        print(f"{len(want)} anomalies by detect, {len(got)} by the engine after {KILLS} kills -9")
        for line in sorted(set(want) ^ set(got)):
            print("only", "detect:" if line in want else "engine:", *line)
        return 0 if want == got and want else 1


def acknowledge(port):
    alarm = ask(port, "/api/v1/alarms?state=open")["alarms"][0]  # the limit is exceeded to the end
    answer = ask(port, f"/api/v1/alarms/{alarm['id']}/acknowledge", {"name": "Ada", "note": "seen"})
    assert "Ada" in json.dumps(answer), answer


sys.exit(main())
