#!/usr/bin/env python3
"""Runs clang-tidy over the product's sources: all of them, or those named. Every finding is an error; a NOLINT needs a
reason.

Much of its time goes into the library headers of each file. So the files of a room are looked at as one text; those
whose names clash with others go into a second, and so on. Findings are told in the files' own lines."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess
import sys

import sources

FLAGS = ["-std=c++20", "-I.", "-Wall", "-Wextra", "-DWEIR_VERSION=\"0\""]
# The analyzer's budget of steps for each function, a ninth of its default. Most of all time went into the few functions
# that used theirs up. Measured on ingest/timeline (clang 14, debug.Stats): 18 of 856 blocks stay unreached, with three
# times the budget 16 and with the default 14, for two and five times the time. Not entering the standard library would
# reach more for less still, but then the analyzer believes that a Result may be both good and bad.
ANALYZER = ["-Xclang", "-analyzer-config", "-Xclang", "max-nodes=25000"]
USING = re.compile(r"using [\w:]+;$")


def joined(memory, names):
    """One text of all, and the file and line of each of its lines. A using declaration stands once."""
    text, places, using = [], [], set()
    for name in names:
        for number, line in enumerate(memory.text(name).decode().split("\n"), 1):
            if USING.match(line):
                line = "" if line in using else line
                using.add(line)
            text.append(line)
            places.append((name, number))
    return "\n".join(text) + "\n", places


def write(memory, names):
    text, places = joined(memory, names)
    path = memory.folder / (hashlib.sha256("\n".join(names).encode()).hexdigest()[:16] + ".cpp")
    path.write_text(text)
    return path, places


def clashing(memory, names):
    """Those that do not compile in one text with the others before them; None when it compiles."""
    path, places = write(memory, names)
    done = subprocess.run(["clang++", *FLAGS, "-w", "-fsyntax-only", "-ferror-limit=0", str(path)], cwd=sources.ROOT,
                          capture_output=True, text=True, errors="replace")
    path.unlink()
    if done.returncode == 0:
        return None
    lines = re.findall(re.escape(str(path)) + r":(\d+):\d+: (?:fatal )?error:", done.stderr)
    return {places[min(int(line), len(places)) - 1][0] for line in lines}


def groups(memory, names):
    """Texts of as many of the names as go together."""
    together, apart = names, []
    while len(together) > 1:
        bad = clashing(memory, together)
        if bad is None:
            break
        bad = (bad - {together[0]}) or {together[-1]}
        apart += [name for name in together if name in bad]
        together = [name for name in together if name not in bad]
    return [together] + (groups(memory, apart) if apart else [])


def look(memory, names):
    path, places = write(memory, names)
    done = subprocess.run(["clang-tidy", "--quiet", str(path), "--", *FLAGS, *ANALYZER], cwd=sources.ROOT, capture_output=True,
                          text=True, errors="replace")
    path.unlink()
    if done.returncode == 0:
        for name in names:
            memory.remember(name)
        return None

    def place(match):
        name, number = places[min(int(match.group(1)), len(places)) - 1]
        return f"{name}:{number}:"
    return re.sub(re.escape(str(path)) + r":(\d+):", place, done.stdout).rstrip() or done.stderr.rstrip()


def main():
    names = [name for name in sys.argv[1:] if name.endswith(".cpp")]
    names = names or sources.cxx_files("ingest", "gateway", suffixes=(".cpp",))
    rule = " ".join(FLAGS + ANALYZER) + (sources.ROOT / ".clang-tidy").read_text() + sources.version("clang-tidy")
    memory = sources.Memory("tidy", rule)
    waiting = [name for name in names if not memory.passed(name)]
    rooms = {}
    for name in waiting:
        rooms.setdefault(pathlib.PurePosixPath(name).parent, []).append(name)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        split = [group for room in pool.map(lambda room: groups(memory, room), rooms.values()) for group in room]
        split.sort(key=len, reverse=True)
        faults = [fault for fault in pool.map(lambda group: look(memory, group), split) if fault]
    return sources.report("clang-tidy", faults, len(waiting))


if __name__ == "__main__":
    sys.exit(main())
