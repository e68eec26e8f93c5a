#!/usr/bin/env python3
"""The phases of tests/run.sh, one after the other, and their sum. Each phase is a command with a log, a time limit and,
where its tool writes one, a report of single tests in JUnit's format; a phase without a report counts as one test."""
import argparse
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import typing
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parents[1]
RESULTS = ROOT / "build/test-results"
NODE = "build/node/bin/node"
JOBS = os.environ.get("TESTS_JOBS") or str(os.cpu_count())
TAIL_LINES = 150  # of the log of a phase that failed


@dataclasses.dataclass
class Phase:
    name: str
    command: list
    needs: tuple = ()     # names of phases without which it is pointless
    reports: str = ""     # where its JUnit files are to be, as a glob below RESULTS
    limit: int = 600      # seconds
    env: dict = dataclasses.field(default_factory=dict)
    counts: bool = True   # a build is no test: it counts only when it fails
    filtered: bool = False  # may run no test: the filter can be for others
    beside: "Phase | None" = None  # done at the same time, with what this one leaves of the machine


@dataclasses.dataclass
class Running:
    phase: Phase
    begun: float
    log: typing.IO
    child: "subprocess.Popen | None" = None
    fault: str = ""  # why there is no child


@dataclasses.dataclass
class Outcome:
    phase: Phase
    seconds: float
    passed: int
    failed: int
    skipped: int


def log_of(phase):
    return RESULTS / (re.sub(r"\W+", "-", phase.name) + ".log")


def reported(phase):
    """Passed, failed and skipped tests of the phase's reports, and the names of those that failed."""
    passed = skipped = 0
    failed = []
    for report in sorted(RESULTS.glob(phase.reports)) if phase.reports else []:
        try:
            cases = list(xml.etree.ElementTree.parse(report).iter("testcase"))
        except xml.etree.ElementTree.ParseError:
            failed.append(f"{report.name} is no report: its program died")
            continue
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                failed.append(f"{case.get('classname', '')} {case.get('name', '')}".strip())
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                skipped += 1
            else:
                passed += 1
    return passed, failed, skipped


class Runner:
    def __init__(self):
        self.outcomes = []
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.interrupted)

    def interrupted(self, number, _frame):
        # Raised in whatever waits below; the sum is printed all the same.
        raise KeyboardInterrupt(signal.Signals(number).name)

    @staticmethod
    def end(child):
        """Ends the phase's process group, which is ours alone."""
        if child is None or child.poll() is not None:
            return
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
            try:
                os.killpg(child.pid, number)
                child.wait(patience)
                return
            except ProcessLookupError:
                return
            except subprocess.TimeoutExpired:
                continue

    def broken(self, name):
        return any(outcome.phase.name == name and outcome.failed for outcome in self.outcomes)

    def begin(self, phase, aside=False):
        """None where it would be pointless."""
        missing = [name for name in phase.needs if self.broken(name)]
        if missing:
            print(f"-- {phase.name}: not run, it needs {missing[0]}", flush=True)
            self.outcomes.append(Outcome(phase, 0, 0, 1, 0))
            return None
        print(f"-- {phase.name}", flush=True)
        for old in RESULTS.glob(phase.reports) if phase.reports else []:
            old.unlink()
        running = Running(phase, time.monotonic(), open(log_of(phase), "w"))
        environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb", **phase.env}
        try:
            running.child = subprocess.Popen([*(["nice"] if aside else []), *phase.command], cwd=ROOT,
                                             stdin=subprocess.DEVNULL, stdout=running.log, stderr=subprocess.STDOUT,
                                             env=environment, start_new_session=True)
        except OSError as fault:
            running.fault = str(fault)
        return running

    def finish(self, running):
        """Waits, and notes how it went: the exit status, or a sentence why there is none."""
        status = running.fault or "was interrupted"
        limit = running.phase.limit
        try:
            if running.child is not None:
                status = running.child.wait(max(0, running.begun + limit - time.monotonic()))
        except subprocess.TimeoutExpired:
            status = f"was stopped after {limit} s"
        finally:
            self.end(running.child)
            running.log.close()
            self.settle(running.phase, status, log_of(running.phase), time.monotonic() - running.begun)

    def run(self, phase):
        both = [self.begin(phase)]
        if phase.beside is not None:
            both.append(self.begin(phase.beside, aside=True))
        both = [running for running in both if running is not None]
        try:
            for running in both:
                self.finish(running)
        finally:
            for running in both:
                self.end(running.child)

    def settle(self, phase, status, path, seconds):
        passed, failed, skipped = reported(phase)
        if status != 0 and not failed:
            failed = [status if isinstance(status, str) else f"ended with status {status}"]
        if status == 0 and phase.counts and not phase.reports:
            passed += 1
        elif status == 0 and phase.counts and not phase.filtered and passed + len(failed) + skipped == 0:
            failed = ["ran no test"]
        self.outcomes.append(Outcome(phase, seconds, passed, len(failed), skipped))
        if failed:
            self.explain(phase, failed, path)

    @staticmethod
    def explain(phase, failed, path):
        lines = path.read_text(errors="replace").splitlines()
        print(f"\n{phase.name}: the end of {path.relative_to(ROOT)}:")
        print("\n".join(f"  {line}" for line in lines[-TAIL_LINES:]))
        for name in failed:
            print(f"FAILED {phase.name}: {name}")
        print(flush=True)

    def total(self, begun, seconds_before):
        """The table, and the one plain line that everybody waits for. Gives the exit status."""
        rows = [("packages", seconds_before, "", "", "")]
        for outcome in self.outcomes:
            rows.append((outcome.phase.name, outcome.seconds, outcome.passed, outcome.failed, outcome.skipped))
        width = max(len(row[0]) for row in rows)
        print(f"\n{'where the time went':{width}}  seconds  passed  failed  skipped")
        for name, seconds, passed, failed, skipped in rows:
            print(f"{name:{width}}  {seconds:7.1f}  {passed:>6}  {failed:>6}  {skipped:>7}")
        print(f"{'in all':{width}}  {time.time() - begun:7.1f}  (some were done at the same time)")
        passed, failed, skipped = (sum(getattr(o, kind) for o in self.outcomes)
                                   for kind in ("passed", "failed", "skipped"))
        if passed + failed == 0:
            print("no test has run")
            failed = 1
        print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
        return 1 if failed else 0


def build(preset, target="all"):
    command = f"cmake --preset {preset} && cmake --build build/{preset} --parallel {JOBS} --target {target}"
    return Phase(f"build {preset}", ["bash", "-c", command], limit=2700, counts=False)


def unit(preset, name_filter="", env=None, label=""):
    command = ["ctest", "--preset", preset, "--output-on-failure", "--no-tests=error", "--parallel", JOBS]
    if label:
        command += ["--label-regex", label]
    # A filter names a room, or a test within one.
    environment = {"GTEST_OUTPUT": f"xml:{RESULTS}/{preset}/", **(env or {})}
    if name_filter:
        environment["GTEST_FILTER"] = f"*{name_filter}*"
    return Phase(f"unit {preset}", command, (f"build {preset}",), f"{preset}/*.xml", env=environment,
                 filtered=bool(name_filter), limit=1200)


def style():
    def check(name, *arguments, needs=(), limit=900):
        return Phase(f"style {name}", ["python3", f"tests/style/check_{name}.py", *arguments], needs, limit=limit)
    return [check("includes", "."), check("files"), check("conformance"), check("format"), check("headers"),
            check("tidy", limit=2400)]


def dashboard():
    """The dashboard's own checks and tests, under its own Node."""
    def script(name, *arguments):
        return Phase(f"dashboard {name}", ["bash", "-c", "cd dashboard && exec ../deploy/node/npm.sh run \"$@\"", "-",
                                           name, *arguments], ("build dashboard",))
    units = script("test", "--", "--reporter=default", "--reporter=junit",
                   f"--outputFile.junit={RESULTS}/vitest.xml")
    units.reports = "vitest.xml"
    return [script("check"), units]


def browser(name_filter=""):
    """Real program, real Chromium, real Prometheus: one after the other, for they watch the clock."""
    chosen = [f"--test-name-pattern={re.escape(name_filter)}"] if name_filter else []
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/e2e").glob("*.test.mjs"))
    command = [NODE, "--test", "--test-concurrency=1", "--test-reporter=spec", "--test-reporter-destination=stdout",
               "--test-reporter=junit", f"--test-reporter-destination={RESULTS}/e2e.xml", *chosen, *files]
    return Phase("e2e", command, ("build dashboard", "build release"), "e2e.xml", filtered=bool(name_filter),
                 limit=2400)  # done beside a build, which takes half of the machine


def fuzz(seconds):
    """Each target, beginning from its corpus; what it finds stands in build/fuzz/found."""
    return Phase("fuzz", ["tests/fuzz/run.sh", str(seconds)], ("build asan",), "fuzz/*.xml", limit=1800,
                 env={"TESTS_JOBS": JOBS})


def phases(chosen):
    needle = chosen.filter
    if chosen.quick:
        return [build("dev"), unit("dev", needle)]
    node = Phase("build dashboard", ["deploy/dashboard.sh"], limit=600, counts=False)
    if needle:
        return [node, build("release"), unit("release", needle), browser(needle)]
    watched = browser()
    watched.beside = build("asan")  # a browser waits more than it works
    # Each unit test runs under the sanitizers; of the optimized ones those where the optimizer has something to do.
    plan = [node, build("release", "shipped"), unit("release", label="shipped"), watched, *dashboard(), unit("asan"), *style(),
            fuzz(120 if chosen.fuzz else 7)]
    if chosen.tsan:
        options = f"halt_on_error=1:suppressions={ROOT}/tests/support/tsan.suppressions"
        plan += [build("tsan"), unit("tsan", env={"TSAN_OPTIONS": options})]
    if chosen.chroot:
        plan.append(Phase("chroot", ["tests/chroot.sh"], limit=4800))
    if chosen.containers:
        plan.append(Phase("containers", ["tests/containers.sh"], limit=4800))
    if chosen.reproducible:
        plan.append(Phase("reproducible", ["deploy/reproduce.sh"], limit=4800))
    return plan


def main():
    parser = argparse.ArgumentParser(prog="tests/run.sh")
    for flag in ("quick", "tsan", "fuzz", "chroot", "containers", "reproducible"):
        parser.add_argument(f"--{flag}", action="store_true")
    parser.add_argument("filter", nargs="?", default="")
    chosen = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    begun = float(os.environ.get("TESTS_BEGUN") or time.time())
    seconds_before = time.time() - begun
    runner = Runner()
    interrupted = False
    try:
        for phase in phases(chosen):
            runner.run(phase)
    except KeyboardInterrupt as signalled:
        interrupted = True
        print(f"stopped by {signalled}")
    status = runner.total(begun, seconds_before)
    return 1 if interrupted else status


if __name__ == "__main__":
    sys.exit(main())
