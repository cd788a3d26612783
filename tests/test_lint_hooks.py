"""Hooks: sync functions that a framework calls on its event loop are entry points, and those that it calls in threads not."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.domain.fixes import ON_THE_LOOP

if TYPE_CHECKING:
    from pathlib import Path

CASES = {
    "tornado": """
        import tornado.ioloop
        import tornado.web
        import tornado.websocket
        from tornado.concurrent import run_on_executor


        class Base(tornado.web.RequestHandler):
            def prepare(self):
                time.sleep(1)  # found

            def helper(self):
                time.sleep(1)


        class Shelf(Base):
            def get(self):
                time.sleep(1)  # found

            @tornado.web.authenticated
            def put(self):
                time.sleep(1)  # found

            @run_on_executor
            def delete(self):
                time.sleep(1)

            @tornado.gen.coroutine
            def post(self):
                yield None
                time.sleep(1)  # found


        class Socket(tornado.websocket.WebSocketHandler):
            def open(self):
                time.sleep(1)  # found

            def on_finish(self):
                time.sleep(1)  # found


        class Queue:
            def get(self):
                time.sleep(1)


        def poll():
            time.sleep(1)  # found


        def later():
            time.sleep(1)  # found


        def start():
            tornado.ioloop.PeriodicCallback(poll, 1000).start()
            tornado.ioloop.IOLoop.current().call_later(1, later)
        """,
    "textual": """
        from textual import on, work
        from textual.app import App
        from textual.widgets import Button, Static


        class Shop(App):
            def on_mount(self):
                self.set_interval(3, self.refresh_stock)
                self.call_later(self.note)
                time.sleep(1)  # found

            def refresh_stock(self):
                time.sleep(1)  # found

            def note(self):
                time.sleep(1)  # found

            def action_quit(self):
                time.sleep(1)  # found

            @on(Button.Pressed)
            def bought(self):
                time.sleep(1)  # found

            @work(thread=True)
            def on_worker(self):
                time.sleep(1)

            def helper(self):
                time.sleep(1)


        class Price(Static):
            def watch_price(self, price):
                time.sleep(1)  # found

            def render(self):
                time.sleep(1)  # found
        """,
    "langchain": """
        from langchain.agents.middleware import AgentMiddleware, before_model, dynamic_prompt


        class Notes(AgentMiddleware):
            def before_agent(self, state, runtime):
                time.sleep(1)  # found

            def wrap_tool_call(self, request, handler):
                time.sleep(1)


        class WithTwin(AgentMiddleware):
            def after_model(self, state, runtime):
                time.sleep(1)

            async def aafter_model(self, state, runtime):
                pass


        @before_model
        def check(state, runtime):
            time.sleep(1)  # found


        @dynamic_prompt
        def prompt(request):
            time.sleep(1)  # found
        """,
    "discord": """
        from discord.ext import commands


        class Shop(commands.Cog):
            def cog_check(self, context):
                time.sleep(1)  # found

            def price(self):
                time.sleep(1)

            @commands.command()
            async def buy(self, context):
                self.price()  # found
        """,
    "telegram": """
        from telegram.ext import filters


        class Known(filters.MessageFilter):
            def filter(self, message):
                time.sleep(1)  # found


        class Others:
            def filter(self, message):
                time.sleep(1)
        """,
    "slixmpp": """
        import slixmpp


        class Bot(slixmpp.ClientXMPP):
            def __init__(self, name):
                super().__init__(name, "")
                self.add_event_handler("message", self.answer)

            def answer(self, message):
                time.sleep(1)  # found

            def price(self):
                time.sleep(1)
        """,
    "homeassistant": """
        from homeassistant.core import callback


        class Sensor:
            @callback
            def updated(self):
                time.sleep(1)  # found

            def update(self):
                time.sleep(1)
        """,
    "semantic_kernel": """
        from semantic_kernel.functions import kernel_function


        class Shop:
            @kernel_function(name="price")
            def price(self, item: str) -> str:
                time.sleep(1)  # found
        """,
    "pytest_asyncio": """
        import pytest
        import pytest_asyncio


        @pytest.fixture
        def shelf():
            time.sleep(1)


        @pytest_asyncio.fixture
        async def shop():
            time.sleep(1)  # found
            yield


        class TestShop:
            def setup_method(self):
                time.sleep(1)

            async def test_price(self, shop):
                time.sleep(1)  # found
        """,
    "threads": """
        from aiogram import Router
        from fastapi import Depends, FastAPI
        from mcp.server import MCPServer

        app, router, server = FastAPI(), Router(), MCPServer()


        def session():
            time.sleep(1)


        @app.get("/")
        def index(found=Depends(session)):
            time.sleep(1)


        @router.message()
        def answer(message):
            time.sleep(1)


        @server.tool()
        def price(item: str) -> str:
            time.sleep(1)
        """,
}
"""Programs; the lines that block the loop end with ``# found``."""


@pytest.mark.parametrize("framework", CASES)
def test_found(tmp_path: Path, framework: str) -> None:
    """What the framework calls on its loop is found, and nothing else."""
    source = "import time\n" + textwrap.dedent(CASES[framework])
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    expected = [number for number, line in enumerate(source.splitlines(), 1) if line.endswith("# found")]
    assert expected == sorted({finding.chain[0].line for finding in report.findings})


def test_fix(tmp_path: Path) -> None:
    """A hook cannot await, so the fix is an executor."""
    source = "import time\n" + textwrap.dedent(CASES["telegram"])
    (tmp_path / "shop.py").write_text(source, encoding="utf-8")
    (finding,) = engine.check([tmp_path], root=tmp_path, settings=CheckSettings()).findings
    assert ON_THE_LOOP == finding.fix


def test_base_in_other_module(tmp_path: Path) -> None:
    """The base class may be one of the project, in another module."""
    (tmp_path / "base.py").write_text(
        "import tornado.web\n\n\nclass Base(tornado.web.RequestHandler):\n    pass\n", encoding="utf-8"
    )
    (tmp_path / "shop.py").write_text(
        "import time\nfrom base import Base\n\n\nclass Shelf(Base):\n    def get(self):\n        time.sleep(1)\n",
        encoding="utf-8",
    )
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    assert [("shop.py", 7)] == [(each.chain[0].path.name, each.chain[0].line) for each in report.findings]
