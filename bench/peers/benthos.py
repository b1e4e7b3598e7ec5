#!/usr/bin/env python3
"""Benthos reads the same messages line by line and writes those over a threshold to a file: six comparisons a message, nothing stored.

    benthos.py MESSAGES.jsonl

Prints one number: messages per second of its CPU time, without that of its start. Built from its Go module the first time."""
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
BUILD = pathlib.Path("build/peers/benthos").absolute()
THRESHOLDS = ("this.temp_f > 210 || this.discharge_pressure_psi > 250 || this.suction_pressure_psi > 80 || this.rpm < 900 || "
              "this.oil_pressure_psi < 20 || this.vibration_mmps > 6")


def program():
    if not (BUILD / "benthos").exists():
        source = shutil.copytree(HERE / "benthos", BUILD / "source", dirs_exist_ok=True)
        environment = dict(os.environ, GOPATH=str(BUILD / "modules"), GOCACHE=str(BUILD / "cache"), GOFLAGS="-mod=mod -modcacherw")
        for step in (["go", "mod", "tidy"], ["go", "build", "-o", str(BUILD / "benthos"), "."]):
            subprocess.run(step, cwd=source, env=environment, check=True, stdout=sys.stderr)
    return str(BUILD / "benthos")


def cpu_seconds(messages, folder):
    """Of one whole run over the file `messages`."""
    configuration = {
        "input": {"file": {"paths": [messages], "codec": "lines"}},
        "pipeline": {"threads": 1, "processors": [{"mapping": f"root = if !({THRESHOLDS}) {{ deleted() }}"}]},
        "output": {"file": {"path": os.path.join(folder, "over.jsonl"), "codec": "lines"}},
        "logger": {"level": "ERROR"},
        "http": {"enabled": False},
    }
    path = os.path.join(folder, "benthos.json")  # JSON is YAML
    with open(path, "w") as f:
        json.dump(configuration, f)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program(), "-c", path], check=True, stdout=sys.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    program()
    with open(sys.argv[1], "rb") as f:
        n = sum(1 for _ in f)
    with tempfile.TemporaryDirectory(dir=os.environ.get("TELLTALE_BENCH_DATA", ".")) as folder:
        nothing = os.path.join(folder, "nothing.jsonl")
        open(nothing, "w").close()
        took = cpu_seconds(sys.argv[1], folder) - cpu_seconds(nothing, folder)
    print(f"{n / took:.1f}")


main()
