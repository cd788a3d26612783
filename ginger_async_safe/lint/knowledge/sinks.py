"""Sinks: public names whose implementation makes a rule's call, by the id of the rule.

A name that ends with ``.*`` is that of every method of a class that has no row of its own.
"""

from __future__ import annotations

from ginger_async_safe.blocking.rules.network import OF_SOCKETS

__all__ = ["FREE", "SINKS", "WHEN_CONSUMED"]


def _of(owner: str, names: str) -> list[str]:
    return [f"{owner}.{name}" for name in names.split()]


SINKS: dict[str, list[str]] = {
    "file.open": [
        "os.open",
        "codecs.open",
        "gzip.open",
        "gzip.GzipFile",
        "bz2.open",
        "bz2.BZ2File",
        "lzma.open",
        "lzma.LZMAFile",
        "compression.zstd.open",
        "compression.zstd.ZstdFile",
        "tarfile.open",
        "tarfile.TarFile.open",
        "zipfile.ZipFile",
        "shelve.open",
        "dbm.open",
        "wave.open",
        "fileinput.input",
        "linecache.getline",
        "linecache.getlines",
        "tokenize.open",
        "logging.FileHandler",
        "logging.handlers.RotatingFileHandler",
        "logging.handlers.TimedRotatingFileHandler",
        "configparser.ConfigParser.read",
        "configparser.RawConfigParser.read",
        "PIL.Image.open",
        "PIL.Image.Image.save",
        *_of("tempfile", "NamedTemporaryFile TemporaryFile mkstemp"),
        *_of("pathlib.Path", "copy copy_into open read_bytes read_text write_bytes write_text"),
        *_of("importlib.resources", "open_binary open_text read_binary read_text"),
        *_of("shutil", "copy copy2 copyfile make_archive unpack_archive"),
        *_of("numpy", "fromfile genfromtxt load loadtxt save savetxt savez"),
        *_of("pandas", "read_csv read_excel read_feather read_fwf read_hdf read_html read_json read_orc read_parquet"),
        *_of("pandas", "read_pickle read_sas read_spss read_stata read_table read_xml"),
        *_of("pandas.DataFrame", "to_csv to_excel to_feather to_hdf to_html to_json to_orc to_parquet to_pickle"),
        *_of("pandas.DataFrame", "to_stata to_xml"),
        *_of("pandas.Series", "to_csv to_excel to_hdf to_json to_pickle"),
        *_of("importlib.metadata", "distribution distributions entry_points files metadata requires version"),
    ],
    "file.read": [
        *_of("io.TextIOWrapper", "read readline readlines __next__ __iter__"),
        *_of("sys.stdin", "read readline readlines"),
        *_of("sys.stdin.buffer", "read readline readlines"),
        *_of("io.BufferedReader", "peek read read1 readinto readinto1 readline readlines __next__ __iter__"),
        *_of("io.BufferedRandom", "read read1 readinto readline readlines __next__ __iter__"),
        *_of("io.FileIO", "read readall readline readlines __next__ __iter__"),
        *_of("zipfile.ZipFile", "extract extractall read testzip"),
        *_of("tarfile.TarFile", "extract extractall extractfile getmembers getnames"),
        *_of("starlette.datastructures.UploadFile.file()", "read readline readlines __next__ __iter__"),
    ],
    "file.write": [
        "io.BufferedReader.close",
        "io.BufferedReader.flush",
        "io.TextIOWrapper.flush",
        *_of("zipfile.ZipFile", "write writestr"),
        *_of("tarfile.TarFile", "add addfile"),
    ],
    "file.truncate": ["io.TextIOWrapper.truncate", "io.BufferedRandom.truncate"],
    "os.stat": [
        *_of("os.path", "exists getatime getctime getmtime getsize isdir isfile samefile"),
        *_of("pathlib.Path", "exists group is_block_device is_char_device is_dir is_fifo is_file is_socket owner"),
        *_of("pathlib.Path", "samefile stat"),
        *_of("os.DirEntry", "is_dir is_file stat"),
        *_of("pathlib.types.PathInfo", "exists is_dir is_file"),
        "filecmp.cmp",
        "shutil.which",
    ],
    "os.lstat": [
        *_of("os.path", "islink ismount lexists realpath"),
        *_of("pathlib.Path", "is_mount is_symlink lstat resolve"),
        "pathlib.types.PathInfo.is_symlink",
        "shutil.rmtree",
    ],
    "os.listdir": ["pathlib.Path.iterdir"],  # at once, since Python 3.13
    "os.scandir": [
        *_of("glob", "glob"),
        *_of("os.scandir()", "__next__ __iter__"),
        "shutil.copytree",
    ],
    "os.mkdir": ["os.makedirs", "pathlib.Path.mkdir", "tempfile.mkdtemp", "tempfile.TemporaryDirectory"],
    "os.rmdir": ["os.removedirs", "pathlib.Path.rmdir"],
    "os.unlink": ["pathlib.Path.unlink"],
    "os.rename": ["os.renames", *_of("pathlib.Path", "move move_into rename"), "shutil.move"],
    "os.replace": ["pathlib.Path.replace"],
    "os.chmod": ["pathlib.Path.chmod", "shutil.copymode"],
    "os.utime": ["pathlib.Path.touch", "shutil.copystat"],
    "os.chown": ["shutil.chown"],
    "os.symlink": ["pathlib.Path.symlink_to"],
    "os.link": ["pathlib.Path.hardlink_to"],
    "os.readlink": ["pathlib.Path.readlink"],
    "os.statvfs": ["shutil.disk_usage"],
    "builtins.input": ["getpass.getpass"],
    "ssl.SSLContext.load_default_certs": ["ssl.create_default_context"],
    "ssl.SSLContext.load_verify_locations": ["httpx.AsyncClient", "httpx.Client"],
    "select.select": _of("selectors.BaseSelector", "select"),
    **{f"socket.{name}": [f"socket.socket.{name}"] for name in OF_SOCKETS},
    "socket.gethostbyaddr": ["socket.getfqdn"],
    "smtplib.SMTP.sendmail": ["smtplib.SMTP.send_message"],
    "ftplib.FTP.sendcmd": _of(
        "ftplib.FTP", "cwd delete dir login mkd mlsd nlst pwd rename retrbinary retrlines rmd size storbinary storlines"
    ),
    "imaplib.IMAP4._simple_command": _of(
        "imaplib.IMAP4",
        "append close copy create delete expunge fetch list login logout noop search select status store uid",
    ),
    "poplib.POP3._shortcmd": _of("poplib.POP3", "dele list noop pass_ quit retr rset stat top uidl user"),
    "http.client.HTTPConnection.request": ["http.client.HTTPConnection.endheaders"],
    "subprocess.Popen": ["pty.spawn", "webbrowser.open"],
    "multiprocessing.process.BaseProcess.start": ["multiprocessing.Pool", "multiprocessing.Manager"],
    "multiprocessing.AsyncResult.get": _of("multiprocessing.Pool", "apply map starmap"),
    "multiprocessing.Lock": [
        "multiprocessing.Lock.acquire",
        "multiprocessing.RLock.acquire",
        "multiprocessing.Semaphore.acquire",
    ],
    "threading.Condition": ["threading.Condition.acquire"],
    "threading.Condition.wait": ["threading.Condition.wait_for", "queue.Queue.join"],
    "threading.Semaphore.acquire": ["threading.Semaphore.__enter__"],
    "threading.Event.wait": ["concurrent.futures.wait"],
    "concurrent.futures.ThreadPoolExecutor.shutdown": ["concurrent.futures.ThreadPoolExecutor.__exit__"],
    "concurrent.futures.ProcessPoolExecutor.shutdown": ["concurrent.futures.ProcessPoolExecutor.__exit__"],
    "sqlite3.connect": ["sqlite3.Connection", "dbm.sqlite3.open"],
    "sqlite3.fetchone": ["sqlite3.Cursor.__iter__"],
    "sqlite3.execute": ["sqlite3.Connection.iterdump"],
    "psycopg.Cursor.fetchone": ["psycopg.Cursor.__next__", "psycopg.Cursor.__iter__"],
    "psycopg.Connection.commit": ["psycopg.Connection.__exit__"],
    "psycopg2.cursor.execute": _of("psycopg2.extensions.cursor", "copy_from copy_to"),
    "psycopg2.connection.commit": ["psycopg2.extensions.connection.__exit__"],
    "pymysql.Connection": ["pymysql.connect", "pymysql.Connect"],
    "sqlalchemy.engine.base.Engine.connect": _of("sqlalchemy.engine.base.Engine", "begin raw_connection"),
    "sqlalchemy.engine.base.Connection.execute": _of(
        "sqlalchemy.engine.base.Connection", "scalar scalars exec_driver_sql"
    ),
    "sqlalchemy.orm.Session.execute": [
        *_of(
            "sqlalchemy.orm.Query",
            "all count delete exists_ first get one one_or_none scalar update __iter__ __getitem__",
        ),
        *_of("sqlalchemy.orm.Session", "bulk_insert_mappings bulk_save_objects connection"),
        "sqlmodel.Session.exec",
    ],
    "sqlalchemy.orm.Session.get": ["sqlalchemy.orm.Session.merge", "sqlalchemy.orm.Session.get_one"],
    "pymongo.mongo_client.MongoClient._retryable_read": [
        *_of("pymongo.synchronous.cursor.Cursor", "next to_list __next__ __iter__ __getitem__"),
        *_of("pymongo.synchronous.database.Database", "list_collection_names list_collections command"),
        *_of("pymongo.synchronous.mongo_client.MongoClient", "list_database_names list_databases server_info"),
    ],
    "requests.Session.request": _of("requests.Session", "delete get head options patch post put"),
    "httpx.Client.request": _of("httpx.Client", "delete get head options patch post put stream"),
    "urllib3.PoolManager.urlopen": ["urllib3.PoolManager.request", "urllib3.request"],
    "urllib.request.urlopen": ["urllib.request.OpenerDirector.open"],
    "urllib3.HTTPConnectionPool.urlopen": ["urllib3.HTTPConnectionPool.request"],
    "xmlrpc.client.ServerProxy": ["xmlrpc.client.ServerProxy.*"],
    "redis.Redis.execute_command": ["redis.Redis.*"],
    "redis.PubSub.listen": ["redis.PubSub.subscribe", "redis.PubSub.psubscribe"],
    "botocore.client.BaseClient": ["botocore.client.BaseClient.*"],
    "elasticsearch.Elasticsearch": ["elasticsearch.Elasticsearch.**"],
    "smtplib.SMTP.connect": ["smtplib.SMTP", "smtplib.SMTP_SSL", "smtplib.LMTP"],
    "ftplib.FTP.connect": ["ftplib.FTP", "ftplib.FTP_TLS"],
}
"""The names that reach each rule."""

WHEN_CONSUMED: dict[str, str] = {
    "os.walk": "os.scandir",
    "os.fwalk": "os.scandir",
    "glob.iglob": "os.scandir",
    "pathlib.Path.glob": "os.scandir",
    "pathlib.Path.rglob": "os.scandir",
    "pathlib.Path.walk": "os.scandir",
    "concurrent.futures.as_completed": "threading.Event.wait",
    "concurrent.futures.ThreadPoolExecutor.map": "concurrent.futures.Future.result",
    "concurrent.futures.ProcessPoolExecutor.map": "concurrent.futures.Future.result",
    "multiprocessing.Pool.imap": "multiprocessing.AsyncResult.get",
    "multiprocessing.Pool.imap_unordered": "multiprocessing.AsyncResult.get",
    "redis.PubSub.listen": "redis.PubSub.listen",
    "redis.Redis.scan_iter": "redis.Redis.execute_command",
    "sqlalchemy.orm.Query": "sqlalchemy.orm.Session.execute",
}
"""Calls whose result blocks when it is iterated, with the id of the rule."""

FREE: frozenset[str] = frozenset(
    {
        *_of("redis.Redis", "pipeline pubsub close register_script from_url get_encoder set_response_callback"),
        *_of("redis.Redis", "get_connection_kwargs lock json ft ts bf scan_iter __enter__ __exit__ connection_pool"),
        *_of("botocore.client.BaseClient", "exceptions meta waiter_names can_paginate get_paginator get_waiter close"),
        *_of("xmlrpc.client.ServerProxy", "__enter__ __exit__"),
    }
)
"""Methods that do not block, of classes whose other methods do."""
