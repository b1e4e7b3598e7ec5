"""Runs every *_test.py beside it and closes with one plain line; a test that needs what is absent counts as skipped. Writes JUnit to $TELLTALE_RESULTS when set."""
import os
import pathlib
import sys
import unittest
import xml.etree.ElementTree as ET

here = pathlib.Path(__file__).resolve().parent


class Recorder(unittest.TextTestResult):
    """Remembers what passed as well: unittest itself only counts it."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.passed = []

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed.append(test)


def write_junit(result, path):
    suite = ET.Element("testsuite", name="cli")
    for test in result.passed:
        ET.SubElement(suite, "testcase", name=f"cli: {test.id()}")
    for test, why in result.skipped:
        ET.SubElement(ET.SubElement(suite, "testcase", name=f"cli: {test.id()}"), "skipped", message=why)
    for test, trace in result.failures + result.errors:
        ET.SubElement(ET.SubElement(suite, "testcase", name=f"cli: {test.id()}"), "failure", message=trace.strip().splitlines()[-1])
    ET.ElementTree(suite).write(path)


sys.path.insert(0, str(here))
suite = unittest.defaultTestLoader.discover(str(here), pattern="*_test.py")
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1, resultclass=Recorder).run(suite)
failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
for test, why in result.skipped:
    print(f"skipped {test.id()}: {why}")
if os.environ.get("TELLTALE_RESULTS"):
    write_junit(result, os.environ["TELLTALE_RESULTS"])
print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed")
sys.exit(1 if failed else 0)
