#!/usr/bin/env python3
"""Shows what faultlab prints, one line of JSON per row, as a table for people, as Markdown or as JUnit.

usage: faultlab run ... | faults.py [--json | --markdown COMMAND] [--into PAGE COMMAND] [--junit FILE]

--into: each line, with COMMAND and the date, takes the place of its row's older line in PAGE's neighbour faults-night.jsonl as soon as
it comes; the table between two marks of the page is made of that file. So several runs make one table, and a run that is stopped keeps
the rows that it finished.
"""
import contextlib
import datetime
import html
import io
import json
import os
import sys

arguments = sys.argv[1:]
as_json = "--json" in arguments
markdown = arguments[arguments.index("--markdown") + 1] if "--markdown" in arguments else None
page, page_command = arguments[arguments.index("--into") + 1 :][:2] if "--into" in arguments else (None, None)
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


BEGIN, END = "<!-- ./dev faults --night writes from here -->\n", "<!-- to here -->\n"


def keep_for_the_night(line):
    """Puts the line among those of earlier nights, and makes the page's table anew."""
    kept_in = os.path.join(os.path.dirname(page), "faults-night.jsonl")
    kept = {}
    if os.path.exists(kept_in):
        with open(kept_in) as old:
            kept = {one["id"]: one for one in map(json.loads, old)}
    kept[line["id"]] = line | {"date": today(), "command": page_command}
    rows = [kept[name] for name in sorted(kept)]
    with open(kept_in, "w") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows)
    write_into_page(rows)


def write_into_page(rows):
    with open(page) as old:
        before, rest = old.read().split(BEGIN)
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        write_table(rows)
        print()
        for (command, date, commit), names in runs_of(rows).items():
            print(f"- {', '.join(names)}: `{command}`, {date}, commit {commit or 'unknown'}")
    with open(page, "w") as new:
        new.write(before + BEGIN + "\n" + text.getvalue() + "\n" + END + rest.split(END)[1])


def runs_of(rows):
    """The rows' names by the run that they are of: (command, date, commit)."""
    runs = {}
    for row in rows:
        runs.setdefault((row["command"], row["date"], row["commit"]), []).append(row["id"])
    return runs


def today():
    return f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}"


def write_markdown(lines, command):
    print(f"Command: `{command}`, {today()}, commit {lines[0]['commit'] or 'unknown'}.\n")
    write_table(lines)


def write_table(lines):
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
    if page is not None:
        keep_for_the_night(lines[-1])
if markdown is not None and lines:
    write_markdown(lines, markdown)
if junit is not None and lines:
    write_junit(lines)
sys.exit(0 if lines else 1)
