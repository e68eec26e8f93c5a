#!/usr/bin/env python3
"""How long it takes from the start of the process to its first 200, each time with a new and empty archive.

    tests/bench/start.py build/release/weir 30"""
import http.client
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

WAIT_S = 10


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def first_answer_ms(program, path):
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="weir-start-") as folder:
        config = pathlib.Path(folder, "weir.yaml")
        config.write_text(f"http:\n  listen: 127.0.0.1:{port}\narchive:\n  path: {folder}/archive\nfeeds: []\n")
        begun = time.monotonic()
        process = subprocess.Popen([program, "serve", "--config", str(config)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        try:
            while time.monotonic() < begun + WAIT_S:
                if answers(port, path):
                    return (time.monotonic() - begun) * 1000
                time.sleep(0.0005)
            sys.exit(f"{path}: no answer within {WAIT_S} s")
        finally:
            process.terminate()
            process.wait(WAIT_S)


def answers(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def main():
    program, times = sys.argv[1], int(sys.argv[2])
    for path in ("/healthz", "/readyz"):
        took = sorted(first_answer_ms(program, path) for _ in range(times))
        print(f"{path}: median {took[times // 2]:.0f} ms, p99 {took[min(times - 1, times * 99 // 100)]:.0f} ms")


if __name__ == "__main__":
    main()
