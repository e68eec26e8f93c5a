#!/usr/bin/env python3
"""ingest_numbers.py says by its exit whether every goal was met. Runs no server: its parts are replaced."""
import contextlib
import importlib.util
import io
import pathlib
import sys

path = pathlib.Path(__file__).with_name("ingest_numbers.py")
spec = importlib.util.spec_from_file_location("ingest_numbers", path)
numbers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(numbers)

PARTS = ("costs", "zero_loss", "process_memory", "worker_memory", "parsing", "sketches", "hub", "history")


def exit_of(*rows):
    """Of a run whose table has these rows: value, goal, whether at least that."""
    for name in PARTS:
        setattr(numbers, name, lambda table, options: None)
    numbers.costs = lambda table, options: [table.row("row", value, "ns", *goal) for value, *goal in rows]
    sys.argv = [str(path), "--quick"]
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
        code = numbers.main()
    return code, said.getvalue().count("MISSED")


# A benchmark that refused its own input ends all of it, and says which one.
good = '{"benchmarks": [{"name": "a", "bytes_per_second": 1e9}]}'
bad = '{"benchmarks": [{"name": "a", "error_occurred": true, "error_message": "a line was refused"}]}'
assert numbers.results("codec_bench", good)["a"]["bytes_per_second"] == 1e9
try:
    numbers.results("codec_bench", bad)
    raise AssertionError("a failed benchmark was taken for a result")
except SystemExit as said:
    assert "a: a line was refused" in str(said), said

assert exit_of((100, 115, False), (80, 75, True)) == (0, 0)
assert exit_of((115, 115, False), (75, 75, True)) == (0, 0)
assert exit_of((116, 115, False), (80, 75, True)) == (1, 1)
assert exit_of((100, 115, False), (74, 75, True)) == (1, 1)
