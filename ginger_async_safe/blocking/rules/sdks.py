"""Rules of the check alone: sync clients of SDKs, and functions of packages that read models and other large files.

A row covers every method of a client. At run time, the guard stops what these calls make below, such as
``httpx.Client.send``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ginger_async_safe.blocking.calls import BlockingCall
from ginger_async_safe.blocking.clauses import BY_NAME, Argument, Clause, Satisfies
from ginger_async_safe.blocking.conditions import is_zero
from ginger_async_safe.blocking.immediate import waits_unless

if TYPE_CHECKING:
    from ginger_async_safe.blocking.calls import Condition

__all__ = ["SDKS"]

_SERVER = "it waits for a server"
_MODEL = "it loads a model, and may download it"


class _Row(NamedTuple):
    """Rules with one id, one fix and one reason.

    Attributes:
        id: The id.
        targets: What they cover.
        fix: The async twin; empty where there is none.
        reason: Why it blocks.
        category: What it waits for.
        blocks: The condition.
    """

    id: str
    targets: str
    fix: str = ""
    reason: str = _SERVER
    category: str = "network"
    blocks: Condition | None = None


def _of(owner: str, names: str) -> str:
    return " ".join(f"{owner}.{name}" for name in names.split())


def _client(name: str, twin: str, more: str = "") -> _Row:
    """Return the row for every method of a client, and of its attributes, that has an async twin."""
    return _Row(name, f"{name}.** {more}", f"await client.…(...), of {_an(twin)}")


def _an(name: str) -> str:
    return f"an {name}" if name[0] in "aeio" else f"a {name}"


def _is_in_memory(database: object) -> bool:
    return isinstance(database, str) and database.startswith(":memory:")


_unless_in_thread = waits_unless(Clause(Argument(BY_NAME, "async_req", None), Satisfies(bool)))
_unless_at_once = waits_unless(
    Clause(Argument(0, "interval", None), Satisfies(lambda interval: not interval)), is_method=False
)
_unless_streamed = waits_unless(Clause(Argument(BY_NAME, "stream", default=False), Satisfies(bool)))
_unless_in_memory = waits_unless(Clause(Argument(0, "database", ":memory:"), Satisfies(_is_in_memory)), is_method=False)
_unless_no_time = waits_unless(Clause(Argument(0, "timeout", None), Satisfies(is_zero)))
_unless_not_connected = waits_unless(Clause(Argument(0, "port", None), Satisfies(lambda port: port is None)))

_OF_OPENAI = (
    "audio batches beta chat completions containers conversations embeddings evals files fine_tuning images models "
    "moderations responses uploads vector_stores videos"
)
_OF_OPENAI_STREAMS = "chat.ChatCompletionStreamManager.__enter__ responses.ResponseStreamManager.__enter__"
_OF_ANTHROPIC_STREAMS = "MessageStreamManager.__enter__ BetaMessageStreamManager.__enter__"
_OF_LITELLM = (
    "completion embedding image_edit image_generation moderation ocr rerank responses search speech text_completion "
    "transcription"
)
_OF_OLLAMA = "copy delete embed embeddings list ps show"
_STREAMING_IN_OLLAMA = "chat create generate pull push"
_OF_STRIPE = (
    "cancel capture confirm create delete expire finalize_invoice list modify pay retrieve save search send_invoice "
    "void_invoice"
)
_OF_TWILIO = "create delete fetch list page update"
_OF_PEEWEE = (
    "bulk_create bulk_update create create_table delete_by_id delete_instance drop_table get get_by_id get_or_create "
    "get_or_none save set_by_id table_exists truncate_table"
)
_OF_PEEWEE_QUERIES = "count execute exists first get get_or_none peek scalar __getitem__ __iter__ __len__"
_OF_PEEWEE_DATABASES = (
    "begin commit connect create_tables drop_tables execute execute_sql get_columns get_foreign_keys get_indexes "
    "get_primary_keys get_tables get_views rollback table_exists"
)
_OF_FIRESTORE = {"DocumentReference": "create delete get set update", "CollectionReference": "add get", "Query": "get"}
_OF_DUCKDB = (
    "commit df execute executemany fetch_df fetchall fetchdf fetchmany fetchnumpy fetchone rollback to_arrow_table"
)
_OF_RELATIONS = "df fetchall fetchdf fetchmany fetchnumpy fetchone pl show to_csv to_parquet write_csv write_parquet"
_OF_NEO4J_SESSIONS = "begin_transaction close execute_read execute_write run"
_WITH_LANGCHAIN = "anthropic aws cohere google_genai google_vertexai groq huggingface mistralai ollama openai"
_OF_AZURE = ("BlobServiceClient", "ContainerClient", "BlobClient")

_ROWS = (
    # Models behind a server.
    _client(
        "openai.OpenAI",
        "openai.AsyncOpenAI",
        f"{_of('openai.Stream', '__iter__ __next__')} {_of('openai.lib.streaming', _OF_OPENAI_STREAMS)}",
    ),
    _Row(
        "openai.chat",
        " ".join(f"openai.{name}.**" for name in _OF_OPENAI.split()),
        "await client.…(...), of an openai.AsyncOpenAI",
    ),
    _client(
        "anthropic.Anthropic",
        "anthropic.AsyncAnthropic",
        f"{_of('anthropic.Stream', '__iter__ __next__')} {_of('anthropic.lib.streaming', _OF_ANTHROPIC_STREAMS)}",
    ),
    _client("groq.Groq", "groq.AsyncGroq", _of("groq.Stream", "__iter__ __next__")),
    _client("together.Together", "together.AsyncTogether", _of("together.Stream", "__iter__ __next__")),
    _Row("mistralai.client.Mistral", "mistralai.client.Mistral.**", "await client.…_async(...)"),
    _client("cohere.Client", "cohere.AsyncClient"),
    _Row("google.genai.Client", "google.genai.Client.**", "await client.aio.…(...)"),
    _Row("google.genai.chats.Chat", "google.genai.chats.Chat.send_message", "await a chat of client.aio.chats"),
    _Row(
        "google.generativeai.GenerativeModel",
        f"{_of('google.generativeai.GenerativeModel', 'count_tokens generate_content')} "
        "google.generativeai.ChatSession.send_message",
        "await model.…_async(...)",
    ),
    _Row(
        "litellm.completion",
        f"{_of('litellm', _OF_LITELLM)} litellm.batch_completion litellm.CustomStreamWrapper.__next__",
        "await litellm.acompletion(...), or the function of the same name with an a",
    ),
    _Row(
        "litellm.Router.completion",
        _of("litellm.Router", "completion embedding image_generation responses text_completion"),
        "await router.acompletion(...), or the method of the same name with an a",
    ),
    _Row(
        "ollama.Client",
        f"{_of('ollama.Client', _OF_OLLAMA)} {_of('ollama', _OF_OLLAMA)} ollama.Client.create_blob ollama.chat().__next__",
        "await client.…(...), of an ollama.AsyncClient",
    ),
    _Row(
        "ollama.chat",
        f"{_of('ollama', _STREAMING_IN_OLLAMA)} {_of('ollama.Client', _STREAMING_IN_OLLAMA)}",
        "await client.…(...), of an ollama.AsyncClient",
        blocks=_unless_streamed,
    ),
    _Row(
        "replicate.Client",
        "replicate.Client.** replicate.run replicate.predictions.** replicate.models.**",
        "await replicate.async_run(...), or the method of the same name with async_",
    ),
    _client("huggingface_hub.InferenceClient", "huggingface_hub.AsyncInferenceClient"),
    _Row(
        "langchain_core.BaseChatModel",
        " ".join(
            _of(owner, "batch generate invoke")
            for owner in (
                *(f"langchain_{name}.**" for name in _WITH_LANGCHAIN.split()),
                "langchain_core.language_models.BaseChatModel",
            )
        ),
        "await model.ainvoke(...), or the method of the same name with an a",
    ),
    _Row(
        "langchain_core.Embeddings",
        " ".join(
            _of(owner, "embed_documents embed_query")
            for owner in (
                *(f"langchain_{name}.**" for name in _WITH_LANGCHAIN.split()),
                "langchain_core.embeddings.Embeddings",
            )
        ),
        "await embeddings.aembed_query(...), or the method of the same name with an a",
    ),
    # Models of this process.
    _Row("tiktoken.get_encoding", _of("tiktoken", "encoding_for_model get_encoding"), reason=_MODEL, category="files"),
    _Row("torch.load", "torch.load torch.save torch.jit.load torch.hub.load", reason=_MODEL, category="files"),
    _Row(
        "transformers.from_pretrained",
        "transformers.pipeline transformers.*.from_pretrained",
        reason=_MODEL,
        category="files",
    ),
    _Row(
        "sentence_transformers.SentenceTransformer",
        "sentence_transformers.SentenceTransformer sentence_transformers.CrossEncoder",
        reason=_MODEL,
        category="files",
    ),
    _Row(
        "sentence_transformers.SentenceTransformer.encode",
        "sentence_transformers.SentenceTransformer.encode sentence_transformers.CrossEncoder.predict",
        reason="it computes with a model",
        category="other",
    ),
    _Row("whisper.load_model", "whisper.load_model faster_whisper.WhisperModel", reason=_MODEL, category="files"),
    _Row("whisper.transcribe", "whisper.transcribe", reason="it computes with a model", category="other"),
    _Row(
        "huggingface_hub.hf_hub_download",
        "huggingface_hub.hf_hub_download huggingface_hub.snapshot_download huggingface_hub.HfApi.*",
        reason="it waits for a server, and writes files",
    ),
    # Cloud services.
    _Row(
        "kubernetes.client",
        "kubernetes.client.*Api.* kubernetes.client.api.*.*Api.*",
        "await api.…(...), of kubernetes_asyncio",
        blocks=_unless_in_thread,
    ),
    _Row(
        "kubernetes.config",
        _of("kubernetes.config", "load_config load_incluster_config load_kube_config"),
        "await kubernetes_asyncio.config.…(...)",
        "it reads files",
        "files",
    ),
    _Row("kubernetes.watch.Watch", "kubernetes.watch.Watch.*", "async for, over the watch.Watch of kubernetes_asyncio"),
    _Row(
        "docker.DockerClient",
        "docker.from_env docker.DockerClient docker.DockerClient.** docker.models.containers.Container.* "
        "docker.models.images.Image.* docker.models.networks.Network.* docker.models.volumes.Volume.*",
        "await a method of an aiodocker.Docker",
        "it waits for the Docker daemon",
    ),
    _Row(
        "docker.APIClient",
        "docker.APIClient docker.APIClient.*",
        "await a method of an aiodocker.Docker",
        "it waits for the Docker daemon",
    ),
    _Row("stripe.StripeClient", "stripe.StripeClient.**", "await client.…_async(...)"),
    _Row(
        "stripe.create",
        f"{_of('stripe.*', _OF_STRIPE)} {_of('stripe.*.*', _OF_STRIPE)}",
        "await the method of the same name with _async",
    ),
    _Row(
        "twilio.rest.Client", _of("twilio.rest.Client.**", _OF_TWILIO), "await the method of the same name with _async"
    ),
    _Row(
        "slack_sdk.WebClient",
        "slack_sdk.WebClient.*",
        "await client.…(...), of a slack_sdk.web.async_client.AsyncWebClient",
    ),
    _Row(
        "slack_sdk.webhook.WebhookClient",
        _of("slack_sdk.webhook.WebhookClient", "send send_dict"),
        "await client.send(...), of a slack_sdk.webhook.async_client.AsyncWebhookClient",
    ),
    _Row("github.Github", "github.Github.*"),
    _Row(
        "googleapiclient.discovery.build",
        _of("googleapiclient.discovery", "build build_from_document"),
        "await aiogoogle.Aiogoogle().discover(...)",
        "it reads the description of the service from a file, or from a server",
    ),
    _Row("googleapiclient.http.HttpRequest.execute", "googleapiclient.discovery.Resource.**.execute"),
    _Row("google.cloud.storage.Client", "google.cloud.storage.Client.*"),
    _Row("google.cloud.storage.Bucket", "google.cloud.storage.Bucket.*"),
    _Row("google.cloud.storage.Blob", "google.cloud.storage.Blob.*"),
    _Row("google.cloud.bigquery.Client", "google.cloud.bigquery.Client.*"),
    _Row(
        "google.cloud.bigquery.QueryJob",
        _of("google.cloud.bigquery.QueryJob", "cancel done exists reload result to_arrow to_dataframe __iter__"),
    ),
    _Row(
        "google.cloud.firestore.Client",
        " ".join(_of(f"google.cloud.firestore.{kind}", names) for kind, names in _OF_FIRESTORE.items())
        + " google.cloud.firestore.WriteBatch.commit",
        "await the method of the same name, of a google.cloud.firestore.AsyncClient",
    ),
    _Row(
        "google.cloud.pubsub_v1",
        "google.cloud.pubsub_v1.PublisherClient.* google.cloud.pubsub_v1.SubscriberClient.* "
        "google.cloud.pubsub_v1.publisher.futures.Future.result "
        "google.cloud.pubsub_v1.subscriber.futures.StreamingPullFuture.result",
    ),
    _Row(
        "google.cloud.ServiceClient",
        "google.cloud.*.*ServiceClient.*",
        "await the method of the same name, of the ServiceAsyncClient",
    ),
    *(
        _Row(
            f"azure.storage.blob.{name}",
            f"azure.storage.blob.{name}.*",
            f"await client.…(...), of an azure.storage.blob.aio.{name}",
        )
        for name in _OF_AZURE
    ),
    _Row("minio.Minio", "minio.Minio.*", "await client.…(...), of a miniopy_async.Minio"),
    # Brokers and devices.
    _Row("pika.BlockingConnection", "pika.BlockingConnection pika.BlockingConnection.*", "await aio_pika.connect(...)"),
    _Row(
        "pika.BlockingChannel",
        "pika.adapters.blocking_connection.BlockingChannel.*",
        "await a method of a channel of aio_pika",
    ),
    _Row(
        "confluent_kafka.Consumer.poll",
        "confluent_kafka.Consumer.poll confluent_kafka.Producer.poll confluent_kafka.Producer.flush",
        "await consumer.poll(...), of a confluent_kafka.aio.AIOConsumer",
        blocks=_unless_no_time,
    ),
    _Row(
        "paho.mqtt.Client.connect",
        _of("paho.mqtt.client.Client", "connect loop_forever reconnect"),
        "async with aiomqtt.Client(...)",
    ),
    _Row(
        "serial.Serial",
        "serial.Serial",
        "await serial_asyncio.open_serial_connection(...)",
        "it opens a device",
        blocks=_unless_not_connected,
    ),
    _Row(
        "serial.Serial.read",
        _of("serial.Serial", "flush read read_until readline readlines write"),
        "await serial_asyncio.open_serial_connection(...)",
        "it waits for a device",
    ),
    _Row(
        "cv2.VideoCapture",
        f"cv2.VideoCapture cv2.VideoWriter {_of('cv2.VideoCapture', 'grab open read')} {_of('cv2.VideoWriter', 'open write')}",
        reason="it waits for a camera, a file or a server",
        category="files",
    ),
    _Row("cv2.imread", _of("cv2", "imread imreadmulti imwrite"), reason="it reads or writes a file", category="files"),
    _Row(
        "cv2.waitKey",
        _of("cv2", "waitKey waitKeyEx"),
        "await asyncio.sleep(...), with cv2.pollKey()",
        "it waits for a key",
        "other",
    ),
    _Row(
        "psutil.cpu_percent",
        _of("psutil", "cpu_percent cpu_times_percent"),
        "psutil.cpu_percent(interval=None), twice, with await asyncio.sleep(...) in between",
        "it sleeps for the interval",
        "time",
        _unless_at_once,
    ),
    _Row(
        "psutil.Process.cpu_percent",
        "psutil.Process.cpu_percent",
        "process.cpu_percent(interval=None), twice, with await asyncio.sleep(...) in between",
        "it sleeps for the interval",
        "time",
        _unless_at_once,
    ),
    _Row(
        "psutil.Process.wait",
        "psutil.Process.wait psutil.Popen.wait",
        reason="it waits for a process",
        category="processes",
        blocks=_unless_no_time,
    ),
    _Row("psutil.wait_procs", "psutil.wait_procs", reason="it waits for processes", category="processes"),
    # Databases.
    _Row(
        "peewee.Model",
        f"{_of('peewee.Model', _OF_PEEWEE)} {_of('peewee.ModelSelect', _OF_PEEWEE_QUERIES)} "
        "peewee.ModelInsert.execute peewee.ModelUpdate.execute peewee.ModelDelete.execute",
        "await the method of the same name with an a, of playhouse.pwasyncio",
        reason="it waits for the database",
        category="databases",
    ),
    _Row(
        "peewee.Database",
        _of("peewee.Database", _OF_PEEWEE_DATABASES),
        "await the method of the same name with an a, of playhouse.pwasyncio",
        reason="it waits for the database",
        category="databases",
    ),
    _Row(
        "supabase.Client",
        "supabase.Client.**.execute supabase.Client.auth.** supabase.Client.storage.** supabase.Client.functions.** "
        "storage3._sync.file_api.SyncBucketProxy.*",
        "await the same, of await supabase.acreate_client(...)",
    ),
    _Row(
        "duckdb.connect",
        "duckdb.connect",
        reason="it opens the database file",
        category="databases",
        blocks=_unless_in_memory,
    ),
    _Row(
        "duckdb.execute",
        f"{_of('duckdb', 'execute executemany')} {_of('duckdb.DuckDBPyConnection', _OF_DUCKDB)} {_of('duckdb.DuckDBPyRelation', _OF_RELATIONS)}",
        reason="it runs the query",
        category="databases",
    ),
    _client("qdrant_client.QdrantClient", "qdrant_client.AsyncQdrantClient"),
    _Row(
        "chromadb.PersistentClient",
        "chromadb.PersistentClient chromadb.HttpClient chromadb.CloudClient",
        "await chromadb.AsyncHttpClient(...)",
        "it opens the database, or waits for its server",
        "databases",
    ),
    _Row(
        "chromadb.Collection",
        "chromadb.ClientAPI.* chromadb.Collection.*",
        "await the method of the same name, of await chromadb.AsyncHttpClient(...)",
        "it waits for the database, and computes embeddings",
        "databases",
    ),
    _Row(
        "neo4j.Driver",
        _of("neo4j.Driver", "close execute_query get_server_info verify_authentication verify_connectivity"),
        "await the method of the same name, of a driver of neo4j.AsyncGraphDatabase",
        category="databases",
    ),
    _Row(
        "neo4j.Session",
        f"{_of('neo4j.Session', _OF_NEO4J_SESSIONS)} {_of('neo4j.Transaction', 'commit rollback run')} "
        f"{_of('neo4j.Result', 'consume data single values __iter__')}",
        "await the method of the same name, of a driver of neo4j.AsyncGraphDatabase",
        category="databases",
    ),
    _client("pymilvus.MilvusClient", "pymilvus.AsyncMilvusClient"),
    _client("weaviate.WeaviateClient", "weaviate.WeaviateAsyncClient", "weaviate.collections.Collection.**"),
    _Row("pinecone.Pinecone", "pinecone.Pinecone.**", "await client.…(...), of a pinecone.AsyncPinecone"),
    _Row("pinecone.Index", "pinecone.Index.*", "await index.…(...), of a pinecone.AsyncIndex"),
    _client("opensearchpy.OpenSearch", "opensearchpy.AsyncOpenSearch"),
)

SDKS = tuple(
    BlockingCall(
        target,
        id=row.id,
        fix=row.fix,
        category=row.category,
        reason=row.reason,
        blocks=row.blocks,
        is_static=True,
    )
    for row in _ROWS
    for target in row.targets.split()
)
