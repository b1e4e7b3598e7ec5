"""`detect` on files as people have them: what it prints, writes and draws."""
import csv
import gzip
import json
import lzma
import re

from program import DATA, InAFolder, clock, healthy, needs_data, pump


class Detect(InAFolder):
    def test_the_pump_of_the_documents(self):
        self.write("pump.csv", pump())
        answer = self.run_program("detect", "pump.csv")
        self.assertEqual(answer.status, 0, answer.err)
        lines = answer.lines()
        self.assertEqual(lines[0], "pump.csv: 4,000 rows, 1 s apart, 2026-01-01 00:00:00 to 01:06:39 UTC")
        self.assertIn("Judged: flow [l/min], motor temp.  Baseline: the first 10 min", lines)
        self.assertIn("Not judged: batch (numbers the rows)", lines)
        self.assertRegex(answer.out, r"2 anomalies \(0\.\d expected by chance; a rolling 3-sigma rule would flag \d+ rows\)")
        self.assertRegex(answer.out, r"  1  00:41:40  1 s +flow 66\.7 l/min, expected 49\.\d to 52\.\d l/min")
        self.assertRegex(answer.out, r"  2  00:53:20  13 min, open  motor temp 6\d\.?\d*, expected \d\d")
        self.assertIn("Picture: --report F.html   Rows: --out DIR   Live: telltale init pump.csv", lines[-1])

    def test_json_says_the_same(self):
        self.write("pump.csv", pump())
        rows = self.run_program("detect", "pump.csv", "--json").json()
        self.assertEqual(rows[-1], {"status": "ok", "exit": 0, "files": 1, "judged": 1, "anomalies": 2})
        table = rows[0]["tables"][0]
        self.assertEqual((table["rows"], table["from"], table["period_s"]), (4000, "2026-01-01T00:00:00Z", 1))
        self.assertEqual([a["signal"] for a in table["anomalies"]], ["flow", "motor temp"])
        self.assertEqual([a["open"] for a in table["anomalies"]], [False, True])
        self.assertEqual(table["anomalies"][0]["line"], 2502)

    def test_a_site_file_brings_its_limits(self):
        self.write("pump.csv", pump())
        limit = "{rule: flow_high, above: 60, priority: 1}"
        self.write("site.yaml", "assets:\n  - {id: pump, signals: [{name: flow, unit: l/min, limits: [" + limit + "]}]}\ndetectors: [threshold]\n")
        answer = self.run_program("detect", "pump.csv", "--site", "site.yaml", "--json")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertEqual([(a["rule"], a["value"]) for a in answer.json()[0]["tables"][0]["anomalies"]], [("flow_high", 66.7)])
        self.write("wrong.yaml", "detectors: [treshold]\n")
        answer = self.run_program("detect", "pump.csv", "--site", "wrong.yaml")
        self.assertEqual(answer.status, 78)
        self.assertIn("did you mean 'threshold'?", answer.err)

    def test_findings_fail_only_when_asked_to(self):
        self.write("pump.csv", pump())
        self.write("calm.csv", "\n".join(healthy()))
        self.assertEqual(self.run_program("detect", "pump.csv").status, 0)
        self.assertEqual(self.run_program("detect", "pump.csv", "--fail-on-findings").status, 4)
        self.assertEqual(self.run_program("detect", "calm.csv", "--fail-on-findings").status, 0)

    def test_out_has_a_line_for_every_row_under_the_files_own_name(self):
        text = pump()
        self.write("a/pump.csv.gz", gzip.compress(text.encode()))
        self.write("b/other.csv.xz", lzma.compress(text.encode()))
        answer = self.run_program("detect", "a/pump.csv.gz", "b/other.csv.xz", "--out", "rows")
        self.assertEqual(answer.status, 0, answer.err)
        for name in ("rows/a/pump.csv", "rows/b/other.csv"):
            rows = list(csv.reader(self.read(name).splitlines()))
            self.assertEqual(rows[0], ["time", "score", "event"])
            self.assertEqual([row[0] for row in rows[1:]], [clock(k) for k in range(4000)])
            abnormal = [k for k, row in enumerate(rows[1:]) if float(row[1]) >= 0.5]
            self.assertEqual(abnormal[0], 2500)
            self.assertEqual([k for k, row in enumerate(rows[1:]) if row[2] == "1"], [2500, 3200])
            self.assertTrue(all(0 <= float(row[1]) <= 1 for row in rows[1:]))

    def test_one_file_is_written_under_its_plain_name_and_never_over_itself(self):
        self.write("a/pump.csv", pump(800, 700, 900))
        self.assertEqual(self.run_program("detect", "a/pump.csv", "--out", "rows").status, 0)
        self.assertTrue((self.folder / "rows/pump.csv").is_file())
        before = self.read("a/pump.csv")
        answer = self.run_program("detect", "a/pump.csv", "--out", "a")
        self.assertEqual(answer.status, 1)
        self.assertIn("is the input itself", answer.err)
        self.assertEqual(self.run_program("detect", "a/pump.csv", "--report", "a/pump.csv").status, 2)
        self.assertEqual(self.read("a/pump.csv"), before)

    def test_two_inputs_of_one_name_are_refused_before_anything_is_written(self):
        self.write("pump.csv", pump(800, 700, 900))
        self.write("pump.csv.gz", gzip.compress(pump(800, 700, 900).encode()))
        answer = self.run_program("detect", "pump.csv", "pump.csv.gz", "--out", "rows")
        self.assertEqual(answer.status, 2)
        self.assertFalse((self.folder / "rows").exists())

    def test_the_report_is_one_page_without_any_outside_host(self):
        self.write("pump <b>.csv", pump())
        answer = self.run_program("detect", "pump <b>.csv", "--report", "pump.html")
        self.assertEqual(answer.status, 0, answer.err)
        page = self.read("pump.html")
        self.assertNotRegex(page, r"https?://|src=|href=\"[^#]|<script|@import|url\(")
        self.assertIn("pump &lt;b&gt;.csv", page)
        self.assertNotIn("<b>", page)
        self.assertGreaterEqual(len(re.findall(r"<svg ", page)), 4)  # two anomalies, two signals
        self.assertIn("prefers-color-scheme:dark", page)
        self.assertLess(len(page), 1_000_000)

    def test_when_leaves_out_rows_that_do_not_count(self):
        lines = ["time,current [A],temp"]
        for k in range(3000):
            runs = k % 600 >= 200
            lines.append(f"{clock(k)},{(5 + 0.01 * (k % 7)) if runs else 0.02},{(60 if runs else 20) + 0.1 * (k % 11):.1f}")
        self.write("duty.csv", "\n".join(lines))
        hint = self.run_program("detect", "duty.csv").out
        self.assertIn("--when 'current > ", hint)
        answer = self.run_program("detect", "duty.csv", "--when", "current > 1")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertIn("--when leaves out 1,000 rows", answer.out)
        self.assertIn("0 anomalies", answer.out)
        self.assertEqual(self.run_program("detect", "duty.csv", "--when", "current [A] > 1 and temp < 100").status, 0)
        wrong = self.run_program("detect", "duty.csv", "--when", "curent > 1")
        self.assertEqual(wrong.status, 1)
        self.assertIn("did you mean 'current'?", wrong.err)

    def test_a_baseline_is_rows_a_span_or_a_file(self):
        self.write("pump.csv", pump())
        self.write("good.csv", pump(2000, -1, 9999))
        for baseline, words in (("400", "the first 400 rows"), ("2026-01-01T00:10:00..2026-01-01T00:30:00", "2026-01-01 00:10:00 to 00:29:59 UTC"), ("good.csv", "good.csv")):
            with self.subTest(baseline):
                answer = self.run_program("detect", "pump.csv", "--baseline", baseline)
                self.assertEqual(answer.status, 0, answer.err)
                self.assertIn("Baseline: " + words, answer.out)
                self.assertIn("00:41:40", answer.out)
        for wrong in ("0", "tomorrow", "2026-01-02..2026-01-01", "nowhere.csv"):
            answer = self.run_program("detect", "pump.csv", "--baseline", wrong)
            self.assertNotEqual(answer.status, 0)
            self.assertIn("--baseline", answer.err)

    def test_columns_are_ignored_by_name(self):
        self.write("pump.csv", pump())
        table = self.run_program("detect", "pump.csv", "--ignore", "motor temp", "--json").json()[0]["tables"][0]
        self.assertEqual(table["judged"], ["flow [l/min]"])
        self.assertIn({"column": "motor temp", "why": "ignored"}, table["not_judged"])

    def test_the_classic_rule_is_as_the_definition_has_it(self):
        values = [10 + (k % 2) for k in range(40)] + [12.1] + [10 + (k % 2) for k in range(10)]
        self.write("v.csv", "time,v\n" + "".join(f"{clock(k)},{v}\n" for k, v in enumerate(values)))
        self.assertEqual(self.run_program("detect", "v.csv", "--mode", "classic", "--window", "30", "--out", "o").status, 0)
        score = [float(row[1]) for row in list(csv.reader(self.read("o/v.csv").splitlines()))[1:]]
        self.assertEqual([k for k, s in enumerate(score) if s >= 0.5], [40])  # mean 10.5, deviation 0.5: beyond 12
        self.assertTrue(all(s == 0 for s in score[:10]))  # silent until ten are there

    def test_standard_input_and_several_files(self):
        self.write("a.csv", pump(800, 700, 900))
        answer = self.run_program("detect", "-", stdin=pump(800, 700, 900).encode())
        self.assertEqual(answer.status, 0, answer.err)
        self.assertTrue(answer.out.startswith("standard input: 800 rows"))
        answer = self.run_program("detect", "a.csv", "missing.csv", "a.csv")
        self.assertEqual(answer.status, 3)
        self.assertIn("missing.csv", answer.err)
        self.assertIn("3 files, 2 anomalies", answer.out)


class RecordedFiles(InAFolder):
    @needs_data
    def test_metropt_is_read_well(self):
        answer = self.run_program("detect", DATA / "metropt3-sample/metropt3_first_rows.csv.xz")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertIn("1,000 rows, 10 s apart, 2020-02-01 00:00:00 to 02:45:01 UTC", answer.out)
        self.assertIn("Unnamed: 0 (numbers the rows)", answer.out)
        self.assertIn("LPS, Oil_level, Caudal_impulses (constant)", answer.out)
        self.assertIn("--when 'Motor_current > ", answer.out)

    @needs_data
    def test_skab_is_read_well(self):
        answer = self.run_program("detect", DATA / "skab/valve1/0.csv.xz", "--ignore", "anomaly,changepoint", "--json")
        table = answer.json()[0]["tables"][0]
        self.assertEqual((table["rows"], table["period_s"], len(table["judged"])), (1147, 1, 8))

    @needs_data
    def test_nab_is_read_well(self):
        answer = self.run_program("detect", *sorted((DATA / "nab/realKnownCause").glob("*.csv.xz")), "--json")
        self.assertEqual(answer.status, 0, answer.err)
        tables = {row["file"].rsplit("/")[-1]: row["tables"][0] for row in answer.json()[:-1]}
        machine = tables["machine_temperature_system_failure.csv.xz"]
        self.assertEqual((machine["rows"], machine["from"], machine["period_s"]), (22695, "2013-12-02T21:15:00Z", 300))
        self.assertTrue(any("backwards" in note for note in machine["notes"]), machine["notes"])
