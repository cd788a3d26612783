"""Clients of network services: a report has to name their own entry points."""

from __future__ import annotations

import contextlib
import http.client
import imaplib
import logging.handlers
import poplib
import smtplib
import urllib.request
import xmlrpc.client
from ftplib import FTP
from importlib import import_module
from typing import TYPE_CHECKING, Any

from corpus.helpers import echo, http_server, refused, serve, talk
from corpus.scenario import blocks, cleanup
from corpus.services import REDIS

if TYPE_CHECKING:
    from corpus.scenario import Run


def _url(body: bytes = b"{}", headers: str = "") -> str:
    return f"http://127.0.0.1:{http_server(body, headers)}/"


# HTTP


@blocks("requests.get", "requests.api.get", "requests.request", "requests.Session.request", needs=("requests",))
def requests_get() -> Run:
    """Send a request with requests."""
    requests, url = import_module("requests"), _url()

    async def run() -> None:
        requests.get(url, timeout=5)  # HERE

    return run


@blocks("requests.post", "requests.api.post", "requests.request", "requests.Session.request", needs=("requests",))
def requests_post() -> Run:
    """Send a form with requests."""
    requests, url = import_module("requests"), _url()

    async def run() -> None:
        requests.post(url, json={"one": 1}, timeout=5)  # HERE

    return run


@blocks("requests.Session.get", "requests.sessions.Session.get", "requests.Session.request", needs=("requests",))
def requests_session() -> Run:
    """Send a request with a session that was created earlier."""
    session, url = import_module("requests").Session(), _url()
    cleanup.callback(session.close)

    async def run() -> None:
        session.get(url, timeout=5)  # HERE

    return run


@blocks(
    "urllib3.PoolManager.request",
    "urllib3.request",
    "urllib3.RequestMethods.request",
    "urllib3._request_methods.RequestMethods.request",
    "urllib3.PoolManager.urlopen",
    needs=("urllib3",),
)
def urllib3_request() -> Run:
    """Send a request with urllib3."""
    pool, url = import_module("urllib3").PoolManager(), _url()
    cleanup.callback(pool.clear)

    async def run() -> None:
        pool.request("GET", url)  # HERE

    return run


@blocks("urllib.request.urlopen", "urllib.request.OpenerDirector.open")
def urlopen() -> Run:
    """Send a request with the standard library."""
    url = _url()

    async def run() -> None:
        cleanup.callback(urllib.request.urlopen(url).close)  # noqa: ASYNC210 # HERE

    return run


@blocks("urllib.request.urlretrieve", "urllib.request.urlopen")
def urlretrieve() -> Run:
    """Download a file with the standard library."""
    url = _url()
    cleanup.callback(urllib.request.urlcleanup)

    async def run() -> None:
        urllib.request.urlretrieve(url)  # HERE

    return run


@blocks("http.client.HTTPConnection.request", "http.client.HTTPConnection.connect", "http.client.HTTPConnection.send")
def http_client() -> Run:
    """Send a request on a connection of http.client."""
    connection = http.client.HTTPConnection("127.0.0.1", http_server())
    cleanup.callback(connection.close)

    async def run() -> None:
        connection.request("GET", "/")  # HERE

    return run


@blocks("httpx.get", "httpx.request", "httpx.Client.request", "httpx.Client.send", needs=("httpx",))
def httpx_get() -> Run:
    """Send a request with httpx."""
    httpx, url = import_module("httpx"), _url()

    async def run() -> None:
        httpx.get(url)  # HERE

    return run


@blocks("httpx.Client.get", "httpx.Client.request", "httpx.Client.send", needs=("httpx",))
def httpx_client() -> Run:
    """Send a request with httpx's sync client, which was created earlier."""
    client, url = import_module("httpx").Client(), _url()
    cleanup.callback(client.close)

    async def run() -> None:
        client.get(url)  # HERE

    return run


@blocks("xmlrpc.client.ServerProxy", "xmlrpc.client.ServerProxy.__request", "xmlrpc.client.Transport.request")
def xmlrpc_call() -> Run:
    """Call a procedure in another process."""
    answer = xmlrpc.client.dumps((1,), methodresponse=True).encode()
    proxy = xmlrpc.client.ServerProxy(_url(answer, "Content-Type: text/xml\r\n"))

    async def run() -> None:
        proxy.one()  # HERE

    return run


# Mail, files and shells


@blocks("smtplib.SMTP", "smtplib.SMTP.__init__", "smtplib.SMTP.connect")
def smtp_connect() -> Run:
    """Connect to a mail server."""
    port = serve(talk(b"220 here\r\n", b"221 bye\r\n"))

    async def run() -> None:
        cleanup.callback(smtplib.SMTP("127.0.0.1", port, "localhost", timeout=5).close)  # HERE

    return run


@blocks("smtplib.SMTP.sendmail", "smtplib.SMTP.ehlo_or_helo_if_needed", "smtplib.SMTP.ehlo")
def smtp_sendmail() -> Run:
    """Send a mail on a connection that was opened earlier."""
    port = serve(talk(b"220 here\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"550 no\r\n", b"250 ok\r\n"))
    server = smtplib.SMTP("127.0.0.1", port, "localhost", timeout=5)
    cleanup.callback(server.close)

    async def run() -> None:
        with contextlib.suppress(smtplib.SMTPException):
            server.sendmail("a@example.org", ["b@example.org"], "Subject: hello\r\n\r\nhello")  # HERE

    return run


@blocks("ftplib.FTP.connect", "ftplib.FTP", "ftplib.FTP.__init__")
def ftp_connect() -> Run:
    """Connect to an FTP server."""
    port, client = serve(talk(b"220 here\r\n")), FTP(timeout=5)
    cleanup.callback(client.close)

    async def run() -> None:
        client.connect("127.0.0.1", port)  # HERE

    return run


@blocks("ftplib.FTP.login", "ftplib.FTP.sendcmd")
def ftp_login() -> Run:
    """Log in to an FTP server."""
    client = FTP(timeout=5)
    client.connect("127.0.0.1", serve(talk(b"220 here\r\n", b"230 welcome\r\n")))
    cleanup.callback(client.close)

    async def run() -> None:
        client.login()  # HERE

    return run


@blocks("imaplib.IMAP4", "imaplib.IMAP4.__init__", "imaplib.IMAP4.open")
def imap_connect() -> Run:
    """Connect to an IMAP server, which closes the connection."""
    port = serve(talk(b"* BYE\r\n"))

    async def run() -> None:
        with contextlib.suppress(imaplib.IMAP4.error):
            imaplib.IMAP4("127.0.0.1", port, timeout=5)  # HERE

    return run


@blocks("poplib.POP3", "poplib.POP3.__init__")
def pop_connect() -> Run:
    """Connect to a POP3 server."""
    port = serve(talk(b"+OK here\r\n"))

    async def run() -> None:
        cleanup.callback(poplib.POP3("127.0.0.1", port, timeout=5).close)  # HERE

    return run


@blocks("paramiko.SSHClient.connect", "paramiko.client.SSHClient.connect", needs=("paramiko",))
def paramiko_connect() -> Run:
    """Connect to an SSH server, which does not speak the protocol."""
    paramiko, port = import_module("paramiko"), serve(talk(b"hello\r\n"))
    logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
    client = paramiko.SSHClient()
    cleanup.callback(client.close)

    async def run() -> None:
        with contextlib.suppress(paramiko.SSHException, EOFError, OSError):
            client.connect("127.0.0.1", port, "root", "", timeout=1, banner_timeout=1)  # HERE

    return run


@blocks("logging.handlers.SocketHandler.emit", "logging.handlers.SocketHandler.send", "socket.create_connection")
def log_to_socket() -> Run:
    """Send log records to another process."""
    handler = logging.handlers.SocketHandler("127.0.0.1", serve(echo))
    cleanup.callback(handler.close)
    record = logging.makeLogRecord({"msg": "hello"})

    def fail(record: logging.LogRecord) -> None:
        raise  # noqa: PLE0704 - logging calls this while it handles the error

    handler.handleError = fail  # type: ignore[method-assign]

    async def run() -> None:
        handler.emit(record)  # HERE

    return run


# Stores, queues and clouds


def _redis() -> Any:
    client = import_module("redis").Redis(**REDIS)
    cleanup.callback(client.close)
    client.ping()
    return client


@blocks(
    "redis.Redis.get",
    "redis.Redis.execute_command",
    "redis.client.Redis.execute_command",
    "redis.client.Redis.get",
    needs=("redis", "service:redis"),
)
def redis_get() -> Run:
    """Send a command to Redis."""
    client = _redis()

    async def run() -> None:
        client.get("corpus")  # HERE

    return run


@blocks("redis.Pipeline.execute", "redis.client.Pipeline.execute", needs=("redis", "service:redis"))
def redis_pipeline() -> Run:
    """Send several commands to Redis at once."""
    pipeline = _redis().pipeline()
    pipeline.get("one")
    pipeline.get("two")

    async def run() -> None:
        pipeline.execute()  # HERE

    return run


@blocks("redis.PubSub.get_message", "redis.client.PubSub.get_message", needs=("redis", "service:redis"))
def redis_subscription() -> Run:
    """Wait for a message from Redis."""
    subscription = _redis().pubsub()
    cleanup.callback(subscription.close)
    subscription.subscribe("corpus")

    async def run() -> None:
        subscription.get_message(timeout=0.05)  # HERE

    return run


@blocks(
    "pymongo.Collection.find_one",
    "pymongo.collection.Collection.find_one",
    "pymongo.synchronous.collection.Collection.find_one",
    needs=("pymongo",),
)
def pymongo_find_one() -> Run:
    """Query MongoDB, which is not running."""
    pymongo = import_module("pymongo")
    client: Any = pymongo.MongoClient("127.0.0.1", refused(), serverSelectionTimeoutMS=200, connect=False)
    cleanup.callback(client.close)
    collection = client["corpus"]["things"]

    async def run() -> None:
        with contextlib.suppress(pymongo.errors.PyMongoError):
            collection.find_one()  # HERE

    return run


@blocks("botocore.client.BaseClient._make_api_call", "botocore.client.BaseClient", "boto3.client", needs=("boto3",))
def boto3_list_buckets() -> Run:
    """Send a request to S3."""
    answer = b"<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>"
    client = import_module("boto3").client(
        "s3",
        region_name="us-east-1",
        endpoint_url=_url(answer, "Content-Type: application/xml\r\n"),
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )

    async def run() -> None:
        client.list_buckets()  # HERE

    return run


@blocks(
    "grpc.UnaryUnaryMultiCallable.__call__",
    "grpc._channel._UnaryUnaryMultiCallable.__call__",
    "grpc.UnaryUnaryMultiCallable",
    needs=("grpc",),
)
def grpc_call() -> Run:
    """Call a procedure of a server that is not running."""
    grpc = import_module("grpc")
    channel = grpc.insecure_channel(f"127.0.0.1:{refused()}")
    cleanup.callback(channel.close)
    stub = channel.unary_unary("/corpus.Corpus/One")

    async def run() -> None:
        with contextlib.suppress(grpc.RpcError):
            stub(b"", timeout=0.5)  # HERE

    return run


@blocks(
    "elasticsearch.Elasticsearch",
    "elasticsearch.Elasticsearch.search",
    "elasticsearch.Elasticsearch.perform_request",
    "elastic_transport.Transport.perform_request",
    needs=("elasticsearch",),
)
def elasticsearch_search() -> Run:
    """Search in Elasticsearch."""
    url = _url(b'{"hits": {}}', "X-Elastic-Product: Elasticsearch\r\n")
    client = import_module("elasticsearch").Elasticsearch(url)
    cleanup.callback(client.close)

    async def run() -> None:
        client.search(index="corpus")  # HERE

    return run


@blocks("kafka.KafkaProducer", "kafka.KafkaProducer.__init__", "kafka.producer.kafka.KafkaProducer", needs=("kafka",))
def kafka_producer() -> Run:
    """Connect to Kafka, which is not running."""
    kafka = import_module("kafka")
    logging.getLogger("kafka").setLevel(logging.CRITICAL + 1)
    server = f"127.0.0.1:{refused()}"

    async def run() -> None:
        with contextlib.suppress(kafka.errors.KafkaError):
            cleanup.callback(kafka.KafkaProducer(bootstrap_servers=server, bootstrap_timeout_ms=300).close)  # HERE

    return run
