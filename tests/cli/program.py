"""The program under test: runs it in a folder of its own and says what it answered."""
import json
import os
import pathlib
import random
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = os.environ.get("TELLTALE_PROGRAM", str(PROJECT / "build" / "release" / "telltale"))
DATA = PROJECT.parent / "shared" / "data"
needs_data = unittest.skipUnless(DATA.is_dir(), "no recorded data beside the project")


class Answer:
    def __init__(self, done):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr

    def lines(self):
        return self.out.splitlines()

    def json(self):
        """Every line of stdout as JSON."""
        return [json.loads(line) for line in self.lines()]


class InAFolder(unittest.TestCase):
    """Each test has a fresh folder; the program runs in it."""

    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="telltale-cli-")
        self.addCleanup(self._folder.cleanup)
        self.folder = pathlib.Path(self._folder.name)

    def run_program(self, *words, environment=None, stdin=b""):
        """Runs it; a crash (a signal) is a failure at once."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("TELLTALE_")}
        done = subprocess.run([PROGRAM, *map(str, words)], cwd=self.folder, input=stdin, capture_output=True, timeout=120, env={**kept, **(environment or {})})
        done.stdout, done.stderr = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assertGreaterEqual(done.returncode, 0, f"ended by signal {-done.returncode}: {done.stderr}")
        return Answer(done)

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def read(self, name):
        return (self.folder / name).read_text()


def clock(second):
    return f"2026-01-01 {second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"


def pump(rows=4000, spike_at=2500, step_at=3200):
    """The pump of the documents: one leap of the flow, and a motor that becomes hot and stays so."""
    noise = random.Random(1)
    lines = ["time,flow [l/min],motor temp,batch"]
    for k in range(rows):
        flow = 66.7 if k == spike_at else 51 + noise.gauss(0, 0.25)
        temperature = (65 if k >= step_at else 61) + noise.gauss(0, 0.2)
        lines.append(f"{clock(k)},{flow:.2f},{temperature:.2f},{k}")
    return "\n".join(lines) + "\n"


def healthy(rows=800, value=50.0, seed=2):
    noise = random.Random(seed)
    return ["time,flow", *(f"{clock(k)},{value + noise.gauss(0, 0.3):.3f}" for k in range(rows))]
