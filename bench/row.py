"""Rows of the bench's table as row.h has them, for benches that drive whole programs."""
import json
import os
import statistics
import sys


class Goal:
    def __init__(self, value, at_least, of_ratio):
        self.value, self.at_least, self.of_ratio = value, at_least, of_ratio

    def met(self, ours, ratio):
        got = ratio if self.of_ratio else ours
        return got is not None and (got >= self.value if self.at_least else got <= self.value)

    def __str__(self):
        return ("<= ", ">= ")[self.at_least] + short(self.value) + (" x" if self.of_ratio else "")


def at_least(value): return Goal(value, True, False)
def at_most(value): return Goal(value, False, False)
def ratio_at_least(value): return Goal(value, True, True)
def ratio_at_most(value): return Goal(value, False, True)


def short(value):
    """Three digits that matter."""
    size = abs(value)
    if size >= 1e6:
        return f"{value / 1e6:.2f} M"
    if size >= 1e4:
        return f"{value / 1e3:.1f} k"
    return f"{value:.0f}" if size >= 100 else f"{value:.3g}"


class Table:
    """Arguments: names of rows, --json, --rounds N, --peers."""

    def __init__(self, arguments=None):
        words = list(sys.argv[1:] if arguments is None else arguments)
        self.json = "--json" in words
        self.peers = "--peers" in words
        self.rounds = int(words[words.index("--rounds") + 1]) if "--rounds" in words else 3
        skip = words.index("--rounds") + 1 if "--rounds" in words else -1
        self.names = [w for k, w in enumerate(words) if not w.startswith("--") and k != skip]
        self.any = False

    def wants(self, row):
        return not self.names or any(row.startswith(name) for name in self.names)

    def show(self, row, unit, ours, theirs=None, peer="", goal=None, durable="", note=""):
        """ours, theirs: figures of the rounds, taken in turns."""
        mine, spread = middle(ours)
        other = middle(theirs)[0] if theirs else None
        ratio = mine / other if other else None
        ok = goal.met(mine, ratio) if goal else None
        if self.json:
            print(json.dumps({"row": row, "unit": unit, "ours": mine, "spread": spread, "peer": peer, "theirs": other, "ratio": ratio,
                              "goal": str(goal) if goal else "-", "ok": ok, "durable": durable, "note": note}), flush=True)
            return
        if not self.any:
            print("%-30s %10s %10s %8s %11s %4s  %s" % ("row", "ours", "peer", "ratio", "goal", "ok", "unit; peer; durable"))
        self.any = True
        print("%-30s %10s %10s %8s %11s %4s  %s" % (
            row, short(mine), short(other) if other else "-", short(ratio) if ratio else "-", goal or "-",
            {True: "yes", False: "NO", None: "-"}[ok], "; ".join(x for x in (unit, peer, durable, note) if x)), flush=True)


def middle(figures):
    figures = sorted(figures)
    median = statistics.median(figures)
    return median, (figures[-1] - figures[0]) / median if median else 0


def data_folder():
    """On the disk that is measured, not in memory."""
    folder = os.environ.get("TELLTALE_BENCH_DATA", "build/bench-data")
    os.makedirs(folder, exist_ok=True)
    return folder
