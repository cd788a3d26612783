"""The plugin's fixtures and marker, which need no option; each test runs a suite that a user could have written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from _suites import Suite


class TestAssertAsyncUnsafe:
    """``assert_async_unsafe``: the call raises on a loop and works off it."""

    def test_passes(self, suite: Suite) -> None:
        """It returns the result of the call off the loop, in tests of each kind."""
        suite.write("""
            def test_sync(assert_async_unsafe):
                assert assert_async_unsafe(titles) == ["Kindred"]
                assert assert_async_unsafe(count, [1]) == 1
                assert assert_async_unsafe(count, table=[1]) == 1
                assert assert_async_unsafe(report) == "Kindred"

            @pytest.mark.asyncio
            async def test_async(assert_async_unsafe):
                assert assert_async_unsafe(titles) == ["Kindred"]

            @pytest.mark.anyio
            async def test_anyio(assert_async_unsafe):
                assert assert_async_unsafe(titles) == ["Kindred"]

            @pytest.fixture(params=["asyncio", "trio"])
            def anyio_backend(request):
                return request.param
        """)
        suite.run().assert_outcomes(passed=4)

    def test_whatever_the_policy(self, suite: Suite) -> None:
        """The policy and the modes do not affect it, and its own violation does not count."""
        suite.write("""
            import ginger_async_safe

            @pytest.mark.parametrize("policy", ["warn", "log", "ignore"])
            def test_it(assert_async_unsafe, async_safety, policy):
                ginger_async_safe.configure(policy=policy)
                try:
                    assert_async_unsafe(titles)
                finally:
                    ginger_async_safe.configure(policy=None)
                assert async_safety.violations == ()
        """)
        for mode in ("off", "report", "fail"):
            suite.run(f"--async-safe={mode}").assert_outcomes(passed=3)

    @pytest.mark.parametrize(
        ("call", "says"),
        [
            (
                "assert_async_unsafe(len, [])",
                "len was not stopped on a running event loop: it makes no guarded call; put*",
            ),
            ("assert_async_unsafe(try_report)", "try_report was not stopped*: the error was swallowed"),
            ("assert_async_unsafe(count)", "count raised builtins.TypeError on a running event loop, before a *"),
            ("assert_async_unsafe(fails)", "fails is stopped*, but does not work off it: KeyError: 'shop'"),
            ("assert_async_unsafe(waits)", "waits returns an awaitable; assert_async_unsafe takes the sync function*"),
            ("assert_async_unsafe(lambda: waits())", "*<lambda> returns an awaitable; assert_async_unsafe takes*"),
            (
                "assert_async_unsafe(renames)",
                "renames was stopped*, but replaced the error by builtins.ValueError; let Synchronous*",
            ),
            (
                "assert_async_unsafe(django)",
                "*this is the error of its framework's own guard: add the app of ginger_async_safe.contrib to*",
            ),
        ],
    )
    def test_fails(self, suite: Suite, call: str, says: str) -> None:
        """A call that is not guarded, or does not work off the loop, fails with the reason."""
        suite.write(f"""
            from ginger_async_safe import async_unsafe

            @async_unsafe
            def fails():
                raise KeyError("shop")

            def renames():
                try:
                    titles()
                except SynchronousOnlyOperation as error:
                    raise ValueError from error

            async def waits():
                pass

            def django():
                raise type("SynchronousOnlyOperation", (Exception,), {{}})

            def test_it(assert_async_unsafe):
                {call}
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([f"E*Failed: {says}"])

    @pytest.mark.parametrize(
        ("before", "says"),
        [
            ('monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "1")', "shop.titles is allowed by the escape hatch"),
            (
                'monkeypatch.setenv("GINGER_ASYNC_SAFE", "allow=shop.*")',
                "shop.titles is allowed by allow from GINGER_*",
            ),
            ('async_safety.allow("shop.*", reason="the shop is old")', "a grant allows it (the shop is old)"),
        ],
    )
    def test_allowed(self, suite: Suite, before: str, says: str) -> None:
        """The failure names what allows the call."""
        suite.write(f"""
            def test_it(assert_async_unsafe, async_safety, monkeypatch):
                {before}
                assert_async_unsafe(titles)
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines([f"E*titles was not stopped on a running event loop: {says}*"])


class TestAssertAsyncSafe:
    """``assert_async_safe``: nothing inside is a violation."""

    def test_passes(self, suite: Suite) -> None:
        """Code without violations passes: off the loop, in threads, under grants; its own errors propagate."""
        suite.write("""
            from ginger_async_safe import allow_async_unsafe

            pytestmark = pytest.mark.asyncio

            async def test_it(assert_async_safe):
                async with assert_async_safe:
                    assert await asyncio.to_thread(titles) == ["Kindred"]
                with assert_async_safe, allow_async_unsafe(reason="known"):
                    titles()
                with pytest.raises(KeyError), assert_async_safe:
                    raise KeyError

            async def test_before_and_after(assert_async_safe):
                try_report()
                with assert_async_safe:
                    pass
                try_report()
        """)
        suite.run().assert_outcomes(passed=2)

    @pytest.mark.parametrize(
        "inside",
        [
            "titles()",
            "try_report()",
            "await asyncio.create_task(blocking())",
            "await asyncio.to_thread(asyncio.run, blocking())",
            "asyncio.get_running_loop().call_soon(try_report); await asyncio.sleep(0)",
        ],
    )
    @pytest.mark.parametrize("policy", ["raise", "ignore"])
    def test_fails(self, suite: Suite, inside: str, policy: str) -> None:
        """A violation fails with its report, in any task or thread, even if swallowed, and under any policy."""
        suite.write(f"""
            async def blocking():
                try_report()

            @pytest.mark.asyncio
            async def test_it(assert_async_safe, monkeypatch):
                monkeypatch.setenv("GINGER_ASYNC_SAFE", "{policy}")
                async with assert_async_safe:
                    {inside}
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E*Failed: *at *", "E*You cannot call*", "E*call*shop.titles", "E*fix*"])

    def test_escape_hatch(self, suite: Suite) -> None:
        """An open escape hatch fails it, because nothing can be asserted then."""
        suite.write("""
            @pytest.mark.asyncio
            async def test_it(assert_async_safe, monkeypatch):
                monkeypatch.setenv("GINGER_ALLOW_ASYNC_UNSAFE", "1")
                with assert_async_safe:
                    titles()
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E*shop.titles was allowed by the escape hatch; close it for this test"])

    @pytest.mark.parametrize(
        "ends", ["pytest.fail('own')", "pytest.skip('own')", "pytest.importorskip('no_such_module')"]
    )
    def test_outcomes(self, suite: Suite, ends: str) -> None:
        """A violation is reported even if the block then fails or skips the test."""
        suite.write(f"""
            @pytest.mark.asyncio
            async def test_it(assert_async_safe):
                with assert_async_safe:
                    try_report()
                    {ends}
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E*Failed: shop.titles at *"])

    @pytest.mark.parametrize("backend", ["asyncio", "trio"])
    def test_cancelled(self, suite: Suite, backend: str) -> None:
        """If the block is cancelled, the cancellation propagates, and the test fails at its end."""
        suite.write(f"""
            import anyio

            @pytest.fixture
            def anyio_backend():
                return "{backend}"

            @pytest.mark.anyio
            async def test_it(assert_async_safe):
                with anyio.move_on_after(0.01) as scope:
                    async with assert_async_safe:
                        try_report()
                        await anyio.sleep_forever()
                assert scope.cancelled_caught
        """)
        result = suite.run()
        result.assert_outcomes(passed=1, errors=1)
        result.stdout.fnmatch_lines(["*_ ERROR at teardown of test_it*", "E*Failed: shop.titles at *"])

    def test_several_tasks(self, suite: Suite) -> None:
        """Blocks of several tasks overlap, and each covers its own time."""
        suite.write("""
            @pytest.mark.asyncio
            async def test_it(assert_async_safe):
                first_is_over = asyncio.Event()

                async def short():
                    async with assert_async_safe:
                        await asyncio.sleep(0)
                    first_is_over.set()

                async def long():
                    with pytest.raises(pytest.fail.Exception, match="shop.titles"):
                        async with assert_async_safe:
                            await first_is_over.wait()
                            try_report()

                await asyncio.gather(short(), long())
        """)
        suite.run().assert_outcomes(passed=1)

    def test_many(self, suite: Suite) -> None:
        """A thousand violations in one line are reported once, with the count."""
        suite.write("""
            @pytest.mark.asyncio
            async def test_it(assert_async_safe):
                with assert_async_safe:
                    for _ in range(1000):
                        try_report()
        """)
        result = suite.run()
        assert 1 == result.stdout.str().count("  fix   ")
        result.stdout.fnmatch_lines(["E*  count     1000"])

    def test_other_errors_are_not_lost(self, suite: Suite) -> None:
        """An error of the block is the cause of the failure."""
        suite.write("""
            @pytest.mark.asyncio
            async def test_it(assert_async_safe):
                with assert_async_safe:
                    try_report()
                    raise KeyError("lost?")
        """)
        result = suite.run()
        result.assert_outcomes(failed=1)
        result.stdout.fnmatch_lines(["E*KeyError: 'lost?'", "E*Failed: shop.titles at *"])


class TestOtherThreads:
    """Violations in other threads are not those of the asserted call."""

    def test_violations(self, suite: Suite) -> None:
        """``assert_async_unsafe`` neither records their violations nor decides what they do."""
        suite.write("""
            def test_it(assert_async_unsafe, async_safety):
                called, done = threading.Event(), threading.Event()

                async def main():
                    try_report()

                def other():
                    called.wait(10)
                    asyncio.run(main())
                    done.set()

                def slow():
                    called.set()
                    done.wait(10)
                    return titles()

                thread = threading.Thread(target=other)
                thread.start()
                assert assert_async_unsafe(slow) == ["Kindred"]
                thread.join()
                (violation,) = async_safety.violations
                assert violation.path[-2:] == ("report", "titles")
        """)
        suite.run().assert_outcomes(passed=1)
        suite.run("--async-safe=fail").assert_outcomes(failed=1)

    def test_waiting_for_the_loop(self, suite: Suite) -> None:
        """A call that needs the loop of its async test does not hang the run."""
        suite.write("""
            import sys

            @pytest.mark.asyncio
            async def test_it(assert_async_unsafe, monkeypatch):
                monkeypatch.setattr(sys.modules[type(assert_async_unsafe).__module__], "PATIENCE", 0.1)
                loop = asyncio.get_running_loop()

                def waits():
                    titles()
                    return asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(10)

                with pytest.raises(pytest.fail.Exception, match="needs this test's loop, which is blocked meanwhile"):
                    assert_async_unsafe(waits)
        """)
        suite.run().assert_outcomes(passed=1)


class TestAsyncSafety:
    """``async_safety``: the violations of this test, and its grants."""

    def test_violations(self, suite: Suite) -> None:
        """They are those of this test and its fixtures, in order."""
        suite.write("""
            @pytest.fixture
            def early():
                async def main():
                    count([])
                with pytest.raises(SynchronousOnlyOperation):
                    asyncio.run(main())

            @pytest.mark.asyncio
            async def test_first(early, async_safety):
                assert [each.call for each in async_safety.violations] == ["shop.count"]
                try_report()
                assert [each.call for each in async_safety.violations] == ["shop.count", "shop.titles"]

            def test_second(request):
                assert request.getfixturevalue("async_safety").violations == ()
        """)
        suite.run().assert_outcomes(passed=2)

    def test_expected(self, suite: Suite) -> None:
        """Expected violations raise in every mode, and count in none."""
        suite.write("""
            @pytest.mark.asyncio
            @pytest.mark.parametrize("policy", ["raise", "ignore"])
            async def test_it(async_safety, policy, monkeypatch):
                monkeypatch.setenv("GINGER_ASYNC_SAFE", policy)
                with async_safety.expected() as violations:
                    assert try_report() == "nothing"
                    with pytest.raises(SynchronousOnlyOperation):
                        count([])
                assert [each.call for each in violations] == ["shop.titles", "shop.count"]
                assert async_safety.violations == ()
        """)
        suite.run().assert_outcomes(passed=2)
        for mode in ("report", "fail"):
            result = suite.run(f"--async-safe={mode}")
            result.assert_outcomes(passed=2)
            result.stdout.fnmatch_lines(["no violations"])

    def test_allow(self, suite: Suite) -> None:
        """What it allows ends with the block, or with the test; it reaches tasks and threads of the test."""
        suite.write("""
            pytestmark = pytest.mark.asyncio

            async def is_allowed():
                return try_report() == "Kindred"

            async def test_block(async_safety):
                with async_safety.allow("shop.titles", reason="a block") as grant:
                    assert await is_allowed()
                assert grant.matched == 1
                assert not await is_allowed()

            async def test_rest_of_the_test(async_safety):
                assert not await is_allowed()
                async_safety.allow("shop.titles", reason="the rest")
                assert await is_allowed()
                assert await asyncio.create_task(is_allowed())
                assert await asyncio.to_thread(asyncio.run, is_allowed())
                with pytest.raises(SynchronousOnlyOperation):
                    count([])

            async def test_next_one():
                assert not await is_allowed()
        """)
        suite.run().assert_outcomes(passed=3)

    def test_async_unsafe_allowed(self, suite: Suite) -> None:
        """The fixture allows every guarded call, for one test."""
        suite.write("""
            @pytest.mark.asyncio
            async def test_allowed(async_unsafe_allowed):
                assert titles() == ["Kindred"]
                assert count([]) == 0
                assert async_unsafe_allowed.matched == 2

            @pytest.mark.asyncio
            async def test_next_one():
                assert try_report() == "nothing"
        """)
        suite.run().assert_outcomes(passed=2)


class TestMarker:
    """``@pytest.mark.allow_async_unsafe``."""

    def test_allows(self, suite: Suite) -> None:
        """It applies to the test and its fixtures; markers of classes and functions add up."""
        suite.write("""
            import pytest_asyncio

            @pytest_asyncio.fixture
            async def made_on_the_loop():
                return titles()

            @pytest.mark.asyncio
            @pytest.mark.allow_async_unsafe("shop.titles", reason="old")
            class TestOld:
                async def test_one(self, made_on_the_loop):
                    assert titles() == made_on_the_loop
                    with pytest.raises(SynchronousOnlyOperation):
                        count([])

                @pytest.mark.allow_async_unsafe(calls=["shop.count"], reason="older")
                async def test_both(self):
                    assert count(titles()) == 1

            @pytest.mark.asyncio
            async def test_next_one():
                assert try_report() == "nothing"
        """)
        suite.run("--strict-markers").assert_outcomes(passed=3)

    @pytest.mark.parametrize(
        ("arguments", "says"),
        [
            ("", "reason is missing"),
            ('reason=" "', "reason is missing"),
            ('"no pattern!", reason="why"', "'no pattern!' is not a pattern*"),
            ('"shop.*", "why"', "allow_async_unsafe() takes from 0 to 1 positional arguments but 2 were given"),
            ('reason="why", call="shop.*"', "*unexpected keyword argument 'call'*"),
        ],
    )
    def test_bad_ones(self, suite: Suite, arguments: str, says: str) -> None:
        """An invalid marker is an error of its test, which says how to write it."""
        suite.write(f"""
            @pytest.mark.allow_async_unsafe({arguments})
            def test_it():
                pass
        """)
        result = suite.run()
        result.assert_outcomes(errors=1)
        result.stdout.fnmatch_lines(
            [f"@pytest.mark.allow_async_unsafe of test_shop.py::test_it is invalid: {says}; write it as*"]
        )

    @pytest.mark.parametrize("broken", ["setup", "teardown"])
    def test_ends_when_fixtures_fail(self, suite: Suite, broken: str) -> None:
        """The grants of a test end with it, even if its fixtures fail."""
        suite.write(f"""
            @pytest.fixture
            def broken():
                if "{broken}" == "setup":
                    raise KeyError
                yield
                raise KeyError

            @pytest.mark.allow_async_unsafe(reason="old")
            def test_broken(broken):
                pass

            @pytest.mark.asyncio
            async def test_next_one():
                assert try_report() == "nothing"
        """)
        suite.run().assert_outcomes(passed=1 if broken == "setup" else 2, errors=1)
