#!/usr/bin/env python3
"""Fails when a C++ file is not as .clang-format would write it. Cure: clang-format -i FILE."""
import sys

import sources


def main():
    rule = (sources.ROOT / ".clang-format").read_text() + sources.version("clang-format")
    names = sources.cxx_files("ingest", "gateway", "tests")
    faults, looked = sources.check_all(
        sources.Memory("format", rule), names, lambda name: ["clang-format", "--dry-run", "-Werror", name])
    return sources.report("format", faults, looked)


if __name__ == "__main__":
    sys.exit(main())
