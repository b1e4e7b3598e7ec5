"""`init`: from a file or a real broker to a site that passes its check."""
import json
import shutil
import socket
import subprocess
import unittest
from datetime import datetime, timedelta, timezone

from program import PROGRAM, InAFolder, pump

needs_broker = unittest.skipUnless(shutil.which("mosquitto") and shutil.which("mosquitto_pub"), "mosquitto is not here")


class FromAFile(InAFolder):
    def test_writes_a_site_that_has_no_mistakes(self):
        self.write("pump.csv", pump(800, 700, 900))
        answer = self.run_program("init", "pump.csv", "--asset", "P-101")
        self.assertEqual(answer.status, 0, answer.err)
        self.assertEqual(self.run_program("check", "site.yaml").status, 0)
        tags, site = self.read("tags.csv"), self.read("site.yaml")
        self.assertIn("\nflow,P-101,flow,L/min,,,\n", tags)
        self.assertRegex(tags, r"# flow: sample [\d.]+ l/min, seen [\d.]+ to 66\.7\n")
        self.assertIn("asset: P-101", site)
        self.assertRegex(site, r'zone: "\+00:00"  # \? no zone .*2026-01-01 00:00:00')
        self.assertRegex(site, r"# Skipped:\n#   batch: numbers the rows")

    def test_a_second_run_lists_only_what_is_new_and_overwrites_nothing(self):
        self.write("pump.csv", pump(800, 700, 900))
        self.assertEqual(self.run_program("init", "pump.csv", "--asset", "P-101").status, 0)
        site, tags = self.read("site.yaml"), self.read("tags.csv")
        answer = self.run_program("init", "pump.csv", "--asset", "P-101")
        self.assertEqual(answer.status, 0)
        self.assertIn("Nothing new: 2 signals stand in", answer.out)
        answer = self.run_program("init", "pump.csv", "--asset", "P-102", "--json")
        self.assertEqual([r["asset"] for r in answer.json() if "asset" in r], ["P-102", "P-102"])
        self.assertEqual((self.read("site.yaml"), self.read("tags.csv")), (site, tags))
        self.assertEqual(self.run_program("init", "pump.csv", "--asset", "P-102", "--add").status, 0)
        self.assertTrue(self.read("tags.csv").startswith(tags))
        self.assertIn("\nflow,P-102,flow,L/min,,,\n", self.read("tags.csv"))
        self.assertEqual(self.run_program("check", "site.yaml").status, 0)

    def test_a_file_that_holds_nothing_is_said_to(self):
        self.write("words.csv", "time,name\n2026-01-01 00:00:00,a\n")
        answer = self.run_program("init", "words.csv")
        self.assertEqual(answer.status, 1)
        self.assertFalse((self.folder / "site.yaml").exists())
        self.assertEqual(self.run_program("init", "missing.csv").status, 3)

    def test_names_with_quotes_and_commas_survive(self):
        self.write("odd.csv", 'time,"a ""b"", c"\n' + "".join(f"2026-01-01 00:00:{k:02d},{k % 7}\n" for k in range(60)))
        self.assertEqual(self.run_program("init", "odd.csv", "--asset", "#1, 'x'").status, 0)
        answer = self.run_program("check", "site.yaml")
        self.assertEqual(answer.status, 0, answer.err)


class FromABroker(InAFolder):
    def start_broker(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.write("m.conf", f"listener {port} 127.0.0.1\nallow_anonymous true\n")
        broker = subprocess.Popen(["mosquitto", "-c", self.folder / "m.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.terminate)
        while True:
            self.assertIsNone(broker.poll(), "the broker ended")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return port
            except OSError:
                pass

    def listen_while_publishing(self, port, messages, *options):
        """Runs `init` and publishes `messages()` again and again until it ends."""
        program = subprocess.Popen([PROGRAM, "init", f"mqtt://127.0.0.1:{port}", "--for", "2s", *options], cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while program.poll() is None:
            for topic, payload in messages():
                subprocess.run(["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-q", "1", "-t", topic, "-m", payload], check=True)
        out, err = program.communicate()
        self.assertEqual(program.returncode, 0, out + err)
        return out

    @needs_broker
    def test_a_shipped_mapping_is_recognised(self):
        port = self.start_broker()

        def messages():
            now = datetime.now(timezone.utc).replace(tzinfo=None) + timedelta(hours=2)
            yield "grid/sensors/sensor_0", json.dumps({"device_id": "sensor_0", "timestamp": now.isoformat(), "voltage": 230.5, "current": 4.2, "temperature": 35.1})

        self.listen_while_publishing(port, messages)
        site, tags = self.read("site.yaml"), self.read("tags.csv")
        self.assertIn("mapping: powergrid", site)
        self.assertRegex(site, r'zone: "\+02:00"  # \? times without zone run 2 h ahead of arrival')
        self.assertIn("grid/sensors/sensor_0,sensor_0,voltage,V,,,", tags)
        answer = self.run_program("check", "site.yaml")
        self.assertEqual(answer.status, 0, answer.err)

    @needs_broker
    def test_what_cannot_be_read_is_listed_with_why(self):
        port = self.start_broker()

        def messages():
            now = datetime.now(timezone.utc).isoformat()
            yield "plant/P-101", json.dumps({"time": now, "flow": 50.1, "pressure_bar": 3.2})
            yield "plant/P-101/log", "started, all well"

        out = self.listen_while_publishing(port, messages, "--topic", "plant/#")
        self.assertIn("Skipped: plant/P-101/log", out)
        site, tags = self.read("site.yaml"), self.read("tags.csv")
        self.assertIn("site: plant", site)
        self.assertIn("#   plant/P-101/log: ", site)
        self.assertIn("plant/P-101,P-101,flow,,,,", tags)
        self.assertIn("# ? asset P-101 guessed from the topic; ? unit guessed from the name; pressure_bar: sample 3.2 bar", tags)
        self.assertEqual(self.run_program("check", "site.yaml").status, 0)

    @needs_broker
    def test_silence_says_how_far_it_came(self):
        port = self.start_broker()
        answer = self.run_program("init", f"mqtt://127.0.0.1:{port}", "--for", "200ms")
        self.assertEqual(answer.status, 3)
        self.assertIn("connected, authorised and subscribed, but no message came", answer.err)

    def test_no_broker_is_status_69(self):
        answer = self.run_program("init", "mqtt://127.0.0.1:1", "--for", "200ms")
        self.assertEqual(answer.status, 69, answer.err)
        self.assertFalse((self.folder / "site.yaml").exists())
