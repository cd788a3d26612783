"""Waiting for a server, through a client that has an entry point of its own."""

from __future__ import annotations

from ginger_async_safe.blocking.calls import BlockingCall

__all__ = ["CLIENTS"]

_HTTPX = "await httpx.AsyncClient().request(...)"
_MENDS = {
    "requests.api.get": _HTTPX,
    "requests.api.request": _HTTPX,
    "requests.sessions.Session.request": _HTTPX,
    "requests.sessions.Session.send": _HTTPX,
    "httpx.Client.send": "await httpx.AsyncClient().send(...)",
    "httpx.Client.request": "await httpx.AsyncClient().request(...)",
    "urllib3.connectionpool.HTTPConnectionPool.urlopen": _HTTPX,
    "urllib.request.urlopen": _HTTPX,
    "http.client.HTTPConnection.request": _HTTPX,
    "http.client.HTTPConnection.getresponse": _HTTPX,
    "redis.client.Redis.execute_command": "await redis.asyncio.Redis().execute_command(...)",
    "redis.client.Pipeline.execute": "",
    "botocore.client.BaseClient._make_api_call": "",
    "paramiko.client.SSHClient.connect": "",
    "smtplib.SMTP.connect": "",
    "smtplib.SMTP.sendmail": "",
    "ftplib.FTP.connect": "",
    "ftplib.FTP.sendcmd": "",
    "grpc._channel._UnaryUnaryMultiCallable.__call__": "",
    "elastic_transport.Transport.perform_request": "",
    "kafka.producer.kafka.KafkaProducer.__init__": "",
    "kafka.consumer.group.KafkaConsumer.__init__": "",
}

CLIENTS = tuple(
    BlockingCall(target, mend=mend, category="network", reason="it waits for a server")
    for target, mend in _MENDS.items()
)
