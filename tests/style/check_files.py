#!/usr/bin/env python3
"""Fails when a file breaks a rule of the house that needs no compiler: sizes, heads, READMEs, names, leftovers."""
import re
import subprocess
import sys

import sources

ROOT = sources.ROOT
LINES_MAX = 400        # of a C++ file of the product
README_LINES_MAX = 40  # of a room's README
FRONT_LINES_MAX = 150  # of the README at the top
MACROS = {"CHECK", "DCHECK", "TRY"}


def tracked():
    """Every file of the repository, and those that soon will be."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout.split("\n")
    return [name for name in listed if name and (ROOT / name).is_file()]


def text_of(name):
    try:
        return (ROOT / name).read_text()
    except UnicodeDecodeError:
        return None


def any_text(name, text):
    """Rules for every text."""
    if text and not text.endswith("\n"):
        yield "has no line end at its end"
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield f"line {number}: blanks at the end"
        if "\r" in line:
            yield f"line {number}: a carriage return"
        if re.search(r"(?<![\w./-])/(work|root|home)/\w", line):
            yield f"line {number}: a path of somebody's machine"
        if re.match(r"(<<<<<<<|>>>>>>>) ", line):
            yield f"line {number}: a conflict"


def cxx(name, text):
    """Rules for C++."""
    lines = text.split("\n")
    product = not name.startswith("tests/")
    if product and len(lines) > LINES_MAX + 1:
        yield f"has {len(lines)} lines, more than {LINES_MAX}"
    if name.endswith(".h"):
        if lines[0] != "#pragma once":
            yield "does not begin with #pragma once"
        elif not lines[1].startswith("// "):
            yield "has no head comment below #pragma once"
    elif product and (ROOT / (name[:-4] + ".h")).is_file():
        first = re.search(r'^#include (.*)$', text, re.M)
        if not first or first.group(1) != f'"{name[:-4]}.h"':
            yield "does not include its own header first"
    for number, line in enumerate(lines, 1):
        code = line.split("//")[0]
        if "\t" in line:
            yield f"line {number}: a tab"
        # Tests may say 5ms; anything else needs a reason beside it.
        literals = not product and re.match(r"\s*using namespace std::(\w+_)?literals;", code)
        reasoned = "NOLINT(google-build-using-namespace):" in line
        if re.match(r"\s*using namespace\b", code) and not literals and not reasoned:
            yield f"line {number}: using namespace"
        macro = re.match(r"\s*#\s*define\s+(\w+)", code)
        # A macro right before a system header is that library's switch.
        switch = lines[number].startswith("#include <") if number < len(lines) else False
        if macro and product and macro.group(1) not in MACROS and not switch:
            yield f"line {number}: the macro {macro.group(1)}"
        if product and re.search(r"\b(throw|sleep_for|sleep_until|usleep)\b", code):
            yield f"line {number}: throws or sleeps"
        if not product and re.search(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b", code):
            yield f"line {number}: a test that sleeps"
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line):
            yield f"line {number}: a leftover; say it in an issue"
        nolint = re.search(r"NOLINT\w*(?!\w)(\([\w.,*-]+\))?(.*)", line)
        if nolint and "NOLINTEND" not in line and not nolint.group(1):
            yield f"line {number}: a NOLINT that names no check"


def rooms():
    """Each room says what it is for."""
    folders = {path.parent for top in ("ingest", "gateway") for path in (ROOT / top).rglob("*.cpp")}
    folders |= {path.parent for top in ("ingest", "gateway") for path in (ROOT / top).rglob("*.h")}
    for folder in sorted(folders):
        readme = folder / "README.md"
        name = readme.relative_to(ROOT).as_posix()
        if not readme.is_file():
            yield f"{name}: is missing"
        elif len(readme.read_text().split("\n")) > README_LINES_MAX + 1:
            yield f"{name}: is longer than {README_LINES_MAX} lines"


def front():
    """The README at the top is short, and its page is the page that is served."""
    text = text_of("README.md") if (ROOT / "README.md").is_file() else None
    if text is None:
        yield "README.md: is missing"
        return
    if text.count("\n") > FRONT_LINES_MAX:
        yield f"README.md: has {text.count(chr(10))} lines, more than {FRONT_LINES_MAX}"
    page = re.search(r"```html\n(.*?)```", text, re.S)
    served = text_of("dashboard/examples/index.html") if (ROOT / "dashboard/examples/index.html").is_file() else None
    if not page or page.group(1) != served:
        yield "README.md: its page is not dashboard/examples/index.html"
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        if not (ROOT / target).exists():
            yield f"README.md: points to {target}, which does not exist"


def scripts(names):
    for name in names:
        if name.endswith(".sh") or name == ".ci/run":
            done = subprocess.run(["bash", "-n", name], cwd=ROOT, capture_output=True, text=True)
            if done.returncode != 0:
                yield f"{name}: {done.stderr.strip()}"
            if not (ROOT / name).stat().st_mode & 0o100 and (ROOT / name).read_text().startswith("#!"):
                yield f"{name}: is no program, though it begins with #!"


def main():
    names = tracked()
    faults = []
    for name in names:
        text = text_of(name)
        if text is None or name.endswith((".svg", "package-lock.json")) or "/corpus/" in name:
            continue
        found = list(any_text(name, text))
        if name.endswith((".h", ".cpp")):
            found += cxx(name, text)
        faults += [f"{name}: {fault}" for fault in found]
    faults += [*rooms(), *front(), *scripts(names)]
    return sources.report("files", faults, len(names))


if __name__ == "__main__":
    sys.exit(main())
