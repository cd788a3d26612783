"""Select the handler for each URL of a project, without calling the project's code."""

from __future__ import annotations

import enum
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from asgiref.sync import iscoroutinefunction

from ginger_async_safe.exceptions import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ginger_async_safe.contrib._framework import Framework

__all__ = ["SETTING", "Handler", "Views"]

SETTING = "GINGER_ASYNC_SAFE_HANDLERS"

logger: logging.Logger = logging.getLogger("ginger_async_safe.asgi")

_LONGEST_KEPT = 256  # maximum length in characters of a cached path, so that no client can fill the memory
_MOST_KEPT = 2048  # cached paths
_ANYTHING = re.compile("")
_EXAMPLE = '{"shop.views.report": "asgi", "/old/*": "wsgi"}'


class Handler(enum.Enum):
    """The handler that serves a request.

    Attributes:
        WSGI: The framework's WSGI handler, in a thread.
        ASGI: The framework's ASGI handler, on the event loop.
    """

    WSGI = "wsgi"
    ASGI = "asgi"


@dataclass(eq=False)
class _View:
    """One view at one URL pattern.

    Attributes:
        regexes: The regular expressions for its part of the path, one per language where they differ.
        is_certain: Whether a match always leads to this view.
        handler: The handler that serves it.
    """

    regexes: tuple[re.Pattern[str], ...]
    is_certain: bool
    handler: Handler


@dataclass(eq=False)
class _Include:
    """Views with a common path prefix.

    Attributes:
        regexes: The regular expressions for the prefix, one per language where they differ.
        is_certain: Whether a match always is this prefix.
        below: The views and includes below the prefix, in order.
    """

    regexes: tuple[re.Pattern[str], ...]
    is_certain: bool
    below: list[_View | _Include] = field(default_factory=list)


class Views:
    """The URLs of a project, and the handler for each of their views.

    Only the regular expressions of the URL patterns are matched; no converter is called, since a project's converter
    may query a database. Where a path may belong to a sync or an async view, or to patterns of a class that the
    project defines, the framework's ASGI handler serves it, since it can serve every view, endless streams included. A
    path without a view goes to the WSGI handler, which produces error pages faster.

    Args:
        framework: The framework.

    Raises:
        ConfigurationError: Where the setting ``GINGER_ASYNC_SAFE_HANDLERS`` is invalid.
    """

    def __init__(self, framework: Framework) -> None:
        self._framework = framework
        self._chosen = _checked(getattr(framework.module("conf").settings, SETTING, {}))
        self._get_resolver: Callable[[], Any] = framework.module("urls").get_resolver
        self._resolver: object = None
        self._top: _View | _Include | None = None
        self._has_asgi = True
        self._of_path: Callable[[str], Handler] = self._find

    @property
    def is_current(self) -> bool:
        """Whether the project's URLs were read, and have not been replaced since."""
        return self._resolver is not None and self._get_resolver() is self._resolver

    def read(self) -> None:
        """Read the project's URLs, which imports its views.

        Raises:
            Exception: Whatever the import of the project's modules raises.
        """
        resolver = self._get_resolver()
        reading = _Reading(self._framework, self._chosen)
        self._top = reading.node(resolver, "", frozenset())
        for name in reading.unused:
            logger.warning("%s has %r, and no view of the project has this name or path", SETTING, name)
        self._has_asgi = any(view.handler is Handler.ASGI for view in _views(self._top))
        self._of_path = lru_cache(_MOST_KEPT)(self._find)
        self._resolver = resolver

    def handler_of(self, path: str) -> Handler:
        """Return the handler for a path, given relative to the project's mount point."""
        if not self._has_asgi:
            return Handler.WSGI
        return self._of_path(path) if len(path) <= _LONGEST_KEPT else self._find(path)

    def _find(self, path: str) -> Handler:
        found: list[_View] = []
        if self._top is not None:
            _match(self._top, path, found, is_certain=True)
        return Handler.ASGI if any(view.handler is Handler.ASGI for view in found) else Handler.WSGI


def _match(node: _View | _Include, path: str, found: list[_View], *, is_certain: bool) -> bool:
    """Append the views that a path may belong to; return whether the last one is certain, which ends the search."""
    is_certain = is_certain and node.is_certain
    for regex in node.regexes:
        match = regex.search(path)
        if match is None:
            continue
        if isinstance(node, _View):
            found.append(node)
            return is_certain
        rest = path[match.end() :]
        if any(_match(each, rest, found, is_certain=is_certain) for each in node.below):
            return True
    return False


def _views(node: _View | _Include) -> Iterator[_View]:
    if isinstance(node, _View):
        yield node
    else:
        for each in node.below:
            yield from _views(each)


class _Reading:
    """Reads a project's URL patterns once.

    Args:
        framework: The framework.
        chosen: The handlers set by the project, by view name or path.
    """

    def __init__(self, framework: Framework, chosen: Mapping[str, Handler]) -> None:
        resolvers = framework.module("urls.resolvers")
        self._view_class: Any = resolvers.URLPattern
        self._include_class: Any = resolvers.URLResolver
        self._prefix_class: type = resolvers.LocalePrefixPattern
        self._pattern_classes: set[type] = {resolvers.RegexPattern, resolvers.RoutePattern, self._prefix_class}
        self._lazy_class: type = framework.module("utils.functional").Promise
        self._converters: str = framework.module("urls.converters").__name__
        self._translation = framework.module("utils.translation")
        settings = framework.module("conf").settings
        self._languages: list[str] = [code for code, _ in settings.LANGUAGES] if settings.USE_I18N else []
        self._chosen = chosen
        self.unused: set[str] = set(chosen)
        """Keys of the setting that have matched no view so far."""

    def node(self, each: Any, before: str, above: frozenset[int]) -> _View | _Include:  # noqa: ANN401 - no types
        """Return what is known of a pattern.

        Args:
            each: The framework's pattern: of a view, or with others below it.
            before: The patterns that it is below, joined.
            above: Which of these have been read on the way: one may include itself.
        """
        if type(each.pattern) not in self._pattern_classes or id(each) in above:
            return self._unknown((_ANYTHING,), before)
        regexes = self._regexes(each.pattern)
        route = before + str(each.pattern).removeprefix("^")
        is_certain = all(type(one).__module__ == self._converters for one in each.pattern.converters.values())
        if type(each) is self._view_class:
            own = Handler.ASGI if iscoroutinefunction(each.callback) else Handler.WSGI
            return _View(regexes, is_certain, self._handler(route, each.lookup_str, own))
        if type(each) is not self._include_class:
            return self._unknown(regexes, route)
        above |= {id(each)}
        return _Include(regexes, is_certain, [self.node(one, route, above) for one in each.url_patterns])

    def _unknown(self, regexes: tuple[re.Pattern[str], ...], route: str) -> _View:
        """Return a stand-in for patterns that only the project's code can interpret: it may match any path."""
        return _View(regexes, is_certain=False, handler=self._handler(route, "", Handler.ASGI))

    def _regexes(self, pattern: Any) -> tuple[re.Pattern[str], ...]:  # noqa: ANN401 - no types
        is_prefix = isinstance(pattern, self._prefix_class)
        is_translated = any(isinstance(value, self._lazy_class) for value in vars(pattern).values())
        if not self._languages or not (is_prefix or is_translated):
            return (pattern.regex,)
        found: dict[str, re.Pattern[str]] = {}
        for language in self._languages:
            with self._translation.override(language):
                regex = re.compile(f"^{re.escape(pattern.language_prefix)}") if is_prefix else pattern.regex
            found.setdefault(regex.pattern, regex)
        # The longest first, so that one that matches everything (the default language's prefix) does not hide others.
        return tuple(sorted(found.values(), key=lambda regex: -len(regex.pattern)))

    def _handler(self, route: str, name: str, own: Handler) -> Handler:
        """Return the handler of a view: that of the setting, else ``own``."""
        for chosen, handler in self._chosen.items():
            subject = route if chosen.startswith("/") else name
            if subject == chosen or fnmatchcase(subject, chosen):  # fnmatch misreads a regular expression
                self.unused.discard(chosen)
                return handler
        return own


def _checked(setting: object) -> dict[str, Handler]:
    """Return the handlers of the setting, or raise ConfigurationError."""
    if not isinstance(setting, Mapping):
        msg = f"{SETTING} is {setting!r}; set it to a dictionary, such as {_EXAMPLE}"
        raise ConfigurationError(msg)
    handlers = {handler.value: handler for handler in Handler}
    for name, handler in setting.items():
        if not isinstance(name, str) or not name:
            msg = f"{SETTING} has the key {name!r}; give a view's dotted name, or a path that begins with a slash"
            raise ConfigurationError(msg)
        if not isinstance(handler, str) or handler not in handlers:
            msg = f'{SETTING} has {handler!r} for {name!r}; give "wsgi" for a thread, or "asgi" for the event loop'
            raise ConfigurationError(msg)
    return {name: handlers[handler] for name, handler in setting.items()}
