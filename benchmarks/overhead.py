"""Measure the cost of tracing: the kit beside none, the stock API, logfire, ddtrace.

    python -m benchmarks.overhead --rounds 41
    make overhead                # installs logfire and ddtrace first

Every variant runs once a round, in an order that rotates, each tool in a process of its
own that waits while the others run. The table shows the median and the quartiles of a
call's microseconds. `of stock` is the ratio to the stock variant in the same rounds;
`added` is the same ratio after no tracing is subtracted from both. Microseconds differ
from machine to machine and hour to hour: compare the ratios of one run.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.overhead_of.worker import ROOT, Worker

PEERS = ROOT / ".venv-peers" / "bin" / "python"
CALLS = {"span": 400, "span, not sampled": 400, "exception": 40}
OTHER_CALLS = 80
OURS = [("kit", "spans"), ("kit", "requests")]
OURS += [("celery_messages", tool) for tool in ("none", "stock", "kit")]
THEIRS = [
    (peer, kind)
    for peer in ("logfire_peer", "ddtrace_peer")
    for kind in ("spans", "requests")
] + [("celery_messages", "ddtrace")]


@dataclass(frozen=True)
class Goal:
    """A ratio that must not be exceeded."""

    ours: str
    theirs: str
    most: float
    is_added: bool = False  # compare the cost beyond no tracing


GOALS = [
    Goal("span/@traced", "span/stock", 1.0),
    Goal("span/@traced", "span/@logfire.instrument", 0.3),
    Goal("span/@traced", "span/ddtrace", 1.0),
    Goal("flask/trace_flask", "flask/stock (contrib)", 0.35, is_added=True),
    Goal(
        "flask from a caller/trace_flask",
        "flask from a caller/stock (contrib)",
        0.35,
        is_added=True,
    ),
    Goal("exception/@traced", "exception/stock", 0.2),
    Goal("celery send/trace_celery", "celery send/stock (contrib)", 1.0),
    Goal("celery process/trace_celery", "celery process/stock (contrib)", 1.0),
]
Times = dict[str, list[float]]  # microseconds by variant, one for each round


def main() -> None:
    """Measure, and print a table for each group, then the goals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=41)
    parser.add_argument("--only", default="", help="only groups that begin with this")
    options = parser.parse_args()
    workers = start_workers()
    try:
        times = measure(workers, options.rounds, options.only)
    finally:
        for worker in workers:
            worker.close()
    for group in dict.fromkeys(name.partition("/")[0] for name in times):
        show(group, {k: v for k, v in times.items() if k.startswith(f"{group}/")})
    show_goals(times)


def start_workers() -> list[Worker]:
    """Start each tool's process; leave out the peers if they are not installed."""
    workers = [Worker(sys.executable, *arguments) for arguments in OURS]
    if not PEERS.exists():
        print("logfire and ddtrace are not installed: run `make overhead` for them.\n")
        return workers
    for arguments in THEIRS:
        try:
            workers.append(Worker(PEERS, *arguments))
        except RuntimeError as error:
            print(f"left out: {error}")
    return workers


def measure(workers: list[Worker], rounds: int, only: str) -> Times:
    """Run every variant once a round, each round beginning with another variant."""
    order = [
        (name, worker)
        for worker in workers
        for name in worker.variants
        if name.startswith(only)
    ]
    times: Times = {name: [] for name, _ in order}
    for _ in range(rounds):
        for name, worker in order:
            calls = CALLS.get(name.partition("/")[0], OTHER_CALLS)
            times[name].append(worker.time(name, calls))
        order.append(order.pop(0))
    return times


def show(group: str, times: Times) -> None:
    """Print a group's table."""
    floor = times[f"{group}/no tracing"]
    stock = next(v for k, v in times.items() if k.startswith(f"{group}/stock"))
    print(f"{group:30} {'µs':>7} {'quartiles':>15} {'of stock':>9} {'added':>6}")
    for name, values in times.items():
        low, middle, high = quantiles(values, n=4)
        of_stock = median(ratios(values, stock))
        added = median(ratios(less(values, floor), less(stock, floor)))
        print(
            f"  {name.partition('/')[2]:28} {middle:7.1f} {low:7.1f}-{high:7.1f}"
            f" {of_stock:9.2f} {added:6.2f}"
        )
    print()


def show_goals(times: Times) -> None:
    """Print the ratio of each goal."""
    for goal in GOALS:
        if not {goal.ours, goal.theirs} <= set(times):
            continue
        ours, theirs = times[goal.ours], times[goal.theirs]
        if goal.is_added:
            floor = times[f"{goal.ours.partition('/')[0]}/no tracing"]
            ours, theirs = less(ours, floor), less(theirs, floor)
        low, middle, high = quantiles(ratios(ours, theirs), n=4)
        cost = "added cost, " if goal.is_added else ""
        print(
            f"{middle:5.2f} ({low:.2f}-{high:.2f}), goal {goal.most:.2f}: "
            f"{cost}{goal.ours} to {goal.theirs}"
        )


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Return the ratio of each round."""
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def less(times: list[float], floor: list[float]) -> list[float]:
    """Return the time of each round beyond its floor."""
    return [a - b for a, b in zip(times, floor, strict=True)]


if __name__ == "__main__":
    main()
