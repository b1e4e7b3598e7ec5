#!/usr/bin/env python3
"""A recorded history is replayed into the engine, which is killed with -9 on the way: every row arrives once, and the anomalies are to the bit those of a run that nobody killed."""
import json
import lzma
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

project = pathlib.Path(__file__).resolve().parent.parent.parent
program = os.environ["TELLTALE_PROGRAM"]
history = project.parent / "shared/data/nab/realKnownCause/machine_temperature_system_failure.csv.xz"
KILLS = 4
PACE = 1_000_000  # the recorded 79 days in about 7 s: long enough to be killed on the way

if not history.is_file():
    print(f"needs {history.name} in ../shared/data")
    sys.exit(77)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def ask(path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def wait_until(what, condition, patience=60):
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if condition():
                return
        except OSError:
            pass  # not listening yet
        if engine.poll() is not None:
            sys.exit(f"the engine ended with status {engine.returncode} while waiting until {what}")
        time.sleep(0.02)
    sys.exit(f"not within {patience} s: {what}")


def ledger():
    return ask("/api/v1/ledger")["total"]


def rows_of_history():
    with lzma.open(history, "rt") as lines:
        return sum(1 for _ in lines) - 1


def anomalies():
    found, path = [], "/api/v1/anomalies?limit=1000"
    answer = ask(path)
    while True:
        found += [(a["time"], a["signal"], a["rule"], a["value"], a["score"], a["statistic"], a["limit"]) for a in answer["anomalies"]]
        if not answer["next_cursor"]:
            return sorted(found)
        answer = ask(f"{path}&cursor={answer['next_cursor']}")


def replay(kills):
    """Returns the ledger and the anomalies at the end."""
    global engine
    with tempfile.TemporaryDirectory() as folder:
        site = pathlib.Path(folder) / "site.yaml"
        site.write_text(f"site: Replay\nsources:\n  - {{name: history, csv: {{file: {history}, speed: {PACE}, shift: none}}}}\n")
        for life in range(kills + 1):
            engine = subprocess.Popen([program, "run", str(site), "--listen", f"127.0.0.1:{port}"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            if life < kills:
                aim = (life + 1) * rows // (kills + 1)
                wait_until(f"{aim} rows have come", lambda: ledger()["received"] >= aim)
                engine.send_signal(signal.SIGKILL)
                engine.wait()
        wait_until("the history has ended", lambda: ledger()["received"] >= rows and ledger()["in_flight"] == 0)
        result = ledger(), anomalies()
        engine.terminate()
        engine.wait(15)
        return result


rows, port, engine = rows_of_history(), free_port(), None
whole, expected = replay(kills=0)
total, found = replay(KILLS)
print(f"{KILLS} kills: {total}; {len(found)} anomalies, without kills {len(expected)}")
if total["received"] != rows or total != whole:
    sys.exit(f"a row was lost or came twice: {rows} rows, without kills {whole}")
if not expected:
    sys.exit("no anomaly at all: this proves nothing")
if found != expected:
    print("only without kills:", sorted(set(expected) - set(found)))
    print("only with kills:   ", sorted(set(found) - set(expected)))
    sys.exit("a restart changed the results")
