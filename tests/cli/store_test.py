"""The words on a data directory: export, backup, restore, compact; also beside the engine that writes it."""
import csv
import io
import json

from engine_test import Beside
from import_test import SITE, stamp, wide
from program import InAFolder


class Stored(InAFolder):
    def setUp(self):
        super().setUp()
        self.write("site.yaml", SITE)
        self.lines = wide(5000)
        self.write("pump.csv", "\n".join(self.lines))
        answer = self.run_program("import", "pump.csv", "site.yaml", "--asset", "P-1", "--json")
        self.assertEqual(answer.status, 0, answer.err)

    def exported(self, *words):
        answer = self.run_program("export", *words)
        self.assertEqual(answer.status, 0, answer.err)
        return answer.out

    def test_export_gives_every_value_in_every_digit(self):
        rows = list(csv.DictReader(io.StringIO(self.exported())))
        flow = [(r["time"], float(r["value"])) for r in rows if r["signal"] == "flow"]
        self.assertEqual(flow, [(line.split(",")[0], float(line.split(",")[1])) for line in self.lines[1:]])
        self.assertEqual({r["quality"] for r in rows}, {"good"})
        some = self.exported("site.yaml", "--asset", "P-*", "--signal", "te*", "--from", stamp(100), "--to", stamp(200), "--json")
        objects = [json.loads(line) for line in some.splitlines()]
        self.assertEqual([o["time"] for o in objects[:-1]], [stamp(k) for k in range(100, 200)])
        self.assertEqual(objects[-1], {"status": "ok", "readings": 100})

    def test_a_backup_comes_back_whole(self):
        before = self.exported()
        answer = self.run_program("backup", "monday.tar", "site.yaml", "--json")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertGreater(answer.json()[-1]["newest_input"], 0)
        again = self.run_program("backup", "monday.tar")
        self.assertEqual(again.status, 78)
        self.assertIn("exists already", again.err)
        self.assertEqual(self.run_program("restore", "monday.tar", "other").status, 0)
        self.assertEqual(self.exported("--data", "other"), before)
        self.assertEqual(self.run_program("restore", "monday.tar", "other").status, 78)
        self.assertEqual(self.exported("--data", "telltale-data"), before)

    def test_compact_changes_files_and_nothing_else(self):
        before = self.exported()
        answer = self.run_program("compact", "--json")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertGreater(answer.json()[-1]["files"], 0)
        self.assertEqual(self.exported(), before)
        self.assertEqual(self.run_program("compact", "--data", "nowhere").status, 3)

    def test_nothing_there_is_said(self):
        for words in (["export"], ["backup", "some.tar"]):
            answer = self.run_program(*words, "--data", "nowhere")
            self.assertEqual(answer.status, 78, answer.err)
            self.assertIn("nothing has been stored there yet", answer.err)


class BesideAnEngine(Beside):
    def test_backup_and_export_work_while_the_engine_runs(self):
        self.write("site.yaml", SITE)
        self.start()
        for k in range(50):
            self.post({"flow": k}, k)
        answer = self.word("backup", "monday.tar")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertEqual(self.word("restore", "monday.tar", "other").status, 0)
        rows = list(csv.DictReader(io.StringIO(self.word("export", "--data", "other").out)))
        self.assertEqual([float(r["value"]) for r in rows], list(range(50)))
        self.assertEqual(self.word("export").out, self.word("export", "--data", "other").out)
        compact = self.word("compact")
        self.assertNotEqual(compact.status, 0)
        self.assertIn("in use by", compact.err)
