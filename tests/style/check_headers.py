#!/usr/bin/env python3
"""Fails when a file of the product or a header of the tests does not compile alone: without the precompiled header that
hides what it forgot to include."""
import sys

import sources

FLAGS = ["-std=c++20", "-I.", "-fsyntax-only", "-DWEIR_VERSION=\"0\"", "-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header",
         "-Wno-unused-const-variable", "-Wno-unused-function", "-Wno-unneeded-internal-declaration",
         "-Wno-gnu-statement-expression"]


def main():
    rule = " ".join(FLAGS) + sources.version("clang++")
    names = sources.cxx_files("ingest", "gateway") + sources.cxx_files("tests", suffixes=(".h",))
    faults, looked = sources.check_all(
        sources.Memory("headers", rule), names, lambda name: ["clang++", *FLAGS, "-x", "c++", name])
    return sources.report("headers", faults, looked)


if __name__ == "__main__":
    sys.exit(main())
