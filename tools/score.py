#!/usr/bin/env python3
"""Runs `telltale detect` on recorded data with labels and scores what it finds: one table, or a JSON line per figure.

    tools/score.py [nab] [skab] [tep] [--json] [--mode MODE] [--program FILE] [--data FOLDER] [--scorers FOLDER] [--jobs N]

The data and the scorers stand beside the project, in ../shared/data and ../shared/score; where they are absent this says so and ends well.
Labels are ignored while detecting. Exit status 1 when a figure that is known exactly comes out differently.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

PROJECT = pathlib.Path(__file__).resolve().parent.parent
MODES = {"classic-30": ["--mode", "classic", "--window", "30"], "classic-50": ["--mode", "classic", "--window", "50"], "default": []}
TITLES = {"classic-30": "rolling 3 sigma, window 30", "classic-50": "rolling 3 sigma, window 50", "default": "Telltale, default"}

# What the classic rule gives on this data, computed once by a separate program from the rule's definition. Must come out exactly.
EXACT = {
    "nab/classic-30/standard": -318.0216, "nab/classic-30/false_rows": 6215, "nab/classic-30/windows_hit": 77,
    "nab/classic-50/standard": -300.7487, "nab/classic-50/false_rows": 5852, "nab/classic-50/windows_hit": 73,
    "skab/classic-30/tp": 957, "skab/classic-30/fp": 785, "skab/classic-30/f1": 0.1821, "skab/classic-30/far": 10.36, "skab/classic-30/mar": 89.09,
    "skab/classic-50/tp": 796, "skab/classic-50/fp": 543, "skab/classic-50/f1": 0.1575, "skab/classic-50/far": 7.17, "skab/classic-50/mar": 90.92,
}
# Published or plain detectors on the part of the data that stands there, to compare with.
ANCHORS = {
    "nab": [("nothing detected", {"standard": 0.0}), ("windowedGaussian, published", {"standard": 34.2722}), ("randomCutForest, published", {"standard": 51.0}),
            ("numenta, published", {"standard": 68.5595}), ("ARTime, published", {"standard": 73.0})],
    "skab": [("always abnormal", {"f1": 0.70, "far": 100.0, "mar": 0.0}), ("fixed 3 sigma of rows 0..399", {"f1": 0.76, "far": 45.0, "mar": 16.0}),
             ("isolation forest, 5 %", {"f1": 0.66, "far": 28.0, "mar": 38.0}), ("Conv-AE, published", {"f1": 0.78, "far": 14.0, "mar": 28.0})],
    "tep": [("always abnormal", {"f1": 0.87, "far": 100.0, "mar": 0.0}), ("PCA T2", {"f1": 0.78, "far": 1.1, "mar": 36.0}),
            ("PCA Q", {"f1": 0.89, "far": 5.8, "mar": 18.0}), ("isolation forest", {"f1": 0.73, "far": 5.9, "mar": 41.0})],
}
PEER = {"nab": "windowedGaussian, published", "skab": "Conv-AE, published", "tep": "PCA T2"}  # what our default is held against
FIGURES = {"nab": ["standard", "low_fp", "low_fn", "false_rows", "windows_hit"], "skab": ["f1", "far", "mar", "tp", "fp"], "tep": ["f1", "far", "mar", "tp", "fp"]}
DECIMALS = {"standard": 4, "low_fp": 4, "low_fn": 4, "f1": 4, "far": 2, "mar": 2}


class Failed(Exception):
    pass


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, command[:4]))} ... ended with {done.returncode}: {done.stderr.strip()[:2000]}")
    return done.stdout


class Bench:
    """One program on one data folder, with a place for what it writes."""

    def __init__(self, program, data, scorers, workspace):
        self.program, self.data, self.workspace = program, data, pathlib.Path(workspace)
        self.scorer = scorers / "score_anomaly.py"

    def detect(self, files, out, options):
        run([self.program, "detect", *map(str, files), "--out", str(out), "--quiet", *options])

    def score(self, *options):
        return json.loads(run([sys.executable, str(self.scorer), *map(str, options)]))

    def nab(self, mode):
        out, root = self.workspace / f"nab-{mode}", self.data / "nab"
        self.detect(sorted(root.glob("*/*.csv.xz")), out, MODES[mode])
        labels = ["--labels", root / "combined_windows.json", "--det", out, "--threshold", "0.5"]
        standard, low_fp, low_fn = (self.score("nab", *labels, "--profile", p) for p in ("standard", "reward_low_FP_rate", "reward_low_FN_rate"))
        return {"standard": standard["score"], "low_fp": low_fp["score"], "low_fn": low_fn["score"],
                "false_rows": standard["rows_fp"], "windows_hit": standard["windows_hit"]}

    def points(self, name, mode, files, time_column, skip, options):
        out, truth = self.workspace / f"{name}-{mode}", self.workspace / f"{name}-{mode}-truth"
        folder = os.path.commonpath([f.parent for f in files])
        for f in files:
            link = truth / os.path.relpath(f, folder)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(f.resolve())
        self.detect(files, out, [*MODES[mode], *options])
        got = self.score("points", "--truth", truth, "--det", out, "--time-col", time_column, "--skip", skip, "--threshold", "0.5")
        return {"f1": got["f1"], "far": got["far_percent"], "mar": got["mar_percent"], "tp": got["tp"], "fp": got["fp"]}

    def skab(self, mode):
        files = sorted((self.data / "skab" / "valve1").glob("*.csv.xz")) + sorted((self.data / "skab" / "other").glob("*.csv.xz"))
        baseline = [] if mode.startswith("classic") else ["--baseline", "400"]
        return self.points("skab", mode, files, "datetime", 400, ["--ignore", "anomaly,changepoint", *baseline])

    def tep(self, mode):
        root = self.data / "tep"
        baseline = [] if mode.startswith("classic") else ["--baseline", str(root / "d00.csv.xz")]
        return self.points("tep", mode, sorted(root.glob("*_te.csv.xz")), "sample", 0, ["--ignore", "anomaly", *baseline])


def figure(name, value):
    return f"{value:,.{DECIMALS.get(name, 0)}f}"


def json_row(row, ours, peer):
    goal = EXACT.get(row)
    name = row.rsplit("/", 1)[1]
    same = None if goal is None else figure(name, ours) == figure(name, goal)
    ratio = ours / peer if ours is not None and peer else None
    return {"row": row, "ours": ours, "peer": peer, "ratio": ratio, "goal": goal, "ok": same}


def rows_of(which, results):
    peers = dict(ANCHORS[which])
    for mode, got in results.items():
        for name in FIGURES[which]:
            row = f"{which}/{mode}/{name}"
            yield json_row(row, got[name], EXACT.get(row) if mode != "default" else peers[PEER[which]].get(name))


def table_of(which, results, rows):
    lines = [f"{which:<34}" + "".join(f"{name:>13}" for name in FIGURES[which])]
    for mode, got in results.items():
        lines.append(f"  {TITLES[mode]:<32}" + "".join(f"{figure(name, got[name]):>13}" for name in FIGURES[which]))
    for title, known in ANCHORS[which]:
        lines.append(f"  {title:<32}" + "".join(f"{figure(name, known[name]) if name in known else '':>13}" for name in FIGURES[which]))
    wrong = [r for r in rows if r["ok"] is False]
    lines += [f"  WRONG {r['row']}: {r['ours']}, must be {r['goal']}" for r in wrong]
    if not wrong and any(r["ok"] for r in rows):
        lines.append(f"  exact: all {sum(1 for r in rows if r['ok'])} known figures of the rolling rule came out")
    return "\n".join(lines) + "\n"


def found_program(named):
    for candidate in [named] if named else [PROJECT / "build" / "release" / "telltale", PROJECT / "telltale"]:
        if pathlib.Path(candidate).is_file():
            return str(pathlib.Path(candidate).resolve())
    raise Failed(f"no program {named or 'build/release/telltale'}: build it with ./dev build")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="nab|skab|tep")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mode", action="append", choices=list(MODES), help="only this one; may be repeated")
    parser.add_argument("--program")
    parser.add_argument("--data", type=pathlib.Path, default=PROJECT.parent / "shared" / "data")
    parser.add_argument("--scorers", type=pathlib.Path, default=PROJECT.parent / "shared" / "score")
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    if unknown := [s for s in given.sets if s not in FIGURES]:
        parser.error(f"no set '{unknown[0]}': there are nab, skab and tep")
    wanted = [s for s in FIGURES if s in given.sets or not given.sets]
    missing = [s for s in wanted if not (given.data / s).is_dir()]
    if not (given.scorers / "score_anomaly.py").is_file():
        missing = wanted
    for name in missing:
        print(f"{name}: skipped, no data in {given.data / name} or no scorer in {given.scorers}", file=sys.stderr)
    wanted = [s for s in wanted if s not in missing]
    if not wanted:
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="telltale-score-") as workspace, ThreadPoolExecutor(given.jobs) as pool:
        bench = Bench(found_program(given.program), given.data, given.scorers, workspace)
        pending = {which: {mode: pool.submit(getattr(bench, which), mode) for mode in given.mode or MODES} for which in wanted}
        for which, modes in pending.items():
            results = {mode: future.result() for mode, future in modes.items()}
            rows = list(rows_of(which, results))
            wrong += sum(1 for r in rows if r["ok"] is False)
            print("\n".join(json.dumps(r) for r in rows) if given.json else table_of(which, results, rows), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as failure:
        print(f"score: {failure}", file=sys.stderr)
        sys.exit(1)
