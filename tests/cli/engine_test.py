"""The words that work beside a running engine: alarms, query, doctor; and a site of `init` that runs at once."""
import csv
import json
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from program import PROGRAM, InAFolder, clock, pump

SITE = """
site: test
assets:
  - id: P-1
    signals:
      - {name: flow, unit: L/min, limits: [{rule: flow_high, above: 60, priority: 2}]}
      - {name: temp, unit: Cel}
"""


class Beside(InAFolder):
    def start(self, site="site.yaml", *options):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.engine = subprocess.Popen([PROGRAM, "run", site, "--listen", f"127.0.0.1:{self.port}", *options], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.until(lambda: self.get("/readyz") is not None)

    def stop(self):
        if self.engine.poll() is None:
            self.engine.send_signal(signal.SIGTERM)
        out, err = self.engine.communicate(timeout=30)
        return self.engine.returncode, out + err

    def until(self, holds):
        """Waits for a condition; an engine that ended meanwhile is a failure."""
        end = time.monotonic() + 60
        while not holds():
            if self.engine.poll() is not None:
                self.fail(f"the engine ended with {self.engine.returncode}: {self.engine.communicate()[1]}")
            self.assertLess(time.monotonic(), end, "waited 60 s in vain")

    def get(self, path):
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as answer:
                return json.load(answer)
        except OSError:
            return None

    def post(self, values, second):
        body = json.dumps({"asset": "P-1", "time": clock(second).replace(" ", "T") + "Z", "values": values}).encode()
        request = urllib.request.Request(self.url + "/api/v1/readings", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def word(self, *words):
        return self.run_program(*words, environment={"TELLTALE_URL": self.url})


class BesideAnEngine(Beside):
    def test_alarms_are_listed_and_acknowledged(self):
        self.write("site.yaml", SITE)
        self.start()
        self.assertEqual(self.word("alarms").out.strip(), "No open alarms.")
        self.post({"flow": 50, "temp": 20}, 0)
        self.post({"flow": 70, "temp": 20}, 1)
        alarms = [row for row in self.word("alarms", "--json").json() if "id" in row]
        self.assertEqual([(a["asset"], a["signal"], a["rule"]) for a in alarms], [("P-1", "flow", "flow_high")])
        listed = self.word("alarms").out
        self.assertIn("[2] P-1 flow", listed)
        self.assertIn("not acknowledged", listed)
        self.assertEqual(self.word("alarms", "ack", "ffffffffffffffffff", "--name", "Kim").status, 3)
        self.assertEqual(self.word("alarms", "ack", alarms[0]["id"]).status, 2)
        done = self.word("alarms", "ack", alarms[0]["id"][:8], "--name", "Kim", "--note", "valve 3")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("acknowledged by Kim: valve 3", self.word("alarms").out)
        again = self.word("alarms", "ack", alarms[0]["id"], "--name", "Lee")
        self.assertEqual(again.status, 1)
        self.assertIn("Kim", again.err)

    def test_an_alarm_that_cleared_unseen_is_acknowledged_after_a_kill(self):
        self.write("site.yaml", SITE)
        self.start()
        for second, flow in enumerate([50, 70, 50]):
            self.post({"flow": flow, "temp": 20}, second)
        cleared = [row for row in self.word("alarms", "--history", "--json").json() if "id" in row]
        self.assertEqual([(a["rule"], a["state"], a["acknowledged"]) for a in cleared], [("flow_high", "cleared", None)])
        self.engine.kill()
        self.engine.communicate()
        self.start()
        done = self.word("alarms", "ack", cleared[0]["id"], "--name", "Kim", "--note", "valve 3")
        self.assertEqual(done.status, 0, done.err)
        self.assertIn("cleared 2026-01-01 00:00:02, acknowledged by Kim: valve 3", done.out)
        self.assertEqual(self.word("alarms", "ack", cleared[0]["id"], "--name", "Lee").status, 1)

    def test_history_is_the_same_from_the_engine_and_from_its_directory(self):
        self.write("site.yaml", SITE)
        self.start()
        for second in range(5):
            self.post({"flow": 50 + second / 8, "temp": 20}, second)
        listed = [row for row in self.word("query", "--url", self.url, "--json").json() if "asset" in row]
        self.assertEqual([(r["asset"], r["signal"], r["readings"]) for r in listed], [("P-1", "flow", 5), ("P-1", "temp", 5)])
        window = ["--from", "2026-01-01T00:00:00Z", "--to", "2026-01-01T00:01:00Z", "--format", "csv"]
        asked = self.word("query", "P-1", "flow", "--url", self.url, *window)
        self.assertEqual(asked.status, 0, asked.err)
        rows = list(csv.DictReader(asked.lines()))
        self.assertEqual([(r["time"], float(r["value"])) for r in rows], [(f"2026-01-01T00:00:0{k}Z", 50 + k / 8) for k in range(5)])
        self.assertEqual(self.word("query", "P-1", "flow", "--data", "telltale-data", *window).out, asked.out)  # beside the running engine
        self.assertEqual(self.stop()[0], 0)
        self.assertEqual(self.word("query", "P-1", "flow", *window).out, asked.out)
        self.assertEqual(self.word("query", "P-1", "flwo").status, 3)
        self.assertIn("did you mean 'flow'?", self.word("query", "P-1", "flwo").err)

    def test_dead_letters_are_listed_shown_replayed_exported_and_purged(self):
        self.write("site.yaml", SITE)
        self.start()
        self.assertEqual(self.word("dead-letters").out.strip(), "No dead letters.")
        bad = json.dumps([{"asset": "P-1", "signal": "flow", "value": 1}, {"asset": "P-1", "signal": "flow", "value": "much"}]).encode()
        request = urllib.request.Request(self.url + "/api/v1/readings", bad, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            self.assertEqual(json.load(answer)["dead_letter"], 1)
        listed = [row for row in self.word("dead-letters", "--json").json() if "id" in row]
        self.assertEqual([(row["source"], row["reason"]) for row in listed], [("http", "bad_number")])
        shown = self.word("dead-letters", "show", listed[0]["id"])
        self.assertIn('"much"', shown.out)
        self.assertEqual(self.word("dead-letters", "show", "1").status, 3)
        replayed = self.word("dead-letters", "replay")
        self.assertEqual(replayed.status, 0, replayed.err)
        self.assertIn("dead_letter:bad_number", replayed.out)
        self.assertEqual(len([row for row in self.word("dead-letters", "--open", "--json").json() if "id" in row]), 1, "the same letter still")
        exported = json.loads(self.word("dead-letters", "export").lines()[0])
        self.assertIn("much", exported["content"])
        self.assertEqual(self.word("dead-letters", "--data", "telltale-data", "--json").json()[0]["id"], listed[0]["id"])
        self.assertEqual(self.word("dead-letters", "purge").status, 2)
        self.assertEqual(self.word("dead-letters", "purge", "--reason", "bad_unit").status, 0)
        self.assertIn("dead letters", self.word("doctor", "--data", "telltale-data").out)
        self.assertEqual(self.word("dead-letters", "purge", "--yes").status, 0)
        self.assertEqual(self.word("dead-letters").out.strip(), "No dead letters.")
        self.assertEqual(self.stop()[0], 0)
        self.assertEqual(self.word("dead-letters", "replay", "--data", "telltale-data").status, 2)

    def test_doctor_sees_a_ready_engine_and_its_ledger(self):
        self.write("site.yaml", SITE)
        self.start()
        self.post({"flow": 50, "temp": 20}, 0)
        answer = self.word("doctor", "site.yaml", "--url", self.url, "--json")
        about = {f["about"]: f for f in answer.json() if "about" in f}
        self.assertEqual(about["ledger"]["health"], "ok", answer.out)
        self.assertIn("2 received = 2 stored", about["ledger"]["finding"])
        self.assertEqual(about["store"]["health"], "ok", answer.out)
        self.assertEqual(answer.status, 0, answer.out)


class FromInitToRun(Beside):
    def test_a_site_made_from_a_file_runs_at_once_and_finds_what_detect_finds(self):
        self.write("pump.csv", pump())
        self.assertEqual(self.run_program("init", "pump.csv", "--asset", "P-101").status, 0)
        site = self.read("site.yaml").replace("speed: 1 ", "speed: 0 ").replace("shift: now", "shift: none")
        self.write("site.yaml", site)
        self.start()
        self.until(lambda: (self.get("/api/v1/ledger") or {"total": {"stored": 0}})["total"]["stored"] == 8000)
        day = "/api/v1/anomalies?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"
        self.until(lambda: len(self.get(day)["anomalies"]) >= 2)  # queries follow a little behind the commit
        found = self.get(day)["anomalies"]
        self.assertEqual(sorted((a["signal"], a["time"]) for a in found), [("flow", "2026-01-01T00:41:40Z"), ("motor temp", "2026-01-01T00:53:20Z")])
        self.assertEqual(self.stop()[0], 0)
