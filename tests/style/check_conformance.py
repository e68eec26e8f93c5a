#!/usr/bin/env python3
"""Fails when a table of tests/conformance/*.md claims a proof that is not there: a row that names no test, or a test
that stands nowhere in the sources. A row is: | number | the requirement | `Suite.Name`, `name of a browser test`,
`conformance: name_of_a_case` of tests/conformance/ws_cases.py |"""
import re
import sys

import sources

CXX_TEST = re.compile(r"^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST)\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.M)
SCRIPT_TEST = re.compile(r"""^\s*(?:test|it)\(\s*(['"`])(.+?)\1\s*,""", re.M)
CASE = re.compile(r"^[ ]*@case\(.*\)\n[ ]*def (\w+)\(", re.M)
CASES = "tests/conformance/ws_cases.py"
SCRIPTS = ("tests/e2e/*.test.mjs", "dashboard/client/**/*.test.ts", "dashboard/app/**/*.test.ts*")
TABLES = "tests/conformance/*.md"


def known_tests():
    """Suite.Name of every GoogleTest, the names of the tests in JavaScript, and the cases of ws_cases.py."""
    known = {f"conformance: {name}" for name in CASE.findall((sources.ROOT / CASES).read_text())}
    for file in sources.cxx_files("tests", suffixes=(".cpp",)):
        known |= {".".join(pair) for pair in CXX_TEST.findall((sources.ROOT / file).read_text())}
    for pattern in SCRIPTS:
        for path in sources.ROOT.glob(pattern):
            if "node_modules" not in path.parts:
                known |= {name for _, name in SCRIPT_TEST.findall(path.read_text())}
    return known


def rows(text):
    """(line number, cells) of each row of its tables but heads and rules."""
    for number, line in enumerate(text.split("\n"), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and re.match(r"\d", cells[0]):
            yield number, cells


def faults_of(name, text, known):
    seen = 0
    for number, cells in rows(text):
        seen += 1
        if len(cells) != 3:
            yield f"{name}:{number}: has {len(cells)} cells: number | requirement | tests"
            continue
        tests = re.findall(r"`([^`]+)`", cells[2])
        if not tests:
            yield f"{name}:{number}: row {cells[0]} names no test"
        for test in tests:
            if test not in known:
                yield f"{name}:{number}: row {cells[0]} names {test}, which is no test"
    if not seen:
        yield f"{name}: holds no row"


def main():
    known = known_tests()
    tables = sorted(sources.ROOT.glob(TABLES))
    faults = [] if tables else [f"{TABLES}: there is none"]
    for path in tables:
        faults += faults_of(path.relative_to(sources.ROOT).as_posix(), path.read_text(), known)
    return sources.report("conformance", faults, len(tables))


if __name__ == "__main__":
    sys.exit(main())
