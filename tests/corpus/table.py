"""The results of scenarios, evaluated and counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from corpus.scenario import Scenario

__all__ = ["evaluated", "misses", "table"]

_COLUMNS = (
    # the heading, what is counted, out of what
    ("caught", "caught", "blocking"),
    ("before it ran", "before", "blocking"),
    ("line right", "line_right", "caught"),
    ("rule right", "rule_right", "caught"),
    ("seen by watch", "watched", "to_watch"),
    ("false alarms", "false_alarm", "safe"),
)


_SAME = (
    # modules whose functions also have names in another module
    ("_io.", "io."),
    ("_queue.", "queue."),
    ("_socket.", "socket."),
    ("_sqlite3.", "sqlite3."),
    ("_ssl.", "ssl."),
    ("_thread.", "threading."),
    ("builtins.", ""),
    ("lock.", "threading.Lock."),
    ("LockType.", "threading.Lock."),
    ("ScandirIterator.", "os.ScandirIterator."),
    ("genericpath.", "os.path."),
    ("posix.", "os."),
    ("posixpath.", "os.path."),
)


def evaluated(scenario: Scenario, result: dict[str, Any]) -> dict[str, Any]:
    """Return a result with its evaluation.

    A call is *caught* if it was stopped or reported. The line and the rule are right if one report has both; if none
    has, each is right if any report has it.
    """
    reports = result["reports"]
    on_line = [report for report in reports if _is_here(scenario, report)]
    rules = {_known_as(report["rule"]) for report in (on_line or reports)}
    kind = "safe" if not scenario.rules else "to_watch" if scenario.seen_by == "watch" else "blocking"
    found = bool(reports)
    return {
        **result,
        "subject": scenario.subject,
        "kind": kind,
        "caught": kind == "blocking" and found,
        "before": kind == "blocking" and found and not result["ran"],
        "watched": kind == "to_watch" and found,
        "line_right": kind == "blocking" and bool(on_line),
        "rule_right": kind == "blocking" and not rules.isdisjoint(scenario.rules),
        "false_alarm": kind == "safe" and (found or result["outcome"] != "ok"),
        "expected": {"rules": scenario.rules, "line": scenario.line},
    }


def _known_as(rule: str) -> str:
    for private, public in _SAME:
        if rule.startswith(private):
            return public + rule.removeprefix(private)
    return rule


def _is_here(scenario: Scenario, report: dict[str, Any]) -> bool:
    if report["line"] is None:
        return scenario.by_the_loop
    return bool(report["file"] == scenario.file and report["line"] == scenario.line)


def table(results: list[dict[str, Any]]) -> str:
    """Return the counts, by subject and in total, as text."""
    subjects = sorted({result["subject"] for result in results})
    rows = [("", "runs", *(heading for heading, _, _ in _COLUMNS), "broken")]
    rows += [_row(subject, [one for one in results if one["subject"] == subject]) for subject in subjects]
    rows.append(_row("in total", results))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def _row(name: str, results: list[dict[str, Any]]) -> tuple[str, ...]:
    counts = [(_count(results, what), _count(results, whole)) for _, what, whole in _COLUMNS]
    shares = [f"{part}/{whole} {100 * part / whole:5.1f} %" if whole else "" for part, whole in counts]
    broken = sum(result["outcome"] == "error" and result["kind"] != "safe" for result in results)
    return (name, str(len(results)), *shares, str(broken) if broken else "")


def _count(results: list[dict[str, Any]], what: str) -> int:
    if what in {"blocking", "to_watch", "safe"}:
        return sum(result["kind"] == what for result in results)
    return sum(result[what] for result in results)


def misses(results: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a line for each result that is wrong."""
    for result in results:
        faults = list(_faults(result))
        if faults:
            yield f"  {result['name']} on {result['loop']}: {', '.join(faults)}"


def _faults(result: dict[str, Any]) -> Iterator[str]:
    named = [f"{report['rule']} at {report['line']}" for report in result["reports"]]
    if result["kind"] == "blocking":
        if not result["caught"]:
            yield "missed"
        else:
            if not result["before"]:
                yield "it ran"
            if not result["line_right"]:
                yield f"not line {result['expected']['line']} but {named}"
            if not result["rule_right"]:
                yield f"not {result['expected']['rules'][0]} but {named}"
    elif result["kind"] == "to_watch" and not result["watched"]:
        yield "not seen"
    elif result["false_alarm"]:
        yield f"false alarm: {named}"
    if result["outcome"] == "error":
        yield str(result["error"])
