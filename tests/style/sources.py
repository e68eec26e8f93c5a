"""Which files the style tests look at, and a memory of those that passed: a file is looked at again only when it, or
something that it includes, or the rule has changed."""
import concurrent.futures
import hashlib
import os
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def cxx_files(*folders, suffixes=(".h", ".cpp")):
    """C++ files of these top folders, as paths below the root, in order."""
    return sorted(path.relative_to(ROOT).as_posix() for folder in folders
                  for path in (ROOT / folder).rglob("*") if path.suffix in suffixes and path.is_file())


class Memory:
    """Files that passed a rule, by a hash of all that the rule looks at. Lives in build/, so that it is never wrong for
    long: delete it at any time."""

    def __init__(self, name, rule):
        self.folder = ROOT / "build" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rule = rule
        self.texts = {}

    def text(self, name):
        if name not in self.texts:
            path = ROOT / name
            self.texts[name] = path.read_bytes() if path.is_file() else b""
        return self.texts[name]

    def closure(self, name):
        """The file and every file of ours that it includes, however indirectly."""
        seen, waiting = set(), [name]
        while waiting:
            file = waiting.pop()
            if file in seen:
                continue
            seen.add(file)
            waiting.extend(INCLUDE.findall(self.text(file).decode(errors="replace")))
        return sorted(seen)

    def stamp(self, name):
        key = hashlib.sha256(self.rule.encode())
        for file in self.closure(name):
            key.update(file.encode() + b"\0" + hashlib.sha256(self.text(file)).digest())
        return self.folder / (name.replace("/", "_") + "." + key.hexdigest()[:32])

    def passed(self, name):
        return self.stamp(name).exists()

    def remember(self, name):
        stamp = self.stamp(name)
        for old in self.folder.glob(name.replace("/", "_") + ".*"):
            old.unlink()
        stamp.touch()


def version(tool):
    return subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout


def check_all(memory, names, command_for, jobs=None):
    """Runs command_for(name) for each file that has not passed yet, all cores at once, the dearest first. Gives the
    outputs of those that failed."""
    waiting = sorted((n for n in names if not memory.passed(n)), key=lambda n: -len(memory.closure(n)))

    def run(name):
        done = subprocess.run(command_for(name), cwd=ROOT, capture_output=True, text=True)
        if done.returncode == 0:
            memory.remember(name)
            return None
        return f"{name}:\n{done.stdout}{done.stderr}".rstrip()

    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        return [fault for fault in pool.map(run, waiting) if fault], len(waiting)


def report(what, faults, looked):
    """Prints and gives the exit status."""
    print("\n".join(faults) if faults else f"{what}: {looked} files looked at, all well")
    return 1 if faults else 0
