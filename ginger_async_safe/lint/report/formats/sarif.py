"""The result of a check for code scanning: a log in the format SARIF 2.1.0 of OASIS.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import hashlib
import json
import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ginger_async_safe._version import __version__
from ginger_async_safe.lint.report.explanations import OTHERS, rule_lines
from ginger_async_safe.lint.report.places import MORE, line_of
from ginger_async_safe.lint.report.rule_names import category_of, code_of
from ginger_async_safe.lint.report.verdict import entry_of

if TYPE_CHECKING:
    from pathlib import Path

    from ginger_async_safe.lint.domain.findings import Finding, Step
    from ginger_async_safe.lint.report.verdict import Verdict

__all__ = ["as_sarif"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "SRCROOT"
_SUPPRESSION, _ENTRY = OTHERS


def as_sarif(verdict: Verdict, root: Path) -> str:
    """Return the log, as text.

    Args:
        verdict: What follows from the check.
        root: The project's folder, which paths in the log are relative to.
    """
    findings = verdict.findings
    rules = sorted({finding.id: finding for finding in findings}.items())
    index = {rule: number for number, rule in enumerate([*(rule for rule, _ in rules), *OTHERS])}
    results = [_result(finding, verdict, index, root) for finding in findings]
    results += [
        _other(_SUPPRESSION, each.text, index, _location(each.path, each.line, 0, root, each.cell))
        for each in verdict.problems
    ]
    if verdict.baseline is not None:
        place = _location(verdict.baseline.path, 0, 0, root)
        results += [
            _other(_ENTRY, f"{entry} is no longer found; delete it from the baseline.", index, place)
            for entry in verdict.fixed
        ]
    run = {
        "tool": {
            "driver": {
                "name": "ginger-async-safe",
                "version": __version__,
                "rules": [*(_rule(finding) for _, finding in rules), *map(_our_rule, OTHERS)],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"uri": f"{root.resolve().as_uri().rstrip('/')}/"}},
        "invocations": [
            {
                "executionSuccessful": not verdict.report.unread,
                "exitCode": verdict.exit_code,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": each.why},
                        "locations": [_location(each.path, each.line, 0, root, each.cell)],
                    }
                    for each in verdict.report.unread
                ]
                + [
                    {
                        "level": "note",
                        "message": {"text": f"left out: {each.why}"},
                        "locations": [_location(each.path, 0, 0, root)],
                    }
                    for each in verdict.report.left_out
                ]
                + [
                    {
                        "level": "note",
                        "message": {"text": f"{each.function} was not followed to the end: {each.why}"},
                        "locations": [_location(each.path, each.line, 0, root, each.cell)],
                    }
                    for each in verdict.report.cuts
                ],
            }
        ],
        "results": results,
    }
    # Nobody reads it, and Python writes it ten times as fast without indents.
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(finding: Finding) -> dict[str, Any]:
    text = "\n".join(rule_lines(finding.id))
    return {
        "id": finding.id,
        "shortDescription": {"text": f"{finding.id} blocks the event loop"},
        "fullDescription": {"text": finding.reason or f"{finding.id} blocks the event loop"},
        "help": {"text": text, "markdown": f"```\n{text}\n```"},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["async", category_of(finding.id), code_of(finding.id)]},
    }


def _our_rule(rule: str) -> dict[str, Any]:
    return {"id": rule, "shortDescription": {"text": OTHERS[rule]}, "help": {"text": OTHERS[rule]}}


def _result(finding: Finding, verdict: Verdict, index: dict[str, int], root: Path) -> dict[str, Any]:
    first = finding.chain[0]
    reason = f" ({finding.reason})" if finding.reason else ""
    below = "".join(f"\n→ {line_of(step)}" for step in finding.chain[1:])
    below += f"\n({MORE})" if finding.has_more else ""
    # Two findings of one entry differ in the async function, and in nothing that moves with the lines of a file.
    identity = f"{entry_of(finding)} from {first.function} by {first.call}"
    return {
        "ruleId": finding.id,
        "ruleIndex": index[finding.id],
        "level": verdict.level.value,
        "message": {"text": f"{finding.call} blocks the event loop{reason}. Fix: {finding.fix}{below}"},
        "locations": [_of_step(first, root)],
        "partialFingerprints": {"entry/v1": hashlib.sha256(identity.encode(errors="surrogatepass")).hexdigest()},
        "codeFlows": [
            {
                "threadFlows": [
                    {
                        "locations": [
                            {"location": {**_of_step(step, root), "message": {"text": f"calls {step.call}"}}}
                            for step in finding.chain
                        ]
                    }
                ]
            }
        ],
    }


def _other(rule: str, text: str, index: dict[str, int], location: dict[str, Any]) -> dict[str, Any]:
    return {
        "ruleId": rule,
        "ruleIndex": index[rule],
        "level": "error",
        "message": {"text": text},
        "locations": [location],
    }


def _of_step(step: Step, root: Path) -> dict[str, Any]:
    location = _location(step.path, step.line, step.column, root, step.cell)
    return {**location, "logicalLocations": [{"fullyQualifiedName": step.function, "kind": "function"}]}


def _location(path: Path, line: int, column: int, root: Path, cell: int = 0) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": _artifact(path, root)}
    if cell:  # the lines of the file are those of its JSON
        return {"physicalLocation": place, "message": {"text": f"cell {cell}, line {line}"}}
    if line:
        place["region"] = {"startLine": line, **({"startColumn": column} if column else {})}
    return {"physicalLocation": place}


@lru_cache(maxsize=4096)
def _artifact(path: Path, root: Path) -> dict[str, str]:
    path, root = path.resolve(), root.resolve()
    if path.is_relative_to(root):
        return {"uri": quote(os.fsencode(path.relative_to(root).as_posix())), "uriBaseId": _ROOT}
    return {"uri": path.as_uri()}
