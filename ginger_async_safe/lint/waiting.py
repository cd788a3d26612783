"""Whether a blocking call would wait, as far as its arguments tell ahead of time.

The guard asks the call's own objects when it runs (:mod:`ginger_async_safe.blocking.conditions`); here what is written
has to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ginger_async_safe.lint.values import External, Instance, Literal, TupleValue

if TYPE_CHECKING:
    from ginger_async_safe.lint.frames import Arguments
    from ginger_async_safe.lint.values import Value

__all__ = ["may_wait"]

# The parameters by which a call is told not to wait, in their order; the first is at position 0.
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "time.sleep": ("timeout",),
    "queue.Queue.get": ("block", "timeout"),
    "queue.SimpleQueue.get": ("block", "timeout"),
    "queue.Queue.put": ("item", "block", "timeout"),
    "multiprocessing.Queue.get": ("block", "timeout"),
    "multiprocessing.Queue.put": ("obj", "block", "timeout"),
    "multiprocessing.Lock": ("block", "timeout"),
    "multiprocessing.AsyncResult.get": ("timeout",),
    "multiprocessing.AsyncResult.wait": ("timeout",),
    "multiprocessing.Connection.poll": ("timeout",),
    "multiprocessing.Condition.wait": ("timeout",),
    "multiprocessing.Event.wait": ("timeout",),
    "multiprocessing.process.BaseProcess.join": ("timeout",),
    "multiprocessing.connection.wait": ("objects", "timeout"),
    "threading.Lock": ("block", "timeout"),
    "threading.RLock": ("block", "timeout"),
    "threading.Condition": ("block", "timeout"),
    "threading.Condition.wait": ("timeout",),
    "threading.Semaphore.acquire": ("block", "timeout"),
    "threading.Barrier.wait": ("timeout",),
    "threading.Event.wait": ("timeout",),
    "threading.Thread.join": ("timeout",),
    "concurrent.futures.Future.result": ("timeout",),
    "concurrent.futures.Future.exception": ("timeout",),
    "concurrent.futures.ThreadPoolExecutor.shutdown": ("wait",),
    "concurrent.futures.ProcessPoolExecutor.shutdown": ("wait",),
    "select.select": ("rlist", "wlist", "xlist", "timeout"),
    "select.poll": ("timeout",),
    "subprocess.Popen.wait": (),
}
_NOT_WAITING = {"block": False, "wait": False, "timeout": 0}
_OTHER_NAMES = {"block": "blocking"}
_OF_DESCRIPTORS = frozenset(
    {"os.read", "os.write", "os.readv", "os.writev", "os.pread", "os.pwrite", "os.sendfile", "file.truncate"}
)
_UNBOUNDED = frozenset({"queue.Queue.put", "multiprocessing.Queue.put"})
_CONNECTING = frozenset({"smtplib.SMTP.connect", "ftplib.FTP.connect"})
_CERTIFICATES = frozenset({"ssl.SSLContext.load_cert_chain", "ssl.SSLContext.load_verify_locations"})


def may_wait(rule: str, arguments: Arguments, receiver: Value | None) -> bool:
    """Tell whether a call may wait.

    Args:
        rule: The id of its rule.
        arguments: What it is given.
        receiver: What it is called on.
    """
    if any(isinstance(value, External) and value.name == "os.WNOHANG" for value in arguments.positional):
        return False
    if rule.startswith(("socket.", "ssl.")) and isinstance(receiver, Instance):
        return not any(name == "<nonblocking>" for name, _ in receiver.arguments)
    if rule == "file.write" and isinstance(receiver, Instance):  # closing what was only read writes nothing
        return any(name == "<written>" for name, _ in receiver.arguments)
    if rule in _OF_DESCRIPTORS:  # loops are asked to watch descriptors that do not block
        first = arguments.get(0)
        return isinstance(first, Instance) and first.cls == External("os.open()")
    if rule == "file.open" and _is_of_object(arguments):
        return False
    if isinstance(receiver, Instance) and any(name == "<done>" for name, _ in receiver.arguments):
        return False
    if rule in _UNBOUNDED and not _has_bound(receiver):
        return False
    if rule in _CONNECTING and receiver is None:  # the class, which connects where it is told the host
        return _is_given(arguments.get(0, "host")) or not arguments.is_complete
    if rule in _CERTIFICATES:
        return any(_is_given(arguments.get(index, name)) for index, name in enumerate(("certfile", "capath"))) or any(
            _is_given(arguments.get(-1, name)) for name in ("cafile", "keyfile")
        )
    for position, name in enumerate(_PARAMETERS.get(rule, ())):
        if name not in _NOT_WAITING:
            continue
        value = arguments.get(position, name)
        if value is None and name in _OTHER_NAMES:
            value = arguments.get(-1, _OTHER_NAMES[name])
        if isinstance(value, Literal) and value.value is not None and value.value == _NOT_WAITING[name]:
            return False
    return True


def _is_of_object(arguments: Arguments) -> bool:
    """Tell whether what is opened is an object that is there already, such as an ``io.BytesIO``."""
    first = arguments.get(0, "file")
    is_object = isinstance(first, Instance) and first.cls in (External("io.BytesIO"), External("io.StringIO"))
    return is_object or _is_given(arguments.get(-1, "fileobj"))


def _has_bound(queue: Value | None) -> bool:
    """Tell whether a queue can be full."""
    return isinstance(queue, Instance) and any(name == "maxsize" for name, _ in queue.arguments)


def _is_given(value: Value | None) -> bool:
    return (
        value is not None and not (isinstance(value, Literal) and not value.value) and not isinstance(value, TupleValue)
    )
