#!/usr/bin/env python3
"""Measures what archsim costs, beside hand-written loops for the same models: `python3 scripts/bench.py`.

Builds the program in release mode, runs the scenarios of scenarios/bench and, where the folder is there, the loops of
../shared/limit in turn, several rounds of all of them, and prints medians. Only ratios mean something: on a shared machine absolute
times drift, and what runs in turn drifts together. CPU time is that of the run loops alone (manifest.timing).

Needs Python 3.9 or newer, no packages. Python because it only starts programs and reads their JSON.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BENCH = ROOT / "scenarios" / "bench"

# Name, scenario, arguments of the hand loop for the same model (None: there is none).
WORKLOADS = [
    ("W1 one queue", "w1", ["w1", "two", "5e6"]),
    ("W1 and a time-out each", "w1-timeouts", None),
    ("W2 sixteen workers", "w2", ["w2", "4aryhole", "5e6"]),
    ("W3 three tiers", "w3", ["w3", "4aryhole", "5e6"]),
    ("W4 10 queues", "w4-10", ["w4", "4aryhole", "5e6", "10"]),
    ("W4 1,000 queues", "w4-1000", ["w4", "4aryhole", "5e6", "1000"]),
    ("W4 100,000 queues", "w4-100000", ["w4", "4aryhole", "5e6", "100000"]),
    ("W4 1,250,000 queues", "w4-1250000", ["w4", "4aryhole", "5e6", "1250000"]),
]


def build(folder, target):
    """Builds a cargo project and returns the folder of its programs."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=folder, env=environment, check=True)
    return pathlib.Path(target) / "release"


def archsim(program, arguments, out):
    """Runs the program and returns the timing of its manifest."""
    # A shell in between: Linux counts the memory of who forks towards the peak of the new process, and Python is not small.
    shell = ["sh", "-c", '"$@"; exit $?', "sh"]
    command = shell + [str(program), *arguments, "--json", "--quiet", "--exit-zero", "--out", str(out)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)["manifest"]["timing"]


def hand_loop(program, arguments):
    """Runs a hand loop and returns the JSON line that it prints."""
    done = subprocess.run([str(program), *arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def scenario(name):
    return str(BENCH / f"{name}.ron")


def rounds(number, program, limit, out):
    """Measures everything in turn, several times; nanoseconds by name."""
    ours = {name: [] for name, _, _ in WORKLOADS}
    theirs = {name: [] for name, _, _ in WORKLOADS}
    for turn in range(number):
        for name, file, loop in WORKLOADS:
            ours[name].append(archsim(program, ["run", scenario(file)], out))
            if limit and loop:
                theirs[name].append(hand_loop(limit, loop))
        print(f"round {turn + 1} of {number} done", flush=True)
    return ours, theirs


def median(rows, value):
    return statistics.median(value(row) for row in rows) if rows else None


def shown(value, digits=0):
    return "-" if value is None else f"{value:,.{digits}f}"


def table(ours, theirs):
    """Prints one line for each workload; returns nanoseconds for each request and each event."""
    print()
    print("| workload | ns/request | ns/event | hand loop, ns/request | ratio | peak memory |")
    print("|---|---|---|---|---|---|")
    per_request, per_event = {}, {}
    for name, _, _ in WORKLOADS:
        request = median(ours[name], lambda t: t["cpu_s"] / t["requests"] * 1e9)
        event = median(ours[name], lambda t: t["cpu_s"] / t["events"] * 1e9)
        loop = median(theirs[name], lambda t: t["ns_per_req"])
        pairs = [o["cpu_s"] / o["requests"] * 1e9 / t["ns_per_req"] for o, t in zip(ours[name], theirs[name])]
        ratio = statistics.median(pairs) if pairs else None
        memory = median(ours[name], lambda t: t["peak_rss_bytes"])
        per_request[name], per_event[name] = request, event
        cells = [name, shown(request), shown(event, 1), shown(loop, 1), shown(ratio, 2), f"{memory / 2**20:,.1f} MiB"]
        print("| " + " | ".join(cells) + " |")
    return per_request, per_event


def extras(program, out, number, per_request, per_event):
    """Prints the figures that compare archsim with itself."""
    print()
    timeout = per_request["W1 and a time-out each"] / per_request["W1 one queue"]
    print(f"- A time-out armed and cancelled for every request: {timeout:.2f} times the cost of W1.")
    pending = per_event["W4 1,250,000 queues"] / per_event["W4 10 queues"]
    print(f"- An event with a million pending: {pending:.2f} times one with ten pending.")
    for duration, requests in [("90s", "1e6"), ("900s", "1e7")]:
        timing = archsim(program, ["run", scenario("w3"), "--duration", duration], out)
        print(f"- Peak memory of W3 with {requests} requests: {timing['peak_rss_bytes'] / 2**20:.1f} MiB.")
    sweep = ["sweep", scenario("w1"), "--vary", "users.rate=Linear(from: 0.02, to: 0.8, points: 40)", "--threads", "2", "--fresh"]
    uses = []
    for _ in range(number):
        timing = archsim(program, sweep + ["--measure", "users.mean", "--duration", "1000000s"], out)
        uses.append(timing["cpu_s"] / timing["wall_s"])
    print(f"- A sweep of 40 points on two threads uses {statistics.median(uses):.2f} cores.")
    times = []
    for _ in range(4 * number):
        start = time.perf_counter()
        subprocess.run([str(program), "check", "--quiet", str(ROOT / "scenarios/web-shop.ron")], capture_output=True, check=True)
        times.append(time.perf_counter() - start)
    print(f"- `archsim check scenarios/web-shop.ron`, the process from start to end: {statistics.median(times) * 1e3:.0f} ms.")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default 5)")
    parser.add_argument("--limit", type=pathlib.Path, default=ROOT.parent / "shared" / "limit", help="the project of the hand loops")
    arguments = parser.parse_args()
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    program = build(ROOT, target) / "archsim"
    with tempfile.TemporaryDirectory() as scratch:
        limit = None
        if (arguments.limit / "Cargo.toml").exists():
            limit = build(arguments.limit, pathlib.Path(scratch) / "limit") / "limit"
        else:
            print(f"no hand loops in {arguments.limit}: no ratios")
        ours, theirs = rounds(arguments.rounds, program, limit, pathlib.Path(scratch) / "out")
        per_request, per_event = table(ours, theirs)
        extras(program, pathlib.Path(scratch) / "out", arguments.rounds, per_request, per_event)


if __name__ == "__main__":
    main()
