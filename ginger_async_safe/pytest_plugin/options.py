"""What a run is asked for, from its options and its ini file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["MODES", "Options", "asked"]

MODES = ("off", "report", "fail")


class Options(NamedTuple):
    """What a run does with violations.

    Attributes:
        mode: ``"report"`` or ``"fail"``.
        baseline: The file of known violations, or ``None``.
        updates: Whether that file is written anew.
        is_strict: Whether the run fails where the file lists what is no longer made.
        json: Where to write what was found, or ``None``.
        rules: Whether the rules for calls that nobody marked are in force while tests run.
    """

    mode: str
    baseline: Path | None
    updates: bool
    is_strict: bool
    json: Path | None
    rules: bool

    @property
    def fails(self) -> bool:
        """Whether a violation that is not known fails its test."""
        return self.mode == "fail" and not self.updates


def asked(config: pytest.Config) -> Options | None:
    """Return what the run is asked for, or ``None`` where the plugin stays inert.

    Raises:
        pytest.UsageError: Where the options make no sense together.
    """
    option = config.option
    if option.async_safe_mode == "off":
        return None
    baseline = _baseline(config)
    updates, is_strict = option.async_safe_update_baseline, option.async_safe_strict_baseline
    if baseline is None and (updates or is_strict):
        msg = (
            "which baseline? Name the file with --async-safe-baseline=FILE, or with async_safe_baseline in the ini file"
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
                f"{useless[0]} does nothing while --async-safe is off; choose --async-safe=report or --async-safe=fail"
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
