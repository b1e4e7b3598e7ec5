"""Odd files end in a clear message or a marked row; never in a crash, never in silence."""
import csv

from program import InAFolder, clock, healthy


class OddFiles(InAFolder):
    def message(self, name, content, status=1):
        if content is not None:
            self.write(name, content)
        answer = self.run_program("detect", name)
        self.assertEqual(answer.status, status, answer.out + answer.err)
        self.assertTrue(answer.err.startswith("telltale detect: "), answer.err)
        self.assertIn(name, answer.err)
        return answer.err

    def table(self, name, content, *options):
        """The file judged, and its rows as --out has them."""
        self.write(name, content)
        answer = self.run_program("detect", name, "--json", "--out", "rows", *options)
        self.assertEqual(answer.status, 0, answer.err)
        return answer.json()[0]["tables"][0], list(csv.DictReader(self.read(f"rows/{name}").splitlines()))

    def test_what_is_no_table_is_said_to_be_none(self):
        self.assertIn("empty", self.message("empty.csv", ""))
        self.assertIn("no column holds numbers", self.message("words.csv", "time,name\n2026-01-01 00:00:00,a\n2026-01-01 00:00:01,b\n"))
        self.assertIn("no line holds a number", self.message("header.csv", "time,flow\n"))
        self.assertIn("no text", self.message("zeros.csv", bytes(range(256)) * 20))
        self.assertIn("damaged", self.message("cut.csv.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b"))
        self.assertIn("damaged", self.message("cut.csv.xz", b"\xfd7zXZ\x00\x00\x04\xe6\xd6"))

    def test_a_folder_and_a_missing_file_are_told_apart(self):
        (self.folder / "folder").mkdir()
        self.assertIn("is a folder", self.message("folder", None))
        self.assertIn("No such file", self.message("missing.csv", None, status=3))

    def test_one_row_is_read_and_said_to_be_too_few(self):
        table, rows = self.table("one.csv", "time,flow\n2026-01-01 00:00:00,5\n")
        self.assertEqual((table["rows"], table["anomalies"], len(rows)), (1, [], 1))
        self.assertIn("one row: too few to judge", table["notes"])
        self.assertEqual(table["judged"], [])

    def test_a_gap_is_a_gap_and_no_anomaly(self):
        lines = healthy(900)
        table, rows = self.table("gap.csv", "\n".join(lines[:500] + lines[700:]))
        self.assertEqual(len(rows), 700)
        self.assertIn("1 gap, the longest 3 min", table["notes"])
        self.assertEqual(table["anomalies"], [])

    def test_repeated_and_backward_times_are_noted_and_keep_their_rows(self):
        lines = healthy(900)
        lines[700] = lines[699]
        lines[800] = lines[650]
        table, rows = self.table("order.csv", "\n".join(lines))
        self.assertEqual(len(rows), 900)
        self.assertTrue(any("repeats the time" in n for n in table["notes"]), table["notes"])
        self.assertTrue(any("backwards" in n for n in table["notes"]), table["notes"])
        self.assertEqual(table["anomalies"], [])

    def test_cells_that_hold_no_number_cost_only_themselves(self):
        lines = healthy(900)
        for at, cell in ((650, ""), (660, "abc"), (670, "1e400"), (680, "Bad"), (690, "No Data"), (700, "nan")):
            lines[at] = lines[at].split(",")[0] + "," + cell
        table, rows = self.table("cells.csv", "\n".join(lines))
        self.assertEqual(len(rows), 900)
        self.assertEqual(table["anomalies"], [])
        self.assertTrue(any("no number" in n for n in table["notes"]), table["notes"])
        self.assertGreater(table["rows_judged"], 200)

    def test_a_line_without_time_or_cells_keeps_its_place(self):
        lines = healthy(900)
        lines[650] = "rubbish,50"
        lines[660] = clock(659)
        table, rows = self.table("lines.csv", "\n".join(lines))
        self.assertEqual(len(rows), 900)
        self.assertEqual(rows[649]["time"], "rubbish")
        self.assertTrue(any("passed over" in n for n in table["notes"]), table["notes"])

    def test_invalid_utf8_is_read_and_said(self):
        content = b"time,temp \xb0C\n" + b"".join(f"{clock(k)},{20 + k % 7}\n".encode() for k in range(300))
        table, _ = self.table("latin.csv", content)
        self.assertTrue(any("Latin-1" in n for n in table["notes"]), table["notes"])

    def test_utf16_with_semicolons_and_decimal_commas(self):
        text = "Zeit;Durchfluss [l/min]\r\n" + "".join(f"31.01.2026 00:{k // 60:02d}:{k % 60:02d};{50 + k % 5},25\r\n" for k in range(900))
        table, rows = self.table("excel.csv", text.encode("utf-16"))
        self.assertEqual((table["from"], table["judged"]), ("2026-01-31T00:00:00Z", ["Durchfluss [l/min]"]))
        self.assertEqual(rows[0]["Zeit"], "31.01.2026 00:00:00")

    def test_day_and_month_that_cannot_be_told_apart_are_asked_for(self):
        content = "time,v\n" + "".join(f"0{1 + k % 9}/02/2026 00:00:00,{k % 5}\n" for k in range(9))
        self.assertIn("--time-format", self.message("dates.csv", content))
        self.assertEqual(self.run_program("detect", "dates.csv", "--time-format", "dmy").status, 0)

    def test_only_constants_are_no_error(self):
        table, rows = self.table("flat.csv", "time,v\n" + "".join(f"{clock(k)},5\n" for k in range(300)))
        self.assertEqual(table["judged"], [])
        self.assertIn({"column": "v", "why": "constant"}, table["not_judged"])
        self.assertTrue(all(row["score"] == "0" for row in rows) and len(rows) == 300)

    def test_assets_of_a_long_table_are_judged_apart(self):
        lines = ["time,asset,signal,value"]
        for k in range(900):
            for asset, level in (("P-1", 10), ("P-2", 500)):
                lines.append(f"{clock(k)},{asset},flow,{level + (k * 7) % 5}")
        self.write("long.csv", "\n".join(lines))
        answer = self.run_program("detect", "long.csv", "--json")
        self.assertEqual(answer.status, 0, answer.err)
        tables = answer.json()[0]["tables"]
        self.assertEqual([(t["asset"], t["rows"], t["judged"]) for t in tables], [("P-1", 900, ["flow"]), ("P-2", 900, ["flow"])])
        self.assertEqual([t["anomalies"] for t in tables], [[], []])

    def test_hostile_names_stay_names(self):
        content = 'time,"<script>alert(1)</script>"\n' + "".join(f"{clock(k)},{k % 5}\n" for k in range(300))
        self.write("h.csv", content)
        self.assertEqual(self.run_program("detect", "h.csv", "--report", "h.html").status, 0)
        self.assertNotIn("<script>", self.read("h.html"))
