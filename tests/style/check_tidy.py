#!/usr/bin/env python3
"""Runs clang-tidy over the product's sources with the flags of a build folder: check_tidy.py build/asan. Every finding
is an error; a NOLINT needs a reason."""
import json
import pathlib
import sys

import sources


def main():
    build = sys.argv[1] if len(sys.argv) > 1 else "build/asan"
    commands = json.loads((sources.ROOT / build / "compile_commands.json").read_text())
    known = {pathlib.Path(entry["file"]) for entry in commands}
    names = [name for name in sources.cxx_files("ingest", "gateway", suffixes=(".cpp",))
             if sources.ROOT / name in known]
    rule = (sources.ROOT / ".clang-tidy").read_text() + sources.version("clang-tidy")
    faults, looked = sources.check_all(
        sources.Memory("tidy", rule), names, lambda name: ["clang-tidy", "-p", build, "--quiet", name])
    return sources.report("clang-tidy", faults, looked)


if __name__ == "__main__":
    sys.exit(main())
