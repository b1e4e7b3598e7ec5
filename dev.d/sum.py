# Adds up JUnit files: names what failed and what was skipped, then one line `N passed, M failed`. Status 1 when any failed.
import pathlib
import sys
import xml.etree.ElementTree as ET


def outcome(case):
    if case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail":
        return "failed"
    if case.find("skipped") is not None or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def main(folder):
    names = {"passed": [], "failed": [], "skipped": []}
    for file in sorted(pathlib.Path(folder).glob("*.xml")):
        try:
            cases = list(ET.parse(file).iter("testcase"))
        except ET.ParseError as error:
            names["failed"].append(f"{file.name} cannot be read: {error}")
            continue
        for case in cases:
            names[outcome(case)].append(case.get("name"))
    for name in names["skipped"]:
        print(f"   skipped: {name}")
    for name in names["failed"]:
        print(f"   FAILED: {name}")
    line = f"{len(names['passed'])} passed, {len(names['failed'])} failed"
    if names["skipped"]:
        line += f", {len(names['skipped'])} skipped"
    print(line)
    return 1 if names["failed"] or not names["passed"] else 0


sys.exit(main(sys.argv[1]))
