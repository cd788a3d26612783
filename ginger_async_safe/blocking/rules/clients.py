"""Rules for clients of servers, other than databases."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["CLIENTS"]

_HTTPX = "await client.request(...), of an httpx.AsyncClient"
_REDIS = "await client.execute_command(...), of a redis.asyncio.Redis"
_AWS = "async with aioboto3.Session().client(...)"
_VERBS = ("delete", "get", "head", "options", "patch", "post", "put", "request")

# Id, target and fix.
_ENTRIES = (
    *(
        (f"requests.{verb}", f"requests.api.{verb}", f"await client.{verb}(...), of an httpx.AsyncClient")
        for verb in _VERBS
    ),
    ("requests.Session.request", "requests.sessions.Session.request", _HTTPX),
    ("requests.Session.send", "requests.sessions.Session.send", _HTTPX),
    *((f"httpx.{verb}", f"httpx._api.{verb}", f"await client.{verb}(...), of an httpx.AsyncClient") for verb in _VERBS),
    ("httpx.stream", "httpx._api.stream", "async with client.stream(...), of an httpx.AsyncClient"),
    ("httpx.Client.request", "httpx._client.Client.request", _HTTPX),
    ("httpx.Client.send", "httpx._client.Client.send", "await client.send(...), of an httpx.AsyncClient"),
    ("urllib3.PoolManager.urlopen", "urllib3.poolmanager.PoolManager.urlopen", _HTTPX),
    ("urllib3.HTTPConnectionPool.urlopen", "urllib3.connectionpool.HTTPConnectionPool.urlopen", _HTTPX),
    ("urllib.request.urlopen", "urllib.request.urlopen", _HTTPX),
    ("urllib.request.urlretrieve", "urllib.request.urlretrieve", _HTTPX),
    ("http.client.HTTPConnection.connect", "http.client.HTTPConnection.connect", _HTTPX),
    ("http.client.HTTPConnection.request", "http.client.HTTPConnection.request", _HTTPX),
    ("http.client.HTTPConnection.getresponse", "http.client.HTTPConnection.getresponse", _HTTPX),
    ("xmlrpc.client.ServerProxy", "xmlrpc.client.ServerProxy._ServerProxy__request", ""),
    ("smtplib.SMTP.connect", "smtplib.SMTP.connect", "await smtp.connect(...), of an aiosmtplib.SMTP"),
    ("smtplib.SMTP.sendmail", "smtplib.SMTP.sendmail", "await smtp.sendmail(...), of an aiosmtplib.SMTP"),
    ("smtplib.SMTP.quit", "smtplib.SMTP.quit", "await smtp.quit(), of an aiosmtplib.SMTP"),
    ("ftplib.FTP.connect", "ftplib.FTP.connect", "await client.connect(...), of an aioftp.Client"),
    ("ftplib.FTP.sendcmd", "ftplib.FTP.sendcmd", "await client.command(...), of an aioftp.Client"),
    ("imaplib.IMAP4", "imaplib.IMAP4.__init__", ""),
    ("imaplib.IMAP4._simple_command", "imaplib.IMAP4._simple_command", ""),
    ("poplib.POP3", "poplib.POP3.__init__", ""),
    ("poplib.POP3._shortcmd", "poplib.POP3._shortcmd", ""),
    ("redis.Redis.execute_command", "redis.client.Redis.execute_command", _REDIS),
    ("redis.Pipeline.execute", "redis.client.Pipeline.execute", "await pipeline.execute(), of a redis.asyncio.Redis"),
    (
        "redis.PubSub.get_message",
        "redis.client.PubSub.get_message",
        "await pubsub.get_message(), of a redis.asyncio.Redis",
    ),
    (
        "redis.PubSub.listen",
        "redis.client.PubSub.parse_response",
        "async for, over pubsub.listen() of a redis.asyncio.Redis",
    ),
    ("botocore.client.BaseClient", "botocore.client.BaseClient._make_api_call", _AWS),
    ("boto3.client", "boto3.client", _AWS),
    ("boto3.resource", "boto3.resource", "async with aioboto3.Session().resource(...)"),
    ("paramiko.SSHClient.connect", "paramiko.client.SSHClient.connect", "await asyncssh.connect(...)"),
    (
        "paramiko.SSHClient.exec_command",
        "paramiko.client.SSHClient.exec_command",
        "await asyncssh.SSHClientConnection.run(...)",
    ),
    ("elasticsearch.Elasticsearch", "elastic_transport.Transport.perform_request", "await AsyncElasticsearch().…(...)"),
    ("kafka.KafkaProducer", "kafka.producer.kafka.KafkaProducer.__init__", "await AIOKafkaProducer(...).start()"),
    ("kafka.KafkaProducer.flush", "kafka.producer.kafka.KafkaProducer.flush", "await AIOKafkaProducer(...).flush()"),
    ("kafka.KafkaConsumer", "kafka.consumer.group.KafkaConsumer.__init__", "await AIOKafkaConsumer(...).start()"),
    ("kafka.KafkaConsumer.poll", "kafka.consumer.group.KafkaConsumer.poll", "await AIOKafkaConsumer(...).getmany()"),
    *(
        (f"grpc.{kind}Callable", f"grpc._channel._{kind}Callable.__call__", "await on a stub of grpc.aio")
        for kind in ("UnaryUnaryMulti", "StreamUnaryMulti")
    ),
)

CLIENTS = tuple(
    BlockingCall(
        target,
        id=name,
        fix=fix,
        category="network",
        reason="it waits for a server",
    )
    for name, target, fix in _ENTRIES
)
