"""Habits of every word: help with examples first, hints for slips, exit statuses, JSON at the end."""
from program import InAFolder


class Words(InAFolder):
    def words(self):
        listed = self.run_program().out.split("\nWords:\n")[1].split("\n\n")[0]
        return [line.split()[0] for line in listed.splitlines()]

    def test_without_a_word_it_explains_itself_in_a_screenful(self):
        answer = self.run_program()
        self.assertEqual(answer.status, 0)
        self.assertLessEqual(len(answer.lines()), 30)
        self.assertEqual(self.words(), ["demo", "detect", "init", "run", "simulate", "replay", "import", "check", "config", "query", "export", "alarms", "dead-letters", "backup", "restore", "compact", "doctor", "version"])

    def test_help_of_each_word_begins_with_examples(self):
        for word in self.words():
            with self.subTest(word):
                answer = self.run_program(word, "--help")
                self.assertEqual(answer.status, 0)
                self.assertEqual(answer.lines()[0], "Examples:")
                examples = [line for line in answer.lines()[1:5] if line.startswith(f"  telltale {word}")]
                self.assertGreaterEqual(len(examples), 2, answer.out)
                self.assertIn("--json", answer.out)
                self.assertEqual(answer.out, self.run_program("help", word).out)

    def test_a_slip_is_answered_with_what_was_meant(self):
        answer = self.run_program("detetc", "a.csv")
        self.assertEqual((answer.status, answer.out), (2, ""))
        self.assertIn("did you mean 'telltale detect'?", answer.err)
        answer = self.run_program("detect", "a.csv", "--basline", "10")
        self.assertEqual(answer.status, 2)
        self.assertIn("did you mean '--baseline'?", answer.err)

    def test_a_file_alone_is_answered_with_detect(self):
        self.write("pump.csv", "a,b\n1,2\n")
        answer = self.run_program("pump.csv")
        self.assertEqual(answer.status, 2)
        self.assertIn("telltale detect pump.csv", answer.err)

    def test_failures_end_with_an_object_on_stdout_when_json_is_asked_for(self):
        answer = self.run_program("check", "nowhere.yaml", "--json")
        self.assertEqual(answer.status, 3)
        self.assertEqual(answer.json()[-1]["status"], "failed")
        self.assertEqual(answer.json()[-1]["exit"], 3)

    def test_colour_never_reaches_a_pipe_unless_asked_for(self):
        self.write("site.yaml", "site: plain\n")
        self.assertNotIn("\x1b", self.run_program("detect", "--help").out)
        self.assertNotIn("\x1b", self.run_program("check", "site.yaml").out)

    def test_no_engine_is_status_69_with_what_to_do(self):
        for words in (["alarms"], ["query", "--url", "http://127.0.0.1:1"]):
            answer = self.run_program(*words, environment={"TELLTALE_URL": "http://127.0.0.1:1"})
            self.assertEqual(answer.status, 69, answer.err)
            self.assertIn("telltale run site.yaml", answer.err)


class Sites(InAFolder):
    def test_check_lists_all_mistakes_with_place_and_hint(self):
        self.write("site.yaml", "site: X\napi: {lisen: \"127.0.0.1:8000\"}\nstore: {directori: d}\n")
        answer = self.run_program("check", "site.yaml")
        self.assertEqual(answer.status, 78)
        self.assertIn("site.yaml:2:", answer.err)
        self.assertIn("site.yaml:3:", answer.err)
        self.assertIn("listen", answer.err)
        mistakes = [m for m in self.run_program("check", "site.yaml", "--json").json() if m.get("kind") == "mistake"]
        self.assertEqual(len(mistakes), 2)

    def test_config_says_where_each_value_came_from(self):
        self.write("site.yaml", "site: X\nlog: {level: warning}\n")
        answer = self.run_program("config", "site.yaml", "--origin", "--json", "--listen", "127.0.0.1:9001", environment={"TELLTALE_STORE__DIRECTORY": "elsewhere"})
        rows = {row["name"]: row for row in answer.json() if "name" in row}
        self.assertEqual((rows["log.level"]["value"], rows["log.level"]["origin"][:11]), ("warning", "site.yaml:2"))
        self.assertEqual((rows["api.listen"]["value"], rows["api.listen"]["origin"]), ("127.0.0.1:9001", "flag --listen"))
        self.assertEqual(rows["store.directory"], {"name": "store.directory", "value": "elsewhere", "origin": "environment TELLTALE_STORE__DIRECTORY"})
        self.assertEqual(rows["engine.lanes"]["origin"], "default")

    def test_config_never_shows_a_secret(self):
        self.write("site.yaml", "sources:\n  - mqtt: {url: \"mqtt://b\", topic: [x], user: u, password: hush-hush}\n")
        answer = self.run_program("config", "site.yaml", "--origin")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertIn("***", answer.out)
        self.assertNotIn("hush-hush", answer.out + answer.err)

    def test_doctor_gives_a_fix_for_what_is_unreachable(self):
        self.write("site.yaml", "sources:\n  - {name: plant, mqtt: {url: \"mqtt://127.0.0.1:1\", topic: [x]}}\n")
        answer = self.run_program("doctor", "site.yaml", "--json", "--url", "http://127.0.0.1:1")
        self.assertEqual(answer.status, 1)
        broker = [f for f in answer.json() if f.get("about") == "source plant"]
        self.assertEqual(broker[0]["health"], "bad")
        self.assertTrue(broker[0]["fix"])
