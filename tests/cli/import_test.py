"""`telltale import`: recorded history into a site's store, once, whatever stops it."""
import csv
import io
import os
import random
import signal
import subprocess
import time

from engine_test import Beside
from program import PROGRAM, InAFolder, clock

SITE = """
site: test
assets:
  - id: P-1
    signals:
      - {name: flow, unit: L/min, limits: [{rule: flow_high, above: 60, priority: 2}]}
      - {name: temp, unit: Cel}
"""
EVERYTHING = ["--from", "1990-01-01", "--limit", "10000000", "--data", "telltale-data"]


def stamp(second):
    return clock(second).replace(" ", "T") + "Z"


def wide(rows, seed=1, name_of_time="time"):
    noise = random.Random(seed)
    lines = [f"{name_of_time},flow,temp"]
    lines += [f"{stamp(k)},{round(50 + noise.gauss(0, 1), 1)},{round(20 + noise.gauss(0, 0.3), 2)}" for k in range(rows)]
    return lines


class Import(InAFolder):
    def setUp(self):
        super().setUp()
        self.write("site.yaml", SITE)

    def bring_in(self, *words):
        return self.run_program("import", *words, "site.yaml", "--asset", "P-1", "--json")

    def stored(self, signal_name):
        """What history says of the signal: (time, value, quality) of every reading."""
        answer = self.run_program("query", "P-1", signal_name, "--format", "csv", *EVERYTHING)
        return [(row["time"], row["value"], row["quality"]) for row in csv.DictReader(io.StringIO(answer.out))]

    def counts(self, answer):
        self.assertEqual(answer.status, 0, answer.err)
        file = answer.json()[0]
        self.assertEqual(file["received"], file["stored"] + file["duplicate"] + file["conflict"] + file["dead_letter"])
        return tuple(file[key] for key in ("stored", "duplicate", "conflict", "dead_letter"))

    def test_every_value_stands_under_its_own_time(self):
        lines = wide(3000)
        self.write("pump.csv", "\n".join(lines))
        self.assertEqual(self.counts(self.bring_in("pump.csv")), (6000, 0, 0, 0))
        rows = [line.split(",") for line in lines[1:]]
        self.assertEqual([(t, float(v)) for t, v, _ in self.stored("flow")], [(row[0], float(row[1])) for row in rows])
        self.assertEqual([(t, float(v)) for t, v, _ in self.stored("temp")], [(row[0], float(row[2])) for row in rows])

    def test_a_second_run_changes_nothing(self):
        lines = wide(500)
        self.write("pump.csv", "\n".join(lines))
        self.bring_in("pump.csv")
        before = self.stored("flow")
        again = self.bring_in("pump.csv")
        self.assertEqual(self.counts(again), (0, 0, 0, 0))
        self.assertIn("imported before", again.err)
        self.write("copy.csv", "\n".join(lines))
        self.assertEqual(self.counts(self.bring_in("copy.csv")), (0, 1000, 0, 0))
        self.assertEqual(self.stored("flow"), before)

    def test_another_value_under_the_same_time_is_kept_aside(self):
        lines = wide(300)
        self.write("pump.csv", "\n".join(lines))
        self.bring_in("pump.csv")
        before = self.stored("flow")
        lines[100] = lines[100].split(",")[0] + ",99.9,99.9"
        lines.append(f"{stamp(1000)},51,21")
        self.write("pump.csv", "\n".join(lines))  # grown and changed: another content, so from its first row
        self.assertEqual(self.counts(self.bring_in("pump.csv")), (2, 598, 2, 0))
        self.assertEqual(self.stored("flow"), before + [(stamp(1000), "51", "good")])

    def test_rows_in_any_order_and_repeated(self):
        lines = wide(2000)
        shuffled = lines[1:] + lines[1:200] + [line.split(",")[0] + ",1,1" for line in lines[500:510]]
        random.Random(3).shuffle(shuffled)
        first = {}
        for line in shuffled:
            first.setdefault(line.split(",")[0], line.split(",")[1])
        self.write("pump.csv", "\n".join(lines[:1] + shuffled))
        stored, repeated, conflicts, dead = self.counts(self.bring_in("pump.csv"))
        self.assertEqual((stored, repeated, conflicts, dead), (4000, 398, 20, 0))
        self.assertEqual([(t, float(v)) for t, v, _ in self.stored("flow")], [(t, float(v)) for t, v in sorted(first.items())])

    def test_a_long_table_with_qualities(self):
        self.write("long.csv", "time,asset,signal,value,quality\n" + "\n".join([
            f"{stamp(0)},P-1,flow,50.5,good",
            f"{stamp(0)},P-2,level,1.25,uncertain: spike",
            f"{stamp(1)},P-1,flow,,bad: missing",
            f"{stamp(2)},P-1,flow,52,\"bad: range, stuck\"",
            f"{stamp(3)},P-1,flow,53,Bad",
            f"{stamp(4)},P-1,flow,abc,good",
            f"{stamp(5)},P-1,,4,good",
        ]) + "\n")
        self.assertEqual(self.counts(self.bring_in("long.csv")), (5, 0, 0, 2))
        flow = self.stored("flow")
        self.assertEqual([(t, q) for t, _, q in flow],
                         [(stamp(0), "good"), (stamp(1), "bad: missing"), (stamp(2), "bad: range, stuck"), (stamp(3), "bad: source")])
        level = self.run_program("query", "P-2", "level", "--format", "csv", *EVERYTHING)
        self.assertIn("1.25,uncertain: spike", level.out)

    def test_what_is_exported_comes_in_as_it_was(self):
        self.write("pump.csv", "\n".join(wide(200) + [f"{stamp(900)},bad,21"]))
        self.bring_in("pump.csv")
        before = self.stored("flow"), self.stored("temp")
        exported = self.run_program("query", "P-1", "--format", "csv", *EVERYTHING)
        self.write("again.csv", exported.out)
        os.rename(self.folder / "telltale-data", self.folder / "elsewhere")
        answer = self.run_program("import", "again.csv", "site.yaml", "--json")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertEqual((self.stored("flow"), self.stored("temp")), before)

    def test_a_killed_import_goes_on(self):
        rows = 120_000
        self.write("pump.csv", "\n".join(wide(1)[:1] + [f"{1_700_000_000 + k},{50 + k % 7},{k % 11}" for k in range(rows)]))
        words = [PROGRAM, "import", "pump.csv", "site.yaml", "--asset", "P-1", "--time-format", "s"]
        killed = subprocess.Popen(words, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while killed.poll() is None and time.monotonic() < end:  # until some of it can be seen
            seen = self.run_program("query", "P-1", "flow", "--format", "csv", "--limit", "1", "--from", "1990-01-01", "--data", "telltale-data")
            if len(seen.lines()) > 1:
                break
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        answer = self.run_program("import", "pump.csv", "site.yaml", "--asset", "P-1", "--time-format", "s", "--json")
        stored, repeated, conflicts, dead = self.counts(answer)
        self.assertEqual((repeated, conflicts, dead), (0, 0, 0))
        self.assertLess(stored, 2 * rows, "the second run began anew")
        self.assertEqual(len(self.stored("flow")), rows)
        self.assertEqual(len(self.stored("temp")), rows)

    def test_the_future_is_no_history(self):
        self.write("pump.csv", "time,flow\n2026-01-01T00:00:00Z,50\n2026-01-01T00:00:01Z,51\n2200-01-01T00:00:00Z,52\n")
        self.assertEqual(self.counts(self.bring_in("pump.csv")), (2, 0, 0, 1))

    def test_mistakes_are_said(self):
        self.write("counter.csv", "seconds,flow\n" + "\n".join(f"{k},{k % 7}" for k in range(50)))
        self.write("words.csv", "a,b\nx,y\n")
        for words, status, said in [
            (["pump.csv"], 3, "pump.csv"),
            (["counter.csv"], 1, "no dates"),
            (["words.csv"], 1, "words.csv"),
            (["."], 1, "is a folder"),
        ]:
            answer = self.bring_in(*words)
            self.assertEqual(answer.status, status, answer.err)
            self.assertIn(said, answer.err)
        no_site = self.run_program("import", "counter.csv", "words.csv")
        self.assertEqual(no_site.status, 2)
        self.assertIn("is no site file", no_site.err)


class ImportAndEngine(Beside):
    def test_a_running_engine_is_left_alone_and_later_judges_nothing_of_it(self):
        self.write("site.yaml", SITE)
        self.write("pump.csv", "time,flow\n" + "\n".join(f"{stamp(k)},{99 if 100 < k < 200 or k >= 950 else 50}" for k in range(1000)))
        self.start()
        refused = self.run_program("import", "pump.csv", "site.yaml", "--asset", "P-1")
        self.assertEqual(refused.status, 74)
        self.assertIn("in use by", refused.err)
        self.assertIn("stop that engine", refused.err)
        self.stop()
        self.assertEqual(self.run_program("import", "pump.csv", "site.yaml", "--asset", "P-1").status, 0)
        for _ in range(2):  # also when the journal's tail is run again
            self.start()
            self.assertEqual(self.word("alarms").out.strip(), "No open alarms.")
            history = self.word("query", "P-1", "flow", "--from", stamp(0), "--to", stamp(1000), "--format", "csv", "--limit", "100000")
            self.assertEqual(sum(",99,99,99,99," in line or ",99,good" in line for line in history.lines()), 149, history.out[:500])
            self.assertEqual(self.stop()[0], 0)
        self.start()  # no lane saw how the file ends: the first live reading above the limit is news
        self.post({"flow": 70, "temp": 20}, 2000)
        self.assertIn("[2] P-1 flow", self.word("alarms").out)
