#!/usr/bin/env python3
"""Shows what faultlab prints, one line of JSON per row, as a table for people, as Markdown or as JUnit.

usage: faultlab run ... | faults.py [--json | --markdown COMMAND] [--junit FILE]
"""
import datetime
import html
import json
import sys

arguments = sys.argv[1:]
as_json = "--json" in arguments
markdown = arguments[arguments.index("--markdown") + 1] if "--markdown" in arguments else None
junit = arguments[arguments.index("--junit") + 1] if "--junit" in arguments else None


def row_of_table(line):
    """For --json: the house's form of a row with a goal."""
    return {"row": line["id"], "ours": line["lost"], "peer": None, "ratio": None, "goal": line["goal"], "ok": line["verdict"] == "ok"} | line


def show(line):
    if as_json:
        print(json.dumps(row_of_table(line)), flush=True)
    elif "bug" in line:
        print(f"{line['bug']:28} {line['caught_by'] or 'NOT CAUGHT':10} {line['runs']:>8} runs  {line['fault'][:110]}", flush=True)
    elif "planted" in line:
        print(f"{line['caught']} of {line['planted']} planted bugs caught", flush=True)
    elif markdown is None:
        print(f"{line['id']:4} {line['verdict']:8} {line['n']:>9} runs {line['acked']:>11} acked {line['lost']:>8} lost {line['dup']:>6} twice "
              f"{line['recover_ms_p50']:>9.2f} / {line['recover_ms_max']:.1f} ms {line['seconds']:>8.1f} s  {line.get('fault') or line.get('why') or line.get('note', '')}", flush=True)
        if "replay" in line:
            print(f"     again: {line['replay']}", flush=True)


def write_markdown(lines):
    print(f"Command: `{markdown}`, {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, commit {lines[0]['commit'] or 'unknown'}.\n")
    print("| row | verdict | runs | seeds | acknowledged | lost | twice | recovery ms p50 / max | seconds | goal | what was seen |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for line in lines:
        what = line.get("fault") or line.get("why") or line.get("note", "")
        print(f"| {line['id']} | {line['verdict']} | {line['n']:,} | from {line['seed']} | {line['acked']:,} | {line['lost']:,} | {line['dup']:,} "
              f"| {line['recover_ms_p50']:.2f} / {line['recover_ms_max']:.1f} | {line['seconds']:.1f} | {line['goal']} | {what} |")


def write_junit(lines):
    with open(junit, "w") as out:
        out.write('<testsuite name="faults">')
        for line in lines:
            inner = {"ok": "", "skipped": "<skipped/>"}.get(line["verdict"], f'<failure message="{html.escape(line.get("fault", ""))}"/>')
            out.write(f'<testcase name="{line["id"]}" time="{line["seconds"]}">{inner}</testcase>')
        out.write("</testsuite>\n")


lines = []
for text in sys.stdin:
    lines.append(json.loads(text))
    show(lines[-1])
if markdown is not None and lines:
    write_markdown(lines)
if junit is not None and lines:
    write_junit(lines)
sys.exit(0 if lines else 1)
