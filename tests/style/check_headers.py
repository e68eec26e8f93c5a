#!/usr/bin/env python3
"""Fails when a header does not compile alone. Those of a module, x.h beside x.cpp, are not looked at: x.cpp includes x.h
before anything else, which is looked at here, and the asan build compiles x.cpp without the precompiled header that
would hide what either forgot to include."""
import re
import sys

import sources

FLAGS = ["-std=c++20", "-I.", "-fsyntax-only", "-DWEIR_VERSION=\"0\"", "-Wall", "-Wextra", "-Werror", "-Wno-pragma-once-outside-header",
         "-Wno-unused-const-variable", "-Wno-unused-function", "-Wno-unneeded-internal-declaration",
         "-Wno-gnu-statement-expression"]


FIRST_INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.M)


def is_compiled_by_its_module(name):
    module = sources.ROOT / name.removesuffix(".h")
    source = module.with_suffix(".cpp")
    first = FIRST_INCLUDE.search(source.read_text()) if source.is_file() else None
    return first is not None and first.group(1) == name


def main():
    rule = " ".join(FLAGS) + sources.version("clang++")
    names = [name for name in sources.cxx_files("ingest", "gateway", "tests", suffixes=(".h",))
             if not is_compiled_by_its_module(name)]
    faults, looked = sources.check_all(
        sources.Memory("headers", rule), names, lambda name: ["clang++", *FLAGS, "-x", "c++", name])
    return sources.report("headers", faults, looked)


if __name__ == "__main__":
    sys.exit(main())
