"""Run a framework's own test suites with and without this library; framework-suites sets up and starts it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTIONS = {"gingerdj": "ginger-dj", "django": "django"}
SUITES = ["async", "asgi", "handlers", "backends", "signals"]
SERVED_SUITES = ["asgi", "async", "handlers", "middleware", "middleware_exceptions", "view_tests", "generic_views"]
APPS = "ALWAYS_INSTALLED_APPS = [\n"
_NAMES = "it expects header names that are not in lower case, as ASGI requires"
_TEXT = "its scope has a query string that is text, where ASGI has bytes"
_TWICE = "middleware is loaded for each of the two handlers, and this one reports it each time"
EXPLAINED = {
    "test_get_asgi_application": _NAMES,
    "test_headers": _NAMES,
    "test_file_response": _NAMES,
    "test_post_body": _TEXT,
    "test_get_query_string": _TEXT,
    "test_non_unicode_query_string": "a sync view has such a query string decoded, as under WSGI, and no error 400",
    "test_disconnect_with_body": "a sync view that has begun is not cancelled, and its response is dropped",
    "test_assert_in_listen_for_disconnect": "after the request, only the client's leaving is listened for",
    "test_async_streaming": "the WSGI handler would exhaust an async iterator, and warns; it is streamed on the loop",
    "test_log": _TWICE,
    "test_log_custom_message": _TWICE,
    "test_request_signals_streaming_response": "the test client here returns when the response has been sent and closed",
    "test_chunked": "chunks that are made before the client has the first one are sent together",
}
"""Why single tests fail with this library's application."""


class Outcome(NamedTuple):
    """The outcome of a run of the suites."""

    passed: int
    failed: int
    skipped: int
    failures: frozenset[str]

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def main() -> int:
    """Run the suites and print the outcomes; return how many frameworks differ under the guard."""
    frameworks = sys.argv[1:2] or list(DISTRIBUTIONS)
    unknown = [name for name in frameworks if name not in DISTRIBUTIONS]
    if unknown:
        sys.exit(f"{unknown[0]!r} is not a known framework; give one of {', '.join(DISTRIBUTIONS)}")
    guarded, served = (sys.argv[2:], sys.argv[2:]) if sys.argv[2:] else (SUITES, SERVED_SUITES)
    return sum(differs(framework, guarded) + is_served_otherwise(framework, served) for framework in frameworks)


def differs(framework: str, suites: list[str]) -> bool:
    """Run a framework's suites with the guard and without, print the outcomes, and return whether they differ."""
    tests = source(framework) / "tests"
    program = (tests / "runtests.py").read_text(encoding="utf-8")
    if program.count(APPS) != 1:
        sys.exit(f"{tests / 'runtests.py'} has no single line {APPS.strip()!r} to put ours below")
    guarded = tests / "runtests_guarded.py"
    guarded.write_text(program.replace(APPS, f'{APPS}    "ginger_async_safe.contrib.{framework}",\n'), encoding="utf-8")
    print(f"{framework} {version(DISTRIBUTIONS[framework])}, its suites {' '.join(suites)}", flush=True)
    without = outcome(tests / "runtests.py", suites)
    print(f"  without the line  {without}", flush=True)
    with_line = outcome(guarded, suites)
    print(f"  with the line     {with_line}", flush=True)
    for name in sorted(without.failures ^ with_line.failures):
        print(f"  only {'with' if name in with_line.failures else 'without'} it: {name}")
    print(f"  difference        {'none' if without == with_line else 'see above'}", flush=True)
    return without != with_line


def is_served_otherwise(framework: str, suites: list[str]) -> bool:
    """Run a framework's suites with this library's application, print the outcomes, and return whether any is unexplained."""
    tests = source(framework) / "tests"
    program = (tests / "runtests.py").read_text(encoding="utf-8")
    served = tests / "runtests_served.py"
    served.write_text(program.replace(APPS, f"import _served_suites\n\n{APPS}"), encoding="utf-8")
    print(f"{framework} {version(DISTRIBUTIONS[framework])}, its suites {' '.join(suites)}", flush=True)
    own = outcome(tests / "runtests.py", suites)
    print(f"  its own handlers  {own}", flush=True)
    ours = outcome(served, suites, FRAMEWORK=framework, PYTHONPATH=str(ROOT / "scripts"))
    print(f"  our application   {ours}", flush=True)
    others = sorted(ours.failures - own.failures)
    for name in others:
        print(f"  only with ours: {name}: {EXPLAINED.get(name.partition(' ')[0], 'unexplained')}")
    return any(name.partition(" ")[0] not in EXPLAINED for name in others)


def source(framework: str) -> Path:
    """Return the directory with the source of the framework, of the installed version; it is downloaded once."""
    directory = ROOT / ".venvs" / "sources"
    distribution, number = DISTRIBUTIONS[framework], version(DISTRIBUTIONS[framework])
    target = directory / f"{framework}-{number}"
    if not target.exists():
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        archives = directory / "archives"
        subprocess.run(
            [*pip, "--no-binary", ":all:", "--dest", archives, f"{distribution}=={number}"], check=True, cwd=ROOT
        )
        (archive,) = archives.glob(f"{distribution.replace('-', '?')}-{number}.tar.gz")
        with tarfile.open(archive) as opened:
            if hasattr(tarfile, "data_filter"):
                opened.extraction_filter = tarfile.data_filter
            unpacked = directory / opened.getnames()[0].partition("/")[0]
            opened.extractall(directory)  # noqa: S202 - through the filter for data, where Python has it
        unpacked.rename(target)
    return target


def outcome(program: Path, suites: list[str], **variables: str) -> Outcome:
    """Run the suites and return their outcome."""
    run = subprocess.run(
        [sys.executable, "-W", "ignore", program, *suites, "--parallel", "1"],
        cwd=program.parent,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    ran = re.search(r"^Ran (\d+) tests? in", run.stdout, re.MULTILINE)
    summary = re.search(r"^(?:OK|FAILED)(?: \((.*)\))?$", run.stdout, re.MULTILINE)
    if ran is None or summary is None:
        sys.exit(f"{program} did not run its tests:\n{run.stdout[-4000:]}")
    counts = dict(part.split("=") for part in (summary[1] or "").split(", ") if part)
    failed = sum(int(counts.get(kind, 0)) for kind in ("failures", "errors", "unexpected successes"))
    skipped = int(counts.get("skipped", 0))
    failures = frozenset(re.findall(r"^(?:FAIL|ERROR|UNEXPECTED SUCCESS): (.+)$", run.stdout, re.MULTILINE))
    return Outcome(int(ran[1]) - failed - skipped, failed, skipped, failures)


if __name__ == "__main__":
    sys.exit(main())
