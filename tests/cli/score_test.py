"""The classic rolling rule gives the known figures on recorded data, to the last digit."""
import json
import subprocess
import sys
import unittest

from program import DATA, PROGRAM, PROJECT, needs_data

try:
    import numpy  # noqa: F401  the scorers need it
except ImportError:
    numpy = None


class Score(unittest.TestCase):
    @needs_data
    @unittest.skipUnless(numpy, "python3-numpy is not here")
    @unittest.skipUnless((DATA.parent / "score").is_dir(), "no scorers beside the project")
    def test_classic_modes_give_the_known_figures(self):
        done = subprocess.run([sys.executable, PROJECT / "tools" / "score.py", "nab", "skab", "--json", "--program", PROGRAM, "--mode", "classic-30", "--mode", "classic-50"],
                              capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        known = [row for row in rows if row["goal"] is not None]
        self.assertEqual(len(known), 16)
        self.assertEqual([row["row"] for row in known if not row["ok"]], [])

    def test_an_absent_folder_is_said_and_no_failure(self):
        done = subprocess.run([sys.executable, PROJECT / "tools" / "score.py", "--data", "no-such-folder"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, ""))
        self.assertIn("nab: skipped", done.stderr)
