#!/usr/bin/env python3
"""Runs fuzz targets one after the other and shows what each saw. Status 1 when one found a fault.

usage: fuzz.py [--for SECONDS[s]] [--markdown] TARGET...

What libFuzzer finds worth keeping stays in build/fuzz/found/TARGET, where the next run goes on from; a fault leaves its input in
build/fuzz/faults. Inputs that belong to the project are kept in fuzz/corpus/TARGET by hand.
"""
import argparse
import os
import re
import subprocess
import sys
import time

HEAD = ("target", "executions", "a second", "edges", "features", "corpus", "seconds", "verdict")


def run(target, seconds):
    """One target; its row and, after a fault, the end of what it said."""
    found, faults = f"build/fuzz/found/{target}", f"build/fuzz/faults/{target}-"
    os.makedirs(found, exist_ok=True)
    os.makedirs(os.path.dirname(faults), exist_ok=True)
    start = time.monotonic()
    command = [f"build/fuzz/fuzz/{target}_fuzz", f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1",
               f"-artifact_prefix={faults}", found, f"fuzz/corpus/{target}"]
    symbolizer = "/usr/lib/llvm-19/bin/llvm-symbolizer"
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                          env=os.environ | {"ASAN_SYMBOLIZER_PATH": symbolizer, "UBSAN_OPTIONS": "print_stacktrace=1"})
    took = time.monotonic() - start
    executed = int((re.findall(r"stat::number_of_executed_units:\s*(\d+)", done.stdout) or ["0"])[-1])
    seen = (re.findall(r"cov: (\d+) ft: (\d+) corp: (\d+)/", done.stdout) or [("0", "0", "0")])[-1]
    kept = re.findall(r"Test unit written to (\S+)", done.stdout)
    verdict = "ok" if done.returncode == 0 else "FAULT: " + (kept[-1] if kept else f"status {done.returncode}")
    row = (target, f"{executed:,}", f"{executed / max(took, 1):,.0f}", *(f"{int(n):,}" for n in seen), f"{took:.0f}", verdict)
    return row, "" if done.returncode == 0 else "\n".join(done.stdout.splitlines()[-60:])


def show(row, markdown):
    if markdown:
        print("| " + " | ".join(row) + " |", flush=True)
    else:
        print(f"{row[0]:10} {row[1]:>14} {row[2]:>9} {row[3]:>8} {row[4]:>9} {row[5]:>7} {row[6]:>8}  {row[7]}", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--for", dest="seconds", default="60")
    parser.add_argument("--markdown", action="store_true")
    parser.add_argument("targets", nargs="+")
    order = parser.parse_args()
    if not re.fullmatch(r"\d+s?", order.seconds):
        sys.exit(f"--for {order.seconds}: give whole seconds a target, like 60s")
    show(HEAD, order.markdown)
    if order.markdown:
        print("|" + "---|" * len(HEAD))
    faults = []
    for target in order.targets:
        row, said = run(target, int(order.seconds.rstrip("s")))
        show(row, order.markdown)
        if said:
            faults.append(f"\n---- {target}\n{said}")
    print("".join(faults), file=sys.stderr, end="")
    sys.exit(1 if faults else 0)


main()
