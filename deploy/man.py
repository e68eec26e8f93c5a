#!/usr/bin/env python3
"""man.py PROGRAM: the manual page weir(1) on standard output: deploy/weir.1.in with what every command of the program
says of itself with --help. So no word about a command stands in two places."""
import os
import pathlib
import re
import subprocess
import sys
import time

TEMPLATE = pathlib.Path(__file__).with_name("weir.1.in")
COMMANDS_MAX = 100  # of which one goes round in circles
OPTION = re.compile(r"^  (\S.*?)(?:\s{2,}(\S.*))?$")


def say(program, *words):
    return subprocess.run([program, *words], capture_output=True, text=True, check=True, timeout=20).stdout


def plain(text):
    """As roff shows it: a backslash, a dash, and a dot or quote that begins a line are commands to it."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)


def sections(text):
    """(heading or "", its lines): a heading stands at the margin and ends with a colon."""
    found = [("", [])]
    for line in text.rstrip("\n").split("\n"):
        if re.match(r"^[A-Z][^:]*:$", line):
            found.append((line[:-1], []))
        else:
            found[-1][1].append(line)
    return found


def words_of(lines):
    """[name, what it is] of a list of options or subcommands, and what stands behind the list."""
    found = []
    for number, line in enumerate(lines):
        option = OPTION.match(line)
        if option:
            found.append([option[1], option[2] or ""])
        elif found and line.startswith("   "):
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
        elif line:
            return found, lines[number:]
    return found, []


def options_text(words):
    for name, what in words:
        yield ".TP\n.B " + plain(name)
        yield plain(what) if what else "\\&"


def prose(lines):
    """Paragraphs are filled; what is indented keeps its lines."""
    shown = False
    for line in lines:
        if line.startswith("  ") != shown and line:
            yield ".EE\n.PP" if shown else ".PP\n.EX"
            shown = not shown
        if line:
            yield plain(line)
        elif not shown:
            yield ".PP"
    if shown:
        yield ".EE"


def command_text(path, text):
    """The lines of one command's part of the page, and the names of its own commands."""
    out, inner = [f".SS {' '.join(path)}"], []
    for heading, lines in sections(text):
        if heading == "Subcommands":
            listed, rest = words_of(lines)
            inner = [name for name, _ in listed]
        elif heading == "Positionals" or (lines and lines[0].startswith("  -")):
            listed, rest = words_of(lines)
            out += [f".PP\n{plain(heading)}:"] if heading not in ("Options", "Positionals") else []
            out += options_text([word for word in listed if not word[0].startswith("-h,")])
        else:
            rest = [line for line in lines if not line.startswith("Usage: ")]
            out += [f".PP\n{plain(heading)}:"] if heading else []
        out += [".PP", *prose(rest)]
    return out, inner


def commands(program):
    """The part of every command, in the order of the help, a command before its own."""
    waiting, out = [[]], []
    for _ in range(COMMANDS_MAX):
        if not waiting:
            return out
        path = waiting.pop(0)
        lines, inner = command_text(["weir", *path], say(program, *path, "--help"))
        out += lines if path else []  # what the program says of itself is the template's
        waiting = [[*path, name] for name in inner] + waiting
    sys.exit("man.py: more commands than a program has")


def main():
    program = sys.argv[1]
    # Of the sources, not of today: the same sources make the same page.
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", "0"))))
    text = TEMPLATE.read_text().replace("@VERSION@", say(program, "--version").strip()).replace("@DATE@", date)
    inside = "\n".join([*commands(program), ".SH"])
    # A paragraph that holds nothing is none, and a heading begins one.
    inside = re.sub(r"(\.PP\n)+(?=\.(PP|SS|TP|SH))", "", inside)
    inside = re.sub(r"^(\.SS .*\n)\.PP\n", r"\1", inside, flags=re.M)
    print(text.replace("@COMMANDS@\n", inside.removesuffix(".SH")), end="")


if __name__ == "__main__":
    main()
