"""Exceptions of signal handlers while a guard is switched on or off: all of it is done, or nothing."""

from __future__ import annotations

import sys

import pytest
from _running import in_new_process

INTERRUPTED_AT_STEPS = """
import asyncio, json, os, socket, sqlite3, sys, types
import ginger_async_safe
from ginger_async_safe import BlockingCall, guard_blocking_calls
from ginger_async_safe.blocking import guards as guards_module
from ginger_async_safe.blocking.in_force import in_force
from ginger_async_safe.blocking.rules import RULES
from test_blocking_switching import state

some = {"time.sleep", "os.lstat", "sqlite3.execute", "socket.recv", "subprocess.getoutput", "file.open", "file.read"}
package = os.path.join(os.path.dirname(ginger_async_safe.__file__), "blocking", "")
shop = sys.modules["shop"] = types.ModuleType("shop")
shop.look = os.lstat
shop.__getattr__ = lambda name: 1
channel = socket.socket()
shop.receive = channel.recv
rules = [rule for rule in RULES if rule.id in some]
rules += BlockingCall("shop.Late.fetch"), BlockingCall("late_shop.fetch")
guards_module.selected = lambda *_: rules  # choosing them takes most of the steps, and touches nothing

def touched():
    return [*state(), shop.look, shop.receive, shop.__getattr__, *sys.meta_path]

class Steps:
    # Counts the lines of this library that run, and interrupts at one of them.
    def __init__(self, at=None):
        self.at, self.count = at, 0
    def __call__(self, frame, event, argument):
        file = frame.f_code.co_filename
        if not file.startswith(package) or frame.f_code.co_name == "_set_in_class":
            return None
        return self.step(frame, event, argument)
    def step(self, frame, event, argument):
        if event in ("call", "line"):
            self.count += 1
            if self.count == self.at:
                raise KeyboardInterrupt
        return self.step

def steps_of(call, at=None):
    steps = Steps(at)
    sys.settrace(steps)
    try:
        call()
    except KeyboardInterrupt:
        interrupted.append(at)
    finally:
        sys.settrace(None)
    return steps.count

def on():
    guards.append(guard_blocking_calls())

guards, interrupted, wrong = [], [], []
on(); guards.pop().stop()  # what is made once is made
before = touched()
def look(what):
    after = touched()
    if len(after) != len(before) or any(now is not then for now, then in zip(after, before)) or in_force.ids():
        wrong.append(what)

count = steps_of(on)
guards.pop().stop()
for at in range(1, count, max(count // 30, 1)):
    steps_of(on, at)
    while guards:
        guards.pop().stop()
    look(["on", at, count])
on()
count = steps_of(guards[0].stop)
for at in range(1, count, max(count // 30, 1)):
    guards.clear()
    on()
    steps_of(guards[0].stop, at)
    guards[0].stop()
    look(["off", at, count])
print(json.dumps([len(interrupted) > 50, wrong]))
"""


def test_at_each_step() -> None:
    """Wherever it is interrupted, everything is restored; a guard that is still on can be stopped again."""
    assert in_new_process(INTERRUPTED_AT_STEPS) == [True, []]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no timers that send signals")
def test_by_signals() -> None:
    """A test's time limit, at many moments of switching on and off, leaves no guard on that the test cannot stop."""
    assert (
        in_new_process("""
            import json, signal, sys, time
            from ginger_async_safe import guard_blocking_calls
            from ginger_async_safe.blocking.in_force import in_force
            from test_blocking_switching import state

            class Late(Exception):
                pass

            def late(*_):
                raise Late

            # Where the interpreter cannot raise an exception, as in a callback of a weak reference, it reports it.
            unraisable = []
            sys.unraisablehook = lambda each: unraisable.append(each.exc_type)
            signal.signal(signal.SIGALRM, late)
            guard_blocking_calls().stop()
            before = state()
            start = time.perf_counter()
            guard_blocking_calls().stop()
            whole = time.perf_counter() - start
            wrong = []
            for trial in range(60):
                guard = None
                unraisable.clear()
                try:
                    signal.setitimer(signal.ITIMER_REAL, 0.0001 + whole * trial / 60)
                    guard = guard_blocking_calls()
                    guard.stop()
                    if Late not in unraisable:
                        time.sleep(30)
                        wrong.append("no signal came")
                except Late:
                    pass
                if guard is not None:
                    guard.stop()
                if in_force.ids() or any(now is not then for now, then in zip(state(), before)):
                    wrong.append(trial)
            print(json.dumps(wrong))
        """)
        == []
    )
