"""The plugin together with pytest-asyncio, anyio, xdist and pytest-django; each run in its own process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _suites import Suite

MODES = {"off": {"failed": 1}, "report": {"passed": 1}, "fail": {"failed": 1}}


@pytest.mark.parametrize(
    "how",
    [
        [],
        ["-p", "ginger_async_safe.pytest_plugin"],
    ],
    ids=["installed", "named, too"],
)
def test_asyncio_in_auto_mode(suite: Suite, how: list[str]) -> None:
    """pytest-asyncio's auto mode needs no marks; the plugin may be named although it is installed."""
    suite.ini("asyncio_mode = auto")
    suite.write("""
        @pytest.fixture
        async def prepared():
            return await asyncio.to_thread(titles)

        async def test_clean(prepared):
            assert prepared == ["Kindred"]

        async def test_violates():
            titles()
    """)
    result = suite.run_alone(*how, "--async-safe=fail")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*_ test_violates _*", "  call *shop.titles"])


def test_named_in_a_conftest(suite: Suite) -> None:
    """A conftest may name the plugin, although it is installed."""
    suite.write('pytest_plugins = ["ginger_async_safe.pytest_plugin"]', name="conftest")
    suite.write("def test_it(assert_async_unsafe):\n    assert_async_unsafe(titles)\n")
    suite.run_alone().assert_outcomes(passed=1)


@pytest.mark.parametrize("is_named", [True, False])
def test_without_autoload(suite: Suite, monkeypatch: pytest.MonkeyPatch, is_named: bool) -> None:
    """If plugins are not loaded automatically, ``-p`` loads it."""
    suite.ini("")
    suite.write("def test_it(assert_async_unsafe):\n    assert_async_unsafe(titles)\n")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    options = ["-p", "ginger_async_safe.pytest_plugin"] if is_named else []
    result = suite.pytester.runpytest_subprocess("-p", "no:cacheprovider", *options, timeout=60)
    result.assert_outcomes(**{"passed" if is_named else "errors": 1})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_anyio(suite: Suite, backend: str, mode: str) -> None:
    """Tests and fixtures under anyio's plugin, on both of its backends."""
    suite.write(f"""
        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return "{backend}"

        @pytest.fixture
        async def prepared():
            import anyio.to_thread
            return await anyio.to_thread.run_sync(titles)

        async def test_it(prepared):
            assert titles() == prepared
    """)
    result = suite.run(f"--async-safe={mode}")
    result.assert_outcomes(**MODES[mode])
    if mode != "off":
        result.stdout.fnmatch_lines(["*in async test_it *test_shop.py::test_it"])


def test_xdist(suite: Suite) -> None:
    """Workers share one table, one baseline and one report; their violations are added up."""
    suite.write("""
        pytestmark = pytest.mark.asyncio

        @pytest.mark.parametrize("number", range(6))
        async def test_many(number):
            titles()

        @pytest.mark.allow_async_unsafe("shop.count", reason="old")
        @pytest.mark.parametrize("number", range(4))
        async def test_granted(number):
            count([])
    """)
    parallel = ("-p", "xdist.plugin", "-n", "2", "--async-safe-baseline=known.txt")
    result = suite.run(*parallel, "--async-safe-update-baseline", "--async-safe-json=found.json")
    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(
        [
            "    6  shop.titles *test_many*",
            "6 violations at 1 place",
            "*1 time  shop.count  marker of *old",
            "known.txt now has 1 entry",
        ]
    )
    assert 1 == result.stdout.str().count("= async safety =")
    (violation,) = json.loads((suite.pytester.path / "found.json").read_text(encoding="utf-8"))["violations"]
    assert 6 == violation["count"]
    suite.run(*parallel).assert_outcomes(passed=10)
    suite.write("@pytest.mark.asyncio\nasync def test_new():\n    count([])\n", name="test_new")
    result = suite.run(*parallel, "-k", "new or many")
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*_ test_new _*", "  call *shop.count"])


def test_xdist_crash(suite: Suite) -> None:
    """A worker that crashes loses its last records, so no entry counts as fixed."""
    (suite.pytester.path / "known.txt").write_text("shop.titles at test_shop.test_dies\n", encoding="utf-8")
    suite.write("def test_dies():\n    import os\n    os._exit(1)\n")
    result = suite.run("-p", "xdist.plugin", "-n", "1", "--max-worker-restart=0", "--async-safe-baseline=known.txt")
    result.stdout.fnmatch_lines(["1 entry of known.txt not seen in this partial run: a worker crashed"])


def test_django(suite: Suite) -> None:
    """pytest-django's database fixtures are not flagged; a query on the loop is, and the baseline knows it."""
    suite.pytester.makepyfile(
        settings="""
            INSTALLED_APPS = ["ginger_async_safe.contrib.django", "django.contrib.contenttypes"]
            DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
            USE_TZ = True
        """
    )
    suite.ini("DJANGO_SETTINGS_MODULE = settings\npythonpath = .\nasyncio_mode = auto")
    suite.write(
        """
        pytestmark = pytest.mark.django_db(transaction=True)

        @pytest.fixture
        def kind(db):
            return ContentType.objects.create(app_label="shop", model="book")

        def test_sync(kind, assert_async_unsafe):
            assert assert_async_unsafe(ContentType.objects.count) >= 1

        async def test_clean(kind):
            assert await ContentType.objects.aget(pk=kind.pk) == kind

        async def test_violates(kind):
            ContentType.objects.get(pk=kind.pk)

        @pytest.mark.allow_async_unsafe("django.db.*", reason="old")
        async def test_granted(kind):
            assert ContentType.objects.get(pk=kind.pk) == kind
        """,
        imports="from django.contrib.contenttypes.models import ContentType",
    )
    result = suite.run_alone("--async-safe=fail", "-W", "ignore::ResourceWarning")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(["*_ test_violates _*", "  fix       await ContentType.objects.aget(...)"])
