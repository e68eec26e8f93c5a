#!/usr/bin/env python3
"""Prints the numbers of the ingest side as one table: what a line costs, what a series costs, what is
lost under overload, what parsing alone takes. Exits 1 when a goal is missed. See README.md here; it needs a quiet
machine of two cores or more.

  tests/bench/ingest_numbers.py [--build build/release] [--duration 5s] [--only WORD] [--quick]
"""
import argparse
import functools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOM = "1000000"  # of the table's limits, which are not what is measured
SETTINGS = ["workers=1", "http.listen=127.0.0.1:0", "archive.path=", "limits.series=" + ROOM, "limits.names=" + ROOM,
            "limits.series_per_name=" + ROOM, "limits.values_per_tag=" + ROOM, "limits.new_series_per_source=off",
            "limits.memory=8GiB", "metrics.series=off"]  # the load reads Weir's own metrics alone


@functools.lru_cache
def settings_of(binary):
    """SETTINGS without those that this build does not know: an older one can be measured, too."""
    command = [binary, "serve"]
    for setting in SETTINGS + ["no.such.key=1"]:  # so that it tells all faults, and ends
        command += ["--set", setting]
    said = subprocess.run(command, capture_output=True, text=True)
    unknown = re.findall(r"--set: (\S+): unknown key", said.stdout + said.stderr)
    return [setting for setting in SETTINGS if setting.split("=")[0] not in unknown]


class Weir:
    """A server on core 0 with one worker and one feed; ends with the block."""

    def __init__(self, binary, transport, log):
        self.transport = "tcp" if transport == "tcp" else "udp"
        self.command = ["taskset", "-c", "0", binary, "serve"]
        for setting in settings_of(binary) + [f'feeds=[{{listen: "{self.transport}://127.0.0.1:0", format: statsd}}]']:
            self.command += ["--set", setting]
        self.log = log

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.addresses = {}
        wanted = {"http", self.transport + "/statsd"}
        for line in self.process.stdout:
            found = re.search(r"what=(\S+) address=(\S+)", line)
            if found:
                self.addresses[found.group(1)] = found.group(2)
            if wanted <= self.addresses.keys():
                return self
        raise SystemExit("weir serve did not start: see " + self.log.name)

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=60)

    def load(self, binary, arguments):
        """One run of `weir bench ingest` on core 1, as it reports it."""
        command = ["taskset", "-c", "1", binary, "bench", "ingest", "--json",
                   "--to", f"{self.transport}://" + self.addresses[self.transport + "/statsd"],
                   "--metrics", "http://" + self.addresses["http"], "--pid", str(self.process.pid)] + arguments
        done = subprocess.run(command, capture_output=True, text=True)
        if not done.stdout.strip():
            raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def live_series(self, patience=60):
        """How many series live once the hub knows all that the worker does: it takes new ones while they come."""
        until = time.monotonic() + patience
        while True:
            with urllib.request.urlopen("http://" + self.addresses["http"] + "/metrics") as page:
                text = page.read().decode()
            hub, worker = (sum(float(value) for value in re.findall(rf"^{name}(?:{{[^}}]*}})? (\S+)$", text, re.M))
                           for name in ("weir_series", "weir_worker_series"))
            if 0 < worker <= hub or time.monotonic() > until:
                return int(hub)
            time.sleep(0.5)

    def resident(self):
        """Bytes of memory that are this process's alone, by smaps."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as lines:
            return sum(int(line.split()[1]) * 1024 for line in lines
                       if line.startswith(("Private_Clean:", "Private_Dirty:")))


class Table:
    def __init__(self, only):
        self.only = only
        self.missed = []

    def wants(self, name):
        return self.only in name

    def row(self, name, value, unit, goal, at_least=False):
        good = value >= goal if at_least else value <= goal
        if not good:
            self.missed.append(name)
        print(f"{name:46} {value:9.1f} {unit:12} {'>=' if at_least else '<='} {goal:7g}  {'' if good else 'MISSED'}",
              flush=True)


def cost(table, options, name, arguments, goal):
    """Processor time of the whole server for each line; the middle one of three runs behind a first."""
    if not table.wants(name):
        return None
    transport = "tcp" if "tcp" in arguments else "udp"
    with Weir(options.weir, transport, options.log) as weir:
        weir.load(options.weir, arguments + ["--duration", "2s"])
        runs = [weir.load(options.weir, arguments + ["--duration", options.duration])["server_ns_per_line"]
                for _ in range(options.runs)]
    table.row(name, statistics.median(runs), "ns a line", goal)
    return statistics.median(runs)


def costs(table, options):
    for series, goal in (("1000", 115), ("100000", 235)):
        flood = cost(table, options, f"udp, 1364 bytes, {series} series, flood",
                     ["--transport", "udp", "--series", series], goal)
        tags = cost(table, options, f"udp, 1364 bytes, {series} series, 3 tags",
                    ["--transport", "udp", "--series", series, "--tags", "3"], goal * 1.25)
        if flood and tags:
            print(f"    3 tags: {100 * (tags / flood - 1):.0f} % more a line, of lines twice as long")
    cost(table, options, "udp, 1364 bytes, 1000 series, 1 M/s",
         ["--transport", "udp", "--series", "1000", "--rate", "1000000"], 115)
    cost(table, options, "udp, 1364 bytes, 100000 series, 1 M/s",
         ["--transport", "udp", "--series", "100000", "--rate", "1000000"], 235)
    cost(table, options, "udp, one line a datagram, plain",
         ["--transport", "udp", "--series", "1000", "--lines-per-datagram", "1"], 1200)
    cost(table, options, "udp, one line a datagram, segmented",
         ["--transport", "udp-gso", "--series", "1000", "--lines-per-datagram", "1"], 300)
    cost(table, options, "tcp, 1000 series", ["--transport", "tcp", "--series", "1000"], 80)
    cost(table, options, "tcp, 100000 series", ["--transport", "tcp", "--series", "100000"], 170)


def zero_loss(table, options):
    """The highest rate without loss, as a share of what is taken under overload."""
    for series, goal in (("1000", 75), ("100000", 65)):
        name = f"zero loss, {series} series"
        if not table.wants(name):
            continue
        with Weir(options.weir, "udp", options.log) as weir:
            arguments = ["--transport", "udp", "--series", series, "--duration", options.duration]
            weir.load(options.weir, arguments)
            found = weir.load(options.weir, arguments + ["--find-zero-loss"])
        taken = found["server"]["lines"] / found["sent"]["seconds"]
        table.row(name, 100 * found["zero_loss_lines_per_second"] / taken, "% of taken", goal, at_least=True)
        print(f"    {found['zero_loss_lines_per_second'] / 1e6:.2f} M/s of {taken / 1e6:.2f} M/s")


def process_memory(table, options):
    """Private memory of the process, by smaps, for each live series after the first panes."""
    # Each series is drawn some six times, and more: nearly all of them live.
    for name, series, kind, rate, seconds, goal in (
            ("memory of the process, 100000 timers", 100_000, "timer", "500000", 6, 0),
            ("memory of the process, 1000000 counters", 1_000_000, "counter", "400000", 15, 2**30 / 1e6)):
        if not table.wants(name):
            continue
        with Weir(options.weir, "udp", options.log) as weir:
            before = weir.resident()
            weir.load(options.weir, ["--transport", "udp", "--series", str(series), "--kind", kind,
                                     "--rate", rate, "--duration", f"{seconds}s"])
            live = weir.live_series()
            bytes_held = weir.resident() - before
        if live < 0.95 * series:
            table.missed.append(name)
            print(f"{name}: only {live} of {series} series live: MISSED")
            continue
        if goal:
            table.row(name, bytes_held / live, "bytes each", goal)
        print(f"    {name}: {bytes_held / live:.0f} bytes a series, panes of the hub included, {live} live")


def bench(options, program, pattern):
    """The counters of a Google Benchmark, by name."""
    path = os.path.join(options.build, "tests", program)
    done = subprocess.run(["taskset", "-c", "0", path, "--benchmark_format=json", f"--benchmark_filter={pattern}"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{path}: {done.stderr.strip()}")
    return results(path, done.stdout)


def results(program, said):
    found = {each["name"]: each for each in json.loads(said)["benchmarks"]}
    failed = [f"{name}: {each.get('error_message')}" for name, each in found.items() if each.get("error_occurred")]
    if failed:
        raise SystemExit(f"{program}: {'; '.join(failed)}")
    return found


def worker_memory(table, options):
    if not table.wants("memory of a worker"):
        return
    goals = {"counter/100000/1/": 200, "counter/1000000/1/": 200, "timer/100000/20/": 640, "timer/100000/64/": 830,
             "timer/20000/1000/": 830}
    for name, each in bench(options, "worker_bench", "bytes_a_series").items():
        goal = next((goal for part, goal in goals.items() if part in name), None)
        kind, series, samples = name.split("/")[1:4]
        if goal:
            table.row(f"memory of a worker, {series} {kind}s, {samples} samples", each["bytes"], "bytes", goal)
    turns = bench(options, "worker_bench", "^hand_over/").popitem()[1]
    table.row("hand-over of 100000 timers, a turn, p99", turns["turn_us_p99"], "us", 200)


def parsing(table, options):
    if not table.wants("parse"):
        return
    for name, each in bench(options, "codec_bench", ".").items():
        table.row("parse " + name, each["bytes_per_second"] / 1e9, "GB/s", 1, at_least=True)


def sketches(table, options):
    if not table.wants("sketch"):
        return
    found = bench(options, "sketch_bench", "histogram_insert/|histogram_merge_200|hyper_log_log_insert")
    for name, key, goal in (("histogram_insert/unit", "cpu_time", 4),
                            ("histogram_insert/sampled_at_three_tenths", "cpu_time", 4),
                            ("hyper_log_log_insert", "cpu_time", 4),
                            ("histogram_merge_200_into_many", "cpu_time", 300)):
        table.row("sketch " + name, found[name][key], "ns", goal)
    table.row("sketch histogram_merge_200", found["histogram_merge_200"]["ns_a_merge"], "ns", 300)


def hub(table, options):
    """What the hub pays for busy timers and large streams, and what a series with ten minutes of panes holds."""
    if table.wants("hub, a second of 100000 busy timers"):
        found = bench(options, "timeline_bench", "second_of_busy_timers/series:100000/roll_ups:1")
        table.row("hub, a second of 100000 busy timers", found.popitem()[1]["real_time"], "ms", 150)
    if table.wants("hub, bytes of a timer"):
        found = bench(options, "timeline_bench", "bytes_of_a_series/roll_ups:0")
        table.row("hub, bytes of a timer", found.popitem()[1]["bytes_a_series"], "bytes", 56 * 1024)
    if table.wants("hub, 10000 groups, evaluated and encoded"):
        found = bench(options, "groups_bench", "evaluate_and_encode")
        table.row("hub, 10000 groups, evaluated and encoded", found.popitem()[1]["cpu_time"], "ms", 25)
    if table.wants("hub, tick of an hour"):
        for name, each in bench(options, "stream_bench", "tick_of_an_hour").items():
            print(f"    hub, {name}: {each['cpu_time']:.1f} ms, {each['held_MiB']:.0f} MiB held")


def history(table, options):
    """Processor time of the archive's thread: an hour of 1,000 series, cold; and what checkpoints cost."""
    for part, goal in (("RollUpsOf10s", 400), ("PanesOf1s", 2500)):
        name = f"history, an hour from {part}"
        if table.wants(name):
            table.row(name, bench(options, "history_bench", part).popitem()[1]["busy_ms"], "ms", goal)
    if table.wants("history, checkpoint"):
        each = bench(options, "checkpoint_bench", ".").popitem()[1]
        print(f"    history, checkpoint: {each['archive_ms_a_second']:.0f} ms a second of the archive, "
              f"{each['hub_ms_a_second']:.0f} of the hub, {each['MB_a_second']:.1f} MB; "
              f"filing {each['filing_ms_a_minute']:.0f} ms a minute")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release")
    parser.add_argument("--duration", default="5s", help="of each run")
    parser.add_argument("--only", default="", help="rows whose name has this in it")
    parser.add_argument("--quick", action="store_true", help="one run of a second each: to see that it works")
    options = parser.parse_args()
    options.weir = os.path.join(options.build, "weir")
    options.runs = 3
    if options.quick:
        options.duration, options.runs = "1s", 1
    table = Table(options.only)
    with tempfile.NamedTemporaryFile("w", prefix="weir-numbers-", suffix=".log", delete=False) as options.log:
        for part in (costs, zero_loss, process_memory, worker_memory, parsing, sketches, hub, history):
            part(table, options)
    os.unlink(options.log.name)  # it is for a run that failed
    if table.missed:
        print(f"{len(table.missed)} of the goals missed", file=sys.stderr)
    return 1 if table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
