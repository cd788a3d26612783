"""The options of a run, from the command line and the ini file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MODES", "Options", "options_of"]

MODES = ("off", "report", "fail")


class Options(NamedTuple):
    """What a run does with violations.

    Attributes:
        mode: ``"report"`` or ``"fail"``.
        baseline: The file of known violations, or ``None``.
        updates: Whether that file is rewritten.
        is_strict: Whether the run fails if the file lists violations that no longer occur.
        json: The file for the report, or ``None``.
        rules: Whether the built-in rules for unmarked blocking calls are enabled while tests run.
    """

    mode: str
    baseline: Path | None
    updates: bool
    is_strict: bool
    json: Path | None
    rules: bool

    @property
    def fails(self) -> bool:
        """Whether a violation that the baseline does not list fails its test."""
        return self.mode == "fail" and not self.updates


def options_of(config: pytest.Config) -> Options | None:
    """Return the options of a run, or ``None`` if the plugin stays inert.

    Raises:
        pytest.UsageError: If the options contradict each other.
    """
    option = config.option
    if option.async_safe_mode == "off":
        return None
    baseline = _baseline(config)
    updates, is_strict = option.async_safe_update_baseline, option.async_safe_strict_baseline
    if baseline is None and (updates or is_strict):
        msg = (
            "no baseline is given; name the file with --async-safe-baseline=FILE, or with async_safe_baseline in the ini "
            "file"
        )
        raise pytest.UsageError(msg)
    mode = option.async_safe_mode or _mode_of_ini(config)
    rules = option.async_safe_rules or config.getini("async_safe_rules")
    wants_mode = [option.async_safe_baseline, updates, is_strict, option.async_safe_rules]
    if mode == "off" and (any(wants_mode) or (rules and not config.getini("async_safe_mode"))):
        mode = "fail"
    if mode == "off":
        useless = [
            name
            for name, value in (
                ("--async-safe-json", option.async_safe_json),
                ("--async-safe-baseline", option.async_safe_baseline),
                ("--async-safe-update-baseline", updates),
                ("--async-safe-strict-baseline", is_strict),
            )
            if value
        ]
        if useless:
            msg = (
                f"{useless[0]} has no effect while --async-safe is off; choose --async-safe=report or --async-safe=fail"
            )
            raise pytest.UsageError(msg)
        return None
    report = option.async_safe_json
    return Options(mode, baseline, updates, is_strict, config.invocation_params.dir / report if report else None, rules)


def _baseline(config: pytest.Config) -> Path | None:
    name: str | None = config.option.async_safe_baseline
    if name:
        return config.invocation_params.dir / name
    name = config.getini("async_safe_baseline")
    return (config.inipath.parent if config.inipath else config.rootpath) / name if name else None


def _mode_of_ini(config: pytest.Config) -> str:
    mode: str = config.getini("async_safe_mode") or "off"
    if mode not in MODES:
        msg = f"async_safe_mode = {mode!r} in {config.inipath}: choose one of {', '.join(MODES)}"
        raise pytest.UsageError(msg)
    return mode
