"""One ASGI application for a project of GingerDJ or Django: each view runs in a thread or on the loop, whatever its kind."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _servers import SERVERS, TIMEOUT, serving, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from _servers import Server

FRAMEWORKS = ("gingerdj", "django")
HANDLERS = ("ASGIHandler", "WSGIHandler")
WSGI, ASGI = {"on": "thread", "by": "wsgi"}, {"on": "loop", "by": "asgi"}
BOUNDARY = "boundary"
UPLOAD = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="word"\r\n\r\ncafé\r\n'
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="x.txt"\r\n\r\n{"x" * 300_000}\r\n'
    f"--{BOUNDARY}--\r\n"
).encode()
SMALL_UPLOAD = UPLOAD.replace(b"x" * 300_000, b"x")
MULTIPART = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass
class Page:
    """The response to a request."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)

    @property
    def ran(self) -> dict[str, str]:
        """Where it ran."""
        return {name: self.json[name] for name in ("on", "by")}


def fetch(
    server: Server, path: str, method: str = "GET", body: Any = None, headers: Mapping[str, str] | None = None
) -> Page:
    """Send a request, and return the response."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request(
            method, path, body, dict(headers or {}), encode_chunked=not isinstance(body, (bytes, type(None)))
        )
        with connection.getresponse() as answer:
            cookies = dict(
                value.partition(";")[0].split("=", 1) for value in answer.headers.get_all("Set-Cookie") or []
            )
            return Page(answer.status, answer.headers, answer.read(), cookies)


@contextlib.contextmanager
def site(framework: str, directory: Path, settings: Mapping[str, Any] | None = None, **others: Any) -> Iterator[Server]:
    """Serve the project of frameworks/mixed, with more settings.

    Args:
        framework: Its framework.
        directory: Where it is written.
        settings: Its settings beside those that it has.
        others: The name of the application, the server and its options, and environment variables.
    """
    pytest.importorskip(framework)
    project = directory / "project"
    shutil.copytree(Path(__file__).parent / "frameworks" / "mixed", project / "mixed", dirs_exist_ok=True)
    name, server = others.pop("application", "application"), others.pop("server", "uvicorn")
    others |= {"FRAMEWORK": framework, "DATABASE": str(project / "db.sqlite3"), "SETTINGS": json.dumps(settings or {})}
    with serving(server, f"mixed.asgi:{name}", project, **others) as running:
        yield running


@pytest.fixture(scope="module", params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """A framework."""
    return str(request.param)


CHOSEN = {"mixed.views.chosen_sync": "asgi", "mixed.views.chosen_a*": "wsgi", "/chosen/path/*": "asgi"}


@pytest.fixture(scope="module")
def served(framework: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with a database, which most tests use."""
    directory = tmp_path_factory.mktemp(framework)
    settings = {"GINGER_ASYNC_SAFE_HANDLERS": CHOSEN}
    with site(framework, directory, settings=settings, COUNT_SIGNALS="1") as running:
        project = directory / "project"
        environment = {**os.environ, "FRAMEWORK": framework, "DATABASE": str(project / "db.sqlite3")}
        migrate = "from mixed.asgi import framework; framework('core.management').call_command('migrate', verbosity=0)"
        subprocess.run([sys.executable, "-c", migrate], cwd=project, env=environment, check=True)
        yield running


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/sync", WSGI),
        ("/async", ASGI),
        ("/below/sync", WSGI),
        ("/below/3/async", ASGI),
        ("/below/word/sync", WSGI),
        ("/below/late", ASGI),
        ("/en/sync", WSGI),
        ("/de/async", ASGI),
        ("/Montag/async", ASGI),
        ("/Monday/sync", WSGI),
        ("/querying/word", WSGI),
        ("/choosy/async", ASGI),
        ("/choosy/other", {"on": "thread", "by": "asgi"}),
        ("/chosen/async", {"on": "loop", "by": "wsgi"}),
        ("/chosen/sync", {"on": "thread", "by": "asgi"}),
        ("/chosen/path/3", {"on": "thread", "by": "asgi"}),
        ("/class/sync", WSGI),
        ("/class/async", ASGI),
        ("/exempt/sync", WSGI),
        ("/exempt/async", ASGI),
        ("/decorated/sync", WSGI),
        ("/decorated/async", ASGI),
        ("/partial/sync", WSGI),
        ("/partial/async", ASGI),
        ("/marked", ASGI),
        ("/rest", WSGI),
        ("/hidden/async", ASGI),
        ("/hidden/sync", {"on": "thread", "by": "asgi"}),
        ("/api/sync", WSGI),
        ("/api/async?number=3", ASGI),
        ("/api/both", {"on": "thread", "by": "asgi"}),
    ],
)
def test_where_views_run(framework: str, served: Server, path: str, expected: dict[str, str]) -> None:
    """A sync view runs in a thread under the WSGI handler, an async view on the loop under the ASGI handler."""
    if path.startswith("/api/") and framework != "django":
        pytest.skip("django-ninja is Django's")
    page = fetch(served, path, headers={"Accept-Language": "de"} if path.startswith("/Montag/") else None)
    assert (200, expected) == (page.status, page.ran)
    assert expected["by"] == {"thread": "wsgi", "loop": "asgi"}[page.headers["X-Both"]]


def test_csrf(served: Server) -> None:
    """Views of both kinds are protected, unless they are exempt."""
    paths = ("/sync", "/async", "/protected", "/exempt/sync", "/exempt/async", "/rest")
    assert [403, 403, 403, 200, 200, 200] == [fetch(served, path, "POST", b"").status for path in paths]


def test_urls_set_by_middleware(served: Server) -> None:
    """If middleware sets other URLs for a request, its view is served nevertheless."""
    other = {"X-Urls": "mixed.other_urls"}
    answers = [fetch(served, path, headers=other) for path in ("/sync", "/async", "/only-here")]
    expected = [{"on": "loop", "by": "wsgi"}, {"on": "thread", "by": "asgi"}, {"on": "loop", "by": "wsgi"}]
    assert expected == [page.ran for page in answers]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_uploads(served: Server, kind: str) -> None:
    """A form with a file arrives, and so does a body without a length."""
    ran = WSGI if kind == "sync" else ASGI
    uploaded = fetch(served, f"/upload/{kind}", "POST", UPLOAD, MULTIPART)
    assert {"word": "café", "size": 300_000, **ran} == uploaded.json
    chunked = fetch(served, f"/body/{kind}", "POST", iter([b"one ", b"two"]), {"Transfer-Encoding": "chunked"})
    assert {"body": "one two", **ran} == chunked.json
    assert {"body": "", **ran} == fetch(served, f"/body/{kind}", "POST").json


def test_streams(served: Server) -> None:
    """A response is streamed from where its view ran; a file is sent."""
    assert b"0 1 2 thread" == fetch(served, "/stream/sync").body
    assert b"0 1 2 loop" == fetch(served, "/stream/async").body
    assert fetch(served, "/file").body.startswith(b'"""Views of every kind')


def test_endless_stream_of_a_sync_view(served: Server) -> None:
    """The view runs in a thread, and its stream on the loop: it begins at once, and ends when its client disconnects."""
    with contextlib.ExitStack() as clients:
        firsts = [clients.enter_context(open_stream(served, "/events")) for _ in range(12)]
        assert [b"data: wsgi loop\n"] * 12 == firsts
        assert 12 == fetch(served, "/open").json["streams"]
        assert WSGI == fetch(served, "/sync").ran
    wait_until(lambda: fetch(served, "/open").json["streams"] == 0)


def test_hop_by_hop_fields(served: Server) -> None:
    """A hop-by-hop header is dropped from a sync view's response, which is otherwise unchanged."""
    page = fetch(served, "/header/Connection")
    assert (200, WSGI, None) == (page.status, page.ran, page.headers["Connection"])
    assert 500 == fetch(served, "/header/X_Bad").status  # not a valid header name, on any server


def test_slow_bodies(served: Server) -> None:
    """A sync view is called when the body has arrived, as far as it fits into a window: a slow client has no thread."""

    def begun() -> int:
        count: int = fetch(served, "/signals").json["WSGIHandler started"]
        return count

    fetch(served, "/sync")
    before = begun()
    connections = [http.client.HTTPConnection("127.0.0.1", served.port, timeout=TIMEOUT) for _ in range(20)]
    with contextlib.ExitStack() as closing:
        for connection in connections:
            closing.callback(connection.close)
            connection.putrequest("POST", "/upload/sync")
            for name, value in (*MULTIPART.items(), ("Content-Length", str(len(SMALL_UPLOAD)))):
                connection.putheader(name, value)
            connection.endheaders(SMALL_UPLOAD[:20])
        time.sleep(0.3)  # three times as long as it usually takes until a request begins without the rest of its body
        assert before == begun()
        for connection in connections:
            connection.send(SMALL_UPLOAD[20:])
            assert 200 == connection.getresponse().status
    assert before + len(connections) == begun()


def settled_signals(server: Server) -> tuple[Counter[str], int]:
    """Return how often each signal was sent, once no other request runs, and how many requests that took.

    A request finishes after its client has the response, so one of an earlier test may still be about to finish.
    """
    seen: list[Counter[str]] = []

    def is_settled() -> bool:
        seen.append(Counter(fetch(server, "/signals").json))
        running = {name: seen[-1][f"{name} started"] - seen[-1][f"{name} finished"] for name in HANDLERS}
        return running == {"ASGIHandler": 1, "WSGIHandler": 0}  # the request that reads the numbers

    wait_until(is_settled)
    return seen[-1], len(seen)


def test_signals(served: Server) -> None:
    """The signals of a request are sent once each, by the handler that serves it."""
    before, _ = settled_signals(served)
    for path in ("/sync", "/header/X_Bad", "/missing/sync", "/stream/sync", "/async", "/stream/async", "/error/async"):
        fetch(served, path)
    after, reads = settled_signals(served)
    expected = {"ASGIHandler": 3 + reads, "WSGIHandler": 4}
    for signal in ("started", "finished"):
        assert expected == {name: after[f"{name} {signal}"] - before[f"{name} {signal}"] for name in HANDLERS}


def test_sessions_and_messages(served: Server) -> None:
    """What a view of one kind stores there, a view of the other kind reads."""
    cookies: dict[str, str] = {}
    visits = []
    for kind in ("sync", "async", "sync"):
        page = fetch(served, f"/session/{kind}", headers=sending(cookies))
        cookies |= page.cookies
        visits.append(page.json["visits"])
    assert [1, 2, 3] == visits
    cookies |= fetch(served, "/message/sync", headers=sending(cookies)).cookies
    assert ["from a sync view"] == fetch(served, "/message/async", headers=sending(cookies)).json["messages"]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_error_pages(served: Server, kind: str) -> None:
    """The project's own error pages are shown if a view fails or finds nothing, and if there is no view."""
    failed, missing = fetch(served, f"/error/{kind}"), fetch(served, f"/missing/{kind}")
    found = (failed.status, failed.json["handler"], failed.json["by"])
    assert (500, 500, "wsgi" if kind == "sync" else "asgi") == found
    assert (404, 404) == (missing.status, missing.json["handler"])
    nowhere = fetch(served, "/nowhere")
    assert (404, "wsgi") == (nowhere.status, nowhere.json["by"])
    assert (301, "/slash/") == (fetch(served, "/slash").status, fetch(served, "/slash").headers["Location"])


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_head(served: Server, kind: str) -> None:
    """HEAD is answered with the length and without the body."""
    head, get = fetch(served, f"/{kind}", "HEAD"), fetch(served, f"/{kind}")
    assert (200, b"", get.headers["Content-Length"]) == (head.status, head.body, head.headers["Content-Length"])


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_paths(served: Server, kind: str) -> None:
    """Path, query and host are the same in views of both kinds."""
    page = fetch(served, f"/path/{kind}/caf%C3%A9%20x/y?q=%C3%BC", headers={"Host": "shop.example"})
    word = "café x/y"
    expected = {"path": f"/path/{kind}/{word}", "path_info": f"/path/{kind}/{word}", "word": word, "query": "ü"}
    uri = f"http://shop.example/path/{kind}/caf%C3%A9%20x/y?q=%C3%BC"
    ran = WSGI if kind == "sync" else ASGI
    assert {**expected, "uri": uri, "reversed": "/scope", **ran} == page.json


def test_path_that_is_no_utf8(served: Server) -> None:
    """A sync view can tell its bytes apart."""
    words = [fetch(served, f"/path/sync/caf{byte}").json["word"] for byte in ("%e8", "%e9")]
    assert ["caf%E8", "caf%E9"] == words


def test_scope_of_a_sync_view(served: Server) -> None:
    """A sync view has the ASGI scope in META."""
    assert {"type": "http", "has it": False} == fetch(served, "/scope").json


def test_admin(framework: str, served: Server) -> None:
    """Logging into the admin works."""
    if framework != "django":
        pytest.skip("GingerDJ's release has no users to log in")
    project = served.directory
    environment = {**os.environ, "FRAMEWORK": framework, "DATABASE": str(project / "db.sqlite3")}
    create = (
        "import mixed.asgi; from django.contrib.auth.models import User; "
        "User.objects.create_superuser('root', 'root@shop.example', 'secret')"
    )
    subprocess.run([sys.executable, "-c", create], cwd=project, env=environment, check=True)
    form = fetch(served, "/admin/login/")
    token = form.body.decode().partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    body = f"username=root&password=secret&csrfmiddlewaretoken={token}&next=/admin/".encode()
    headers = {**sending(form.cookies), "Content-Type": "application/x-www-form-urlencoded"}
    login = fetch(served, "/admin/login/", "POST", body, headers)
    assert (302, "/admin/") == (login.status, login.headers["Location"])
    index = fetch(served, "/admin/", headers=sending({**form.cookies, **login.cookies}))
    assert (200, True) == (index.status, b"Site administration" in index.body)


def test_mounted(framework: str, tmp_path: Path) -> None:
    """Below a path, set by the server or by the setting, views of both kinds are found, and links include it."""
    with site(framework, tmp_path, options=("--root-path", "/shop")) as server:
        pages = [fetch(server, f"/path/{kind}/word") for kind in ("sync", "async")]
    assert ["wsgi", "asgi"] == [page.json["by"] for page in pages]
    assert [("/shop/scope", "word")] * 2 == [(page.json["reversed"], page.json["word"]) for page in pages]
    forced = tmp_path / "forced"
    with site(framework, forced, settings={"FORCE_SCRIPT_NAME": "/shop"}) as server:
        pages = [fetch(server, f"{before}/path/{kind}/word") for before in ("", "/shop") for kind in ("sync", "async")]
    assert ["wsgi", "asgi"] * 2 == [page.json["by"] for page in pages]
    assert ["/shop/scope"] * 4 == [page.json["reversed"] for page in pages]


@pytest.mark.parametrize("kind", ["sync_only", "async_only"])
def test_middleware_of_one_kind(framework: str, kind: str, tmp_path: Path) -> None:
    """Middleware that is only sync, or only async, is called for views of both kinds, where it can run."""
    settings = {"MIDDLEWARE": [f"mixed.middleware.{kind}", "mixed.middleware.both"]}
    with site(framework, tmp_path, settings=settings) as server:
        pages = [fetch(server, "/sync"), fetch(server, "/async")]
    assert [WSGI, ASGI] == [page.ran for page in pages]
    name, where = ("X-Sync", "thread") if kind == "sync_only" else ("X-Async", "loop")
    assert [(200, where)] * 2 == [(page.status, page.headers[name]) for page in pages]


def test_atomic_requests(framework: str, tmp_path: Path) -> None:
    """A sync view is in a transaction; an async view fails unless it opts out of it, as under the framework."""
    with site(framework, tmp_path, settings={"MIDDLEWARE": []}, ATOMIC_REQUESTS="1") as server:
        atomic, other, failing = (fetch(server, path) for path in ("/atomic", "/atomic/async", "/async"))
    assert (True, False) == (atomic.json["atomic"], other.json["atomic"])
    assert (500, "You cannot use ATOMIC_REQUESTS with async views.") == (failing.status, failing.json["error"])


def test_debug_pages(framework: str, tmp_path: Path) -> None:
    """With DEBUG the framework's technical pages are shown, for views of both kinds and for no view, without secrets."""
    secrets = {"Cookie": "sessionid=undisclosed", "X-Api-Key": "undisclosed"}
    with site(framework, tmp_path, settings={"DEBUG": True}) as server:
        pages = [fetch(server, path, headers=secrets) for path in ("/error/sync", "/error/async", "/nowhere")]
    assert [500, 500, 404] == [page.status for page in pages]
    assert not any(b"undisclosed" in page.body for page in pages)
    for page, said in zip(pages, (b"a sync view failed", b"an async view failed", b"below/"), strict=True):
        assert said in page.body


def test_broken_urls(framework: str, tmp_path: Path) -> None:
    """A project whose URLs cannot be imported starts, and answers each request as the framework does."""
    with site(framework, tmp_path, settings={"ROOT_URLCONF": "mixed.nowhere"}) as server:
        assert [500, 500] == [fetch(server, "/sync").status for _ in range(2)]
        assert "No module named 'mixed.nowhere'" in server.output()


def test_static_files(framework: str, tmp_path: Path) -> None:
    """The framework's handler of static files serves them, and passes on other requests."""
    static = tmp_path / "project" / "mixed" / "static"
    static.mkdir(parents=True)
    (static / "shop.css").write_text("body {}", encoding="utf-8")
    with site(framework, tmp_path, application="with_static_files", settings={"DEBUG": True}) as server:
        assert b"body {}" == fetch(server, "/static/shop.css").body
        assert [WSGI, ASGI] == [fetch(server, path).ran for path in ("/sync", "/async")]


@pytest.mark.parametrize("server", SERVERS)
def test_servers(server: str, tmp_path: Path) -> None:
    """Each server starts and ends it, and views of both kinds work; if a lifespan is required, it is answered."""
    options = {"uvicorn": ("--lifespan", "on")}.get(server, ())
    with site("django", tmp_path, server=server, options=options) as running:
        by = [fetch(running, path).json["by"] for path in ("/sync", "/async")]
        uploaded = fetch(running, "/body/sync", "POST", iter([b"one ", b"two"]), {"Transfer-Encoding": "chunked"})
        running.end()
    assert (["wsgi", "asgi"], "one two") == (by, uploaded.json["body"])


def test_long_polls_hold_no_thread(framework: str, tmp_path: Path) -> None:
    """Four times as many waiting async views as there are threads do not keep others from getting a thread."""
    others = ("/sync", "/async", "/querying/word", "/async/query")
    with site(framework, tmp_path, THREADS="6") as server, ThreadPoolExecutor(24 + len(others)) as clients:
        polls = [clients.submit(fetch, server, "/wait") for _ in range(24)]
        wait_until(lambda: fetch(server, "/open").json["waiting"] == 24)
        assert [200] * len(others) == [page.status for page in clients.map(fetch, [server] * len(others), others)]
        assert not any(poll.done() for poll in polls)
        fetch(server, "/release")
        assert [ASGI] * 24 == [poll.result().ran for poll in polls]


def test_async_views_need_no_thread(framework: str, tmp_path: Path) -> None:
    """While sync views have all threads, async views that need no thread are answered, and others wait."""
    with (
        site(framework, tmp_path, settings={"MIDDLEWARE": []}, THREADS="2") as server,
        ThreadPoolExecutor(3) as clients,
    ):
        held = [clients.submit(fetch, server, "/hold") for _ in range(2)]
        wait_until(lambda: fetch(server, "/open").json["held"] == 2)
        waiting = clients.submit(fetch, server, "/async/query")
        for path in ("/async", "/body/async", "/class/async"):
            assert ASGI == fetch(server, path).ran
        assert b"0 1 2 loop" == fetch(server, "/stream/async").body
        assert not any(each.done() for each in (*held, waiting))
        fetch(server, "/release")
        assert [200] * 3 == [each.result().status for each in (*held, waiting)]


def test_keep_thread(framework: str, tmp_path: Path) -> None:
    """With ``keep_thread``, a request has one thread to its end, although others wait for one."""
    with (
        site(framework, tmp_path, settings={"MIDDLEWARE": []}, THREADS="2", KEEP_THREAD="1") as server,
        ThreadPoolExecutor(8) as clients,
    ):
        pages = clients.map(lambda number: fetch(server, f"/keeping/{number}"), range(8))
        assert [*range(8)] == [page.json["number"] for page in pages]


def test_connections_of_async_views(framework: str, tmp_path: Path) -> None:
    """What the framework does with a connection at the beginning of a request happens in the thread that has it."""
    with site(framework, tmp_path, settings={"DEBUG": True, "MIDDLEWARE": []}, THREADS="1") as server:
        assert [1, 1, 1] == [fetch(server, "/async/query").json["queries"] for _ in range(3)]


def test_event_streams_hold_no_thread(framework: str, tmp_path: Path) -> None:
    """With a thousand open event streams, no request waits for a thread; they end when their clients disconnect."""

    async def opened(port: int) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /stream/endless HTTP/1.1\r\nHost: shop.example\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"data: asgi"), TIMEOUT)
        return writer

    async def hold_streams(server: Server) -> None:
        writers: list[asyncio.StreamWriter] = []
        try:
            for _ in range(20):
                writers += await asyncio.gather(*(opened(server.port) for _ in range(50)))
            assert 1000 == (await asyncio.to_thread(fetch, server, "/open")).json["streams"]
            with ThreadPoolExecutor(12) as clients:
                pages = clients.map(fetch, [server] * 12, ["/sync", "/async/query"] * 6)
                assert [200] * 12 == await asyncio.to_thread(lambda: [page.status for page in pages])
        finally:
            for writer in writers:
                writer.close()
        await asyncio.to_thread(wait_until, lambda: not fetch(server, "/open").json["streams"])

    with site(framework, tmp_path, settings={"MIDDLEWARE": []}, THREADS="6") as server:
        asyncio.run(hold_streams(server))


def sending(cookies: Mapping[str, str]) -> dict[str, str]:
    """Return the header that sends cookies."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@contextlib.contextmanager
def open_stream(server: Server, path: str) -> Iterator[bytes]:
    """Request an event stream, and yield its first event; the client disconnects at the end of the block."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=TIMEOUT)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        with answer:
            yield answer.readline()
