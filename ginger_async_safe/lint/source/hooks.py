"""Hooks: sync functions that a framework calls on its event loop, recognised by the class or the decorator.

Frameworks that call sync functions in a thread, such as FastAPI, aiogram and MCP, are not here.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

__all__ = ["DECORATORS", "IN_THREADS", "OF_PROTOCOLS", "Hook", "hooks_named", "may_register"]


class Hook(NamedTuple):
    """Methods that a framework calls on its loop.

    Attributes:
        base: The class that defines them; with ``.*`` at the end, any class of a package.
        names: Their names, with ``*`` at the end for all that begin so.
        prefers_twin: Whether it calls the async method of the same name with an ``a``, where the class has one.
    """

    base: str
    names: tuple[str, ...]
    prefers_twin: bool = False

    def fits(self, base: str) -> bool:
        """Return whether a class of this name defines them."""
        return base == self.base or (self.base.endswith(".*") and base.startswith(self.base[:-1]))


OF_PROTOCOLS = frozenset(
    [
        "buffer_updated",
        "connection_lost",
        "connection_made",
        "data_received",
        "datagram_received",
        "eof_received",
        "error_received",
        "get_buffer",
        "pause_writing",
        "pipe_connection_lost",
        "pipe_data_received",
        "process_exited",
        "resume_writing",
    ]
)
"""The methods of asyncio's protocols."""

_TEXTUAL = "_on_* action_* compose compute_* key_* on_* render validate_* watch_*"
_TORNADO = (
    "check_xsrf_cookie data_received delete get get_current_user get_user_locale head initialize log_exception on_finish "
    "options patch post prepare put set_default_headers write_error"
)
_WEBSOCKET = "check_origin on_close on_message on_ping on_pong open select_subprotocol"
_COGS = "bot_check bot_check_once cog_check cog_unload"

_HOOKS = (
    Hook("asyncio.BaseProtocol", tuple(sorted(OF_PROTOCOLS))),
    Hook("tornado.web.RequestHandler", tuple(_TORNADO.split())),
    Hook("tornado.websocket.WebSocketHandler", tuple(_WEBSOCKET.split())),
    Hook("textual.*", tuple(_TEXTUAL.split())),
    Hook(
        "langchain.agents.middleware.AgentMiddleware",
        ("after_agent", "after_model", "before_agent", "before_model"),
        prefers_twin=True,
    ),
    *(
        Hook(f"{name}.Cog", tuple(_COGS.split()))
        for name in ("discord", "discord.ext.commands", "disnake.ext.commands", "nextcord.ext.commands")
    ),
    *(Hook(f"telegram.ext.filters.{name}", ("filter",)) for name in ("MessageFilter", "UpdateFilter")),
)

DECORATORS: frozenset[str] = frozenset(
    {
        "homeassistant.core.callback",
        "semantic_kernel.functions.kernel_function",
        "textual.on",
        *(
            f"langchain.agents.middleware.{name}"
            for name in ("after_agent", "after_model", "before_agent", "before_model")
        ),
        "langchain.agents.middleware.dynamic_prompt",
    }
)
"""Decorators of functions that a framework calls on its loop."""

IN_THREADS: frozenset[str] = frozenset(
    {
        "asgiref.sync.sync_to_async",
        "channels.db.database_sync_to_async",
        "textual.work",  # of a sync function, it needs thread=True
        "tornado.concurrent.run_on_executor",
    }
)
"""Decorators that move a function to a thread."""

_REGISTERING = frozenset(name.rpartition(".")[2] for name in DECORATORS)
_BY_NAME: dict[str, list[Hook]] = {}
_BY_BEGINNING: dict[str, list[Hook]] = {}
for _hook in _HOOKS:
    for _name in _hook.names:
        if _name.endswith("*"):
            _BY_BEGINNING.setdefault(_name[:-1], []).append(_hook)
        else:
            _BY_NAME.setdefault(_name, []).append(_hook)


@cache
def hooks_named(name: str) -> tuple[Hook, ...]:
    """Return the hooks that a method of a name may be."""
    found = list(_BY_NAME.get(name, ()))
    for beginning, hooks in _BY_BEGINNING.items():
        if name.startswith(beginning):
            found += hooks
    return tuple(found)


def may_register(name: str) -> bool:
    """Return whether a decorator, by the last part of its name, may be one of a framework's hooks."""
    return name in _REGISTERING
