"""Where settings come from, and the errors for invalid ones."""

from __future__ import annotations

import importlib.util
import os
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from _effects import blocking, explained, is_stopped
from _guarding import called_in_task

from ginger_async_safe import ConfigurationError, SynchronousOnlyOperation, configure, explain
from ginger_async_safe._config import settings

if TYPE_CHECKING:
    from pathlib import Path

DEFAULTS = {
    "policy": "raise   from the default",
    "allow": "nothing   from the default",
    "report_unused_grants": "no   from the default",
    "first_party": "what is not installed   from the default",
    "third_party": "report   from the default",
    "log_raised": "yes   from the default",
}

NO_POLICY = (
    "{} is not a policy; choose one of raise, warn, log, ignore or, in code, a callable that takes the violation"
)
NO_LIST = 'allow takes a list of patterns of calls, such as ["gingerdj.db.*"], not {}'
NO_PATTERN = (
    '{} is not a pattern for guarded calls; write a dotted name, with * for any part of it, such as "gingerdj.db.*"'
)
NO_SWITCH = "report_unused_grants takes true or false, not {}"
NO_SETTING = f"there is no setting {{}}; there are {', '.join(DEFAULTS)}"


def in_force() -> dict[str, str]:
    """Return each setting as ``explain()`` shows it."""
    rows = explained()
    return {key: rows[key][0] for key in DEFAULTS}


def write_table(directory: Path, *lines: str) -> Path:
    """Write a pyproject.toml with these settings, and return its path."""
    path = directory / "pyproject.toml"
    path.write_text("\n".join(('[project]\nname = "shop"\n\n[tool.ginger_async_safe]', *lines)), encoding="utf-8")
    return path


class TestPrecedence:
    """Code, then the environment, then pyproject.toml, then the default; separately for each setting."""

    def test_default(self) -> None:
        """By default, calls are stopped, none is allowed, and unused grants are not reported."""
        assert DEFAULTS == in_force()

    def test_file(self, tmp_path: Path) -> None:
        """pyproject.toml overrides the defaults."""
        path = write_table(tmp_path, 'policy = "log"', 'allow = ["shop.*"]', "report_unused_grants = true")
        where = f"from [tool.ginger_async_safe] in {path}"
        assert {
            **DEFAULTS,
            "policy": f"log   {where}",
            "allow": f"shop.*   {where}",
            "report_unused_grants": f"yes   {where}",
        } == in_force()

    def test_environment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment overrides pyproject.toml, for the settings that it names."""
        path = write_table(tmp_path, 'policy = "log"', 'allow = ["shop.*"]')
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "warn")
        assert {
            **DEFAULTS,
            "policy": "warn   from GINGER_ASYNC_SAFE",
            "allow": f"shop.*   from [tool.ginger_async_safe] in {path}",
        } == in_force()

    def test_code(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Code overrides both, for the settings that it names."""
        write_table(tmp_path, 'policy = "log"')
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "policy=warn; allow=shop.*")
        configure(policy="ignore")
        assert {
            **DEFAULTS,
            "policy": "ignore   from configure()",
            "allow": "shop.*   from GINGER_ASYNC_SAFE",
        } == in_force()

    def test_environment_at_run_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment is read at each call, so changing and removing the variable has an effect."""
        seen = []
        for value in ("ignore", "raise", "policy=ignore", ""):
            monkeypatch.setenv("GINGER_ASYNC_SAFE", value)
            seen.append(called_in_task(is_stopped))
        monkeypatch.delenv("GINGER_ASYNC_SAFE")
        assert [False, True, False, True, True] == [*seen, called_in_task(is_stopped)]


class TestConfigure:
    """Settings from code."""

    def test_not_given_keeps(self) -> None:
        """What is not given is not changed."""
        configure(policy="log", allow="shop.*", report_unused_grants=True)
        configure(policy="warn")
        assert {
            **DEFAULTS,
            "policy": "warn   from configure()",
            "allow": "shop.*   from configure()",
            "report_unused_grants": "yes   from configure()",
        } == in_force()

    def test_none_removes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """``None`` removes a setting of code, so that the environment and the file apply."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "log")
        configure(policy="ignore", allow="shop.*")
        configure(policy=None, allow=None)
        assert {**DEFAULTS, "policy": "log   from GINGER_ASYNC_SAFE"} == in_force()

    def test_none_twice(self) -> None:
        """Removing a setting twice is no error."""
        configure(policy=None)
        configure(policy=None, allow=None, report_unused_grants=None)
        assert DEFAULTS == in_force()

    def test_false_is_a_value(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """``False`` and an empty list are values, and override the environment."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "allow=*; report_unused_grants=true")
        configure(allow=[], report_unused_grants=False)
        assert {
            **DEFAULTS,
            "allow": "nothing   from configure()",
            "report_unused_grants": "no   from configure()",
        } == in_force()

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({"policy": "rise"}, NO_POLICY.format("'rise'")),
            ({"policy": True}, NO_POLICY.format("True")),
            ({"policy": "RAISE"}, NO_POLICY.format("'RAISE'")),
            ({"allow": 5}, NO_LIST.format("5")),
            ({"allow": {"shop.*": True}}, NO_LIST.format("{'shop.*': True}")),
            ({"allow": ["shop..db"]}, NO_PATTERN.format("'shop..db'")),
            ({"report_unused_grants": 1}, NO_SWITCH.format("1")),
            ({"report_unused_grants": "yes"}, NO_SWITCH.format("'yes'")),
        ],
    )
    def test_bad_value(self, settings: dict[str, Any], expected: str) -> None:
        """For an invalid value, the error names it and what is accepted."""
        with pytest.raises(ConfigurationError) as caught:
            configure(**settings)
        assert f"configure(): {expected}" == str(caught.value)

    def test_bad_value_changes_nothing(self) -> None:
        """If one of several values is invalid, nothing is changed."""
        configure(policy="log")
        with pytest.raises(ConfigurationError):
            configure(policy="ignore", allow=["shop.*"], report_unused_grants="no")  # type: ignore[arg-type]
        assert {**DEFAULTS, "policy": "log   from configure()"} == in_force()

    def test_allow(self) -> None:
        """An allowed call runs on a loop, as if it were not guarded."""
        configure(allow=["_effects.*"])
        assert called_in_task(blocking) == "it ran"


class TestEnvironment:
    """``GINGER_ASYNC_SAFE``."""

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("", {}),
            ("   ", {}),
            (";", {}),
            ("warn", {"policy": "warn"}),
            ("  warn  ", {"policy": "warn"}),
            ("warn;", {"policy": "warn"}),
            ("policy=warn", {"policy": "warn"}),
            ("policy = warn", {"policy": "warn"}),
            ("log; ignore", {"policy": "ignore"}),
            ("allow=a.*, b.c", {"allow": "a.*, b.c"}),
            ("warn; allow=a.*", {"policy": "warn", "allow": "a.*"}),
            ("report_unused_grants=true", {"report_unused_grants": "yes"}),
            ("report_unused_grants=True", {"report_unused_grants": "yes"}),
            ("report_unused_grants=false", {"report_unused_grants": "no"}),
            (
                "policy=warn; allow=a.*, b.c; report_unused_grants=true",
                {"policy": "warn", "allow": "a.*, b.c", "report_unused_grants": "yes"},
            ),
        ],
    )
    def test_forms(self, value: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
        """A policy alone is enough; semicolons separate settings, commas separate patterns."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", value)
        assert {
            **DEFAULTS,
            **{key: f"{text}   from GINGER_ASYNC_SAFE" for key, text in expected.items()},
        } == in_force()

    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("wran", NO_POLICY.format("'wran'")),
            ("policy=", NO_POLICY.format("''")),
            ("polcy=warn", NO_SETTING.format("'polcy'")),
            ("allow=a b", NO_PATTERN.format("'a b'")),
            ("allow=true", NO_LIST.format("True")),
            ("report_unused_grants=maybe", NO_SWITCH.format("'maybe'")),
            ("warn, allow=a.*", NO_SETTING.format("'warn, allow'")),
        ],
    )
    def test_bad_form(self, value: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """For an invalid value, the error names it and what is accepted."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", value)
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert f"GINGER_ASYNC_SAFE: {expected}" == str(caught.value)

    def test_code_applies_nevertheless(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A setting from code applies even if the environment is invalid."""
        monkeypatch.setenv("GINGER_ASYNC_SAFE", "wran")
        configure(policy="ignore", allow=[])
        assert called_in_task(blocking) == "it ran"


class TestFile:
    """``[tool.ginger_async_safe]`` in pyproject.toml."""

    def test_nearest_upwards(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The nearest file is used, from the working directory upwards."""
        inner = tmp_path / "shop" / "src" / "deep"
        inner.mkdir(parents=True)
        write_table(tmp_path, 'policy = "ignore"')
        path = write_table(tmp_path / "shop", 'policy = "log"')
        monkeypatch.chdir(inner)
        assert f"log   from [tool.ginger_async_safe] in {path}" == in_force()["policy"]

    def test_nearest_without_table(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The search ends at the nearest file, even if it has no settings for this library."""
        inner = tmp_path / "shop"
        inner.mkdir()
        write_table(tmp_path, 'policy = "log"')
        (inner / "pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
        monkeypatch.chdir(inner)
        assert DEFAULTS == in_force()

    def test_directory_of_that_name(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A directory called pyproject.toml is not a settings file."""
        (tmp_path / "shop" / "pyproject.toml").mkdir(parents=True)
        path = write_table(tmp_path, 'policy = "log"')
        monkeypatch.chdir(tmp_path / "shop")
        assert f"log   from [tool.ginger_async_safe] in {path}" == in_force()["policy"]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[tool.other]\npolicy = 5\n",
            "[tool.ginger_async_safe]\n",
            "# ginger_async_safe is not configured here\n",
            'dependencies = ["ginger_async_safe"]\n',
            "[tool]\n# nothing of ginger_async_safe\n",
            "[not valid TOML",  # and not this library's
        ],
    )
    def test_no_settings(self, text: str, tmp_path: Path) -> None:
        """A file without settings for this library does not change the defaults."""
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        assert DEFAULTS == in_force()

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ('policy = "wran"', NO_POLICY.format("'wran'")),
            ("policy = 5", NO_POLICY.format("5")),
            ('polcy = "warn"', NO_SETTING.format("'polcy'") + ", check, rules"),
            ("allow = 5", NO_LIST.format("5")),
            ("allow = { shop = true }", NO_LIST.format("{'shop': True}")),
            ('allow = ["a b"]', NO_PATTERN.format("'a b'")),
            ("report_unused_grants = 1", NO_SWITCH.format("1")),
            ('report_unused_grants = "true"', NO_SWITCH.format("'true'")),
        ],
    )
    def test_bad_value(self, line: str, expected: str, tmp_path: Path) -> None:
        """For an invalid value, the error names the file and what is accepted."""
        path = write_table(tmp_path, line)
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert f"[tool.ginger_async_safe] in {path}: {expected}" == str(caught.value)

    @pytest.mark.parametrize(
        "text",
        [
            "tool.ginger_async_safe = 5",
            'tool.ginger_async_safe = "warn"',
            "[[tool.ginger_async_safe]]",
            'tool = "ginger_async_safe"',
            "[[tool]]\nginger_async_safe = {}",
        ],
    )
    def test_not_a_table(self, text: str, tmp_path: Path) -> None:
        """If there is something else in the table's place, the error shows how to write a table."""
        path = tmp_path / "pyproject.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert (
            f"{path}: tool.ginger_async_safe is not a table; "
            "write [tool.ginger_async_safe] on a line of its own and the settings below it"
        ) == str(caught.value)

    def test_invalid_toml(self, tmp_path: Path) -> None:
        """If a file is no valid TOML, the error has the line and the column."""
        path = write_table(tmp_path, "policy = raise")
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert f"{path} is not valid TOML (Invalid value (at line 5, column 10)); fix it there" == str(caught.value)

    def test_not_utf_8(self, tmp_path: Path) -> None:
        """If a file has another encoding, the error names the encoding of TOML."""
        path = tmp_path / "pyproject.toml"
        path.write_bytes("[tool.ginger_async_safe]\n# größer".encode("latin-1"))
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert (
            f"{path} cannot be read ('utf-8' codec can't decode byte 0xf6 in position 29: invalid start byte); "
            "make it a file in UTF-8 that this process may read"
        ) == str(caught.value)

    def test_unreadable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """If a file cannot be read, the error names it."""
        path = write_table(tmp_path, 'policy = "log"')

        def refuse(file: str, *_: object, **__: object) -> None:
            raise PermissionError(13, "Permission denied", file)

        monkeypatch.setattr("builtins.open", refuse)
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert (
            f"{path} cannot be read ([Errno 13] Permission denied: '{path}'); "
            "make it a file in UTF-8 that this process may read"
        ) == str(caught.value)

    def test_no_parser(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """On Python 3.10 without tomli, the error names the extra that installs it."""
        path = write_table(tmp_path, 'policy = "log"')
        monkeypatch.setattr(settings, "sys", SimpleNamespace(version_info=(3, 10, 0)))
        monkeypatch.setitem(sys.modules, "tomli", None)  # its import fails, as if it were not installed
        with pytest.raises(ConfigurationError) as caught:
            explain()
        assert (
            f"{path} has settings for this library, and Python 3.10 cannot read them alone; "
            "install ginger-async-safe[toml]"
        ) == str(caught.value)

    def test_no_parser_and_no_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """There is no such error if the file has no settings for this library."""
        (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n', encoding="utf-8")
        monkeypatch.setattr(settings, "sys", SimpleNamespace(version_info=(3, 10, 0)))
        monkeypatch.setitem(sys.modules, "tomli", None)
        assert DEFAULTS == in_force()

    @pytest.mark.skipif(importlib.util.find_spec("tomli") is None, reason="tomli is for Python 3.10")
    def test_tomli(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Python 3.10 with tomli reads the file like other Pythons."""
        path = write_table(tmp_path, 'policy = "log"')
        monkeypatch.setattr(settings, "sys", SimpleNamespace(version_info=(3, 10, 0)))
        assert f"log   from [tool.ginger_async_safe] in {path}" == in_force()["policy"]

    @pytest.mark.parametrize(
        "text",
        [
            "[tool.ginger_async_safe",
            "[tool.ginger_async_safe]\npolicy = 5",
            'tool = "ginger_async_safe"',
            "tool.ginger_async_safe = []",
        ],
    )
    def test_broken_file_at_a_violation(self, text: str, tmp_path: Path) -> None:
        """An invalid file does not allow anything: each call is stopped, and the mistake in the file is the cause."""
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        for _ in range(2):
            with pytest.raises(SynchronousOnlyOperation) as caught:
                called_in_task(blocking)
            assert isinstance(caught.value.__cause__, ConfigurationError)

    def test_working_directory_is_gone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A process whose directory was removed has no file, and is guarded nevertheless."""
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        with pytest.raises(FileNotFoundError):
            os.getcwd()  # noqa: PTH109 - this call is tested
        with pytest.raises(SynchronousOnlyOperation, match="fix       await sync_to_async") as caught:
            called_in_task(blocking)
        assert caught.value.__cause__ is None
