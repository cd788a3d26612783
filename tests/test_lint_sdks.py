"""Rules for sync clients of SDKs: one row covers every method of a client, and no call that does not wait."""

from __future__ import annotations

import textwrap
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from _bodies import found_in

from ginger_async_safe.blocking.rules import RULES, STATIC_RULES
from ginger_async_safe.blocking.rules.frameworks import FRAMEWORKS
from ginger_async_safe.blocking.rules.sdks import SDKS
from ginger_async_safe.cli import main
from ginger_async_safe.lint.check import engine
from ginger_async_safe.lint.check.settings import CheckSettings
from ginger_async_safe.lint.knowledge import sdks
from ginger_async_safe.lint.knowledge.rule_table import RuleTable, canonical, returned_by

if TYPE_CHECKING:
    from pathlib import Path

IDS = {rule.id for rule in STATIC_RULES}
TABLE = RuleTable((*RULES, *STATIC_RULES))

BLOCKS = {
    # Models behind a server.
    "openai.OpenAI().chat.completions.create(model='m')": "openai.OpenAI",
    "openai.AzureOpenAI().embeddings.create(input='')": "openai.OpenAI",
    "openai.Client().with_options(timeout=3).responses.create(input='')": "openai.OpenAI",
    "openai.OpenAI().with_raw_response.chat.completions.create()": "openai.OpenAI",
    "chat = openai.OpenAI().chat\ncompletions = chat.completions\ncompletions.list()": "openai.OpenAI",
    "with openai.OpenAI() as client:\n    client.models.list()": "openai.OpenAI",
    "with openai.OpenAI().chat.completions.stream(model='m') as stream:\n    pass": "openai.OpenAI",
    "openai.chat.completions.create(model='m')": "openai.chat",
    "anthropic.Anthropic().messages.create(model='m')": "anthropic.Anthropic",
    "anthropic.AnthropicBedrock().messages.create(model='m')": "anthropic.Anthropic",
    "with anthropic.Anthropic().messages.stream(model='m') as stream:\n    pass": "anthropic.Anthropic",
    "for event in await asyncio.to_thread(openai.OpenAI().responses.create, stream=True):\n    pass": "openai.OpenAI",
    "for event in await asyncio.to_thread(litellm.completion, stream=True):\n    pass": "litellm.completion",
    "for part in ollama.Client().chat('m', stream=True):\n    pass": "ollama.Client",
    "ollama.chat('m')": "ollama.chat",
    "groq.Groq().chat.completions.create()": "groq.Groq",
    "mistralai.client.Mistral().chat.complete()": "mistralai.client.Mistral",
    "mistralai.Mistral().chat.complete()": "mistralai.client.Mistral",
    "cohere.ClientV2().chat(model='m')": "cohere.Client",
    "google.genai.Client().models.generate_content(model='m')": "google.genai.Client",
    "google.genai.Client().chats.create(model='m').send_message('')": "google.genai.chats.Chat",
    "for part in google.genai.Client().models.generate_content_stream():\n    pass": "google.genai.Client",
    "litellm.completion(model='m')": "litellm.completion",
    "litellm.Router().completion(model='m')": "litellm.Router.completion",
    "huggingface_hub.InferenceClient().chat.completions.create()": "huggingface_hub.InferenceClient",
    "langchain_openai.ChatOpenAI().invoke('')": "langchain_core.BaseChatModel",
    "langchain_anthropic.ChatAnthropic().bind_tools([]).invoke('')": "langchain_core.BaseChatModel",
    "langchain_openai.OpenAIEmbeddings().embed_query('')": "langchain_core.Embeddings",
    # Models of this process.
    "tiktoken.get_encoding('base')": "tiktoken.get_encoding",
    "torch.load(path)": "torch.load",
    "transformers.AutoModel.from_pretrained('m')": "transformers.from_pretrained",
    "sentence_transformers.SentenceTransformer('m')": "sentence_transformers.SentenceTransformer",
    "list(huggingface_hub.HfApi().list_models())": "huggingface_hub.hf_hub_download",
    # Cloud services.
    "kubernetes.client.CoreV1Api().list_namespaced_pod('ns')": "kubernetes.client",
    "for event in kubernetes.watch.Watch().stream(print):\n    pass": "kubernetes.watch.Watch",
    "docker.from_env()": "docker.DockerClient",
    "docker.DockerClient.from_env().containers.list()": "docker.DockerClient",
    "container = await asyncio.to_thread(docker.from_env().containers.get, 'c')\ncontainer.stop()": "docker.DockerClient",
    "for each in await asyncio.to_thread(docker.from_env().images.list):\n    each.remove()": "docker.DockerClient",
    "stripe.Charge.create(amount=1)": "stripe.create",
    "stripe.checkout.Session.create()": "stripe.create",
    "stripe.StripeClient('k').v1.customers.create()": "stripe.StripeClient",
    "twilio.rest.Client().messages.create(body='')": "twilio.rest.Client",
    "twilio.rest.Client().verify.v2.services('s').verifications.create()": "twilio.rest.Client",
    "slack_sdk.WebClient().chat_postMessage(channel='c')": "slack_sdk.WebClient",
    "slack_sdk.web.client.WebClient().chat_postMessage(channel='c')": "slack_sdk.WebClient",
    "google.cloud.storage.Client().bucket('b').blob('k').download_as_bytes()": "google.cloud.storage.Blob",
    "for blob in google.cloud.storage.Client().list_blobs('b'):\n    pass": "google.cloud.storage.Client",
    "google.cloud.bigquery.Client().query('')": "google.cloud.bigquery.Client",
    "google.cloud.pubsub_v1.PublisherClient().publish('t', b'').result()": "google.cloud.pubsub_v1",
    "google.cloud.secretmanager.SecretManagerServiceClient().get_secret()": "google.cloud.ServiceClient",
    "google.cloud.firestore.Client().collection('c').where('a', '==', 1).get()": "google.cloud.firestore.Client",
    "googleapiclient.discovery.build('tasks', 'v1')": "googleapiclient.discovery.build",
    "service = await asyncio.to_thread(googleapiclient.discovery.build, 'drive')\nservice.files().list().execute()": (
        "googleapiclient.http.HttpRequest.execute"
    ),
    "azure.storage.blob.BlobServiceClient('u').get_blob_client('c', 'b').upload_blob(b'')": "azure.storage.blob.BlobClient",
    "github.Github().get_repo('r')": "github.Github",
    "minio.Minio('h').put_object()": "minio.Minio",
    # Brokers and devices.
    "pika.BlockingConnection()": "pika.BlockingConnection",
    "channel = (await asyncio.to_thread(pika.BlockingConnection)).channel()": "pika.BlockingConnection",
    "confluent_kafka.Consumer({}).poll(1)": "confluent_kafka.Consumer.poll",
    "serial.Serial('/dev/tty')": "serial.Serial",
    "serial.Serial().read(8)": "serial.Serial.read",
    "cv2.imread('a.png')": "cv2.imread",
    "psutil.cpu_percent(interval=1)": "psutil.cpu_percent",
    "psutil.cpu_percent(1)": "psutil.cpu_percent",
    "psutil.Process().wait()": "psutil.Process.wait",
    # Databases.
    "sqlmodel.Session(engine).exec(query)": "sqlalchemy.orm.Session.execute",
    "sqlmodel.Session(engine).commit()": "sqlalchemy.orm.Session.commit",
    "User.get_by_id(1)": "peewee.Model",
    "User.select().where(True).order_by(1).first()": "peewee.Model",
    "for user in User.select().where(True):\n    pass": "peewee.Model",
    "User.update(name='').where(True).execute()": "peewee.Model",
    "User().save()": "peewee.Model",
    "peewee.SqliteDatabase('a').connect()": "peewee.Database",
    "supabase.create_client('u', 'k').table('t').select('*').eq('a', 1).execute()": "supabase.Client",
    "supabase.create_client('u', 'k').auth.sign_up({})": "supabase.Client",
    "supabase.create_client('u', 'k').storage.from_('b').upload('p', b'')": "supabase.Client",
    "duckdb.connect('a.db')": "duckdb.connect",
    "duckdb.sql('select 1').fetchall()": "duckdb.execute",
    "qdrant_client.QdrantClient('u').query_points('c')": "qdrant_client.QdrantClient",
    "chromadb.Client().get_or_create_collection('c')": "chromadb.Collection",
    "neo4j.GraphDatabase.driver('u').session().run('')": "neo4j.Session",
    "pinecone.Pinecone().Index('i').query()": "pinecone.Index",
    "weaviate.connect_to_local().collections.get('c').query.near_text('')": "weaviate.WeaviateClient",
    "elasticsearch.Elasticsearch().indices.create(index='i')": "elasticsearch.Elasticsearch",
    "elasticsearch.Elasticsearch().options(request_timeout=3).search()": "elasticsearch.Elasticsearch",
    "redis.RedisCluster().get('k')": "redis.Redis.execute_command",
    # Frameworks.
    "django.core.cache.cache.get('k')": "django.cache",
    "django.core.cache.caches['slow'].set('k', 1)": "django.cache",
    "gingerdj.core.cache.cache.get_or_set('k', 1)": "gingerdj.cache",
    "django.core.mail.send_mail('s', 'm', None, [])": "django.mail",
    "django.core.mail.EmailMultiAlternatives('s').send()": "django.mail",
    "gingerdj.core.files.storage.default_storage.save('n', b'')": "gingerdj.storage",
    "django.core.files.storage.storages['s3'].exists('n')": "django.storage",
    "django.core.files.storage.FileSystemStorage().open('n')": "django.storage",
}
"""Statements of an async function, with the id of the rule of their last call."""

FREE = [
    "openai.OpenAI()",
    "openai.OpenAI().api_key.strip()",
    "openai.OpenAI().with_options(timeout=3)",
    "openai.OpenAI().close()",
    "openai.OpenAI().base_url.copy_with(path='/')",
    "openai.OpenAI().chat.completions._post()",
    "openai.OpenAI().webhooks.unwrap('', {})",
    "create = openai.OpenAI().chat.completions.create",
    "await asyncio.to_thread(openai.OpenAI().chat.completions.create, model='m')",
    "manager = openai.OpenAI().chat.completions.stream(model='m')",
    "await openai.AsyncOpenAI().chat.completions.create(model='m')",
    "await asyncio.gather(openai.AsyncOpenAI().chat.completions.create(model='m'))",
    "asyncio.create_task(openai.AsyncAzureOpenAI().responses.create())",
    "async with anthropic.AsyncAnthropic().messages.stream(model='m') as stream:\n    pass",
    "stream = await openai.AsyncOpenAI().responses.create(stream=True)\nasync for event in stream:\n    pass",
    "openai.types.chat.ChatCompletion(id='1')",
    "asyncio.create_task(mistralai.client.Mistral().chat.complete_async())",
    "asyncio.create_task(google.genai.Client().aio.models.generate_content())",
    "google.genai.Client().chats.create(model='m')",
    "parts = google.genai.Client().models.generate_content_stream()",
    "await litellm.acompletion(model='m')",
    "asyncio.create_task(litellm.Router().acompletion(model='m'))",
    "litellm.token_counter(model='m')",
    "parts = ollama.chat('m', stream=True)",
    "await langchain_openai.ChatOpenAI().ainvoke('')",
    "langchain_openai.ChatOpenAI().bind_tools([])",
    "huggingface_hub.HfApi().list_models()",
    "kubernetes.client.CoreV1Api().list_namespaced_pod('ns', async_req=True)",
    "kubernetes.client.CoreV1Api(kubernetes.client.ApiClient())",
    "kubernetes.client.V1Pod(metadata={})",
    "await asyncio.to_thread(docker.from_env)",
    "container = await asyncio.to_thread((await asyncio.to_thread(docker.from_env)).containers.get)\ncontainer.labels.get('a')",
    "asyncio.create_task(stripe.Charge.create_async(amount=1))",
    "asyncio.create_task(stripe.StripeClient('k').v1.customers.create_async())",
    "stripe.Webhook.construct_event(b'', '', '')",
    "stripe.StripeClient('k').construct_event(b'', '', '')",
    "asyncio.create_task(twilio.rest.Client().messages.create_async(body=''))",
    "twilio.rest.Client().messages('m')",
    "asyncio.create_task(slack_sdk.web.async_client.AsyncWebClient().chat_postMessage())",
    "google.cloud.storage.Client().bucket('b').blob('k')",
    "google.cloud.storage.Client().list_blobs('b')",
    "google.cloud.pubsub_v1.PublisherClient().publish('t', b'')",
    "google.cloud.secretmanager.SecretManagerServiceClient().secret_path('p', 's')",
    "asyncio.create_task(google.cloud.secretmanager.SecretManagerServiceAsyncClient().get_secret())",
    "google.cloud.firestore.Client().collection('c').where('a', '==', 1)",
    "azure.storage.blob.BlobServiceClient('u').get_container_client('c').list_blobs()",
    "asyncio.create_task(azure.storage.blob.aio.BlobClient('u').upload_blob(b''))",
    "confluent_kafka.Consumer({}).poll(0)",
    "confluent_kafka.Producer({}).produce('t', b'')",
    "serial.Serial()",
    "cv2.resize(image, (1, 1))",
    "psutil.cpu_percent()",
    "psutil.cpu_percent(interval=None)",
    "psutil.Process().cpu_percent()",
    "psutil.Process().wait(0)",
    "psutil.virtual_memory()",
    "User.select().where(True)",
    "User(name='')",
    "supabase.create_client('u', 'k').table('t').select('*').eq('a', 1)",
    "supabase.create_client('u', 'k').storage.from_('b').get_public_url('p')",
    "asyncio.create_task(supabase.AsyncClient('u', 'k').table('t').select('*').execute())",
    "duckdb.connect()",
    "duckdb.sql('select 1').filter('a')",
    "asyncio.create_task(qdrant_client.AsyncQdrantClient('u').query_points('c'))",
    "sqlmodel.select(User)",
    "elasticsearch.Elasticsearch().transport.node_pool.get()",
    "asyncio.create_task(elasticsearch.AsyncElasticsearch().indices.create(index='i'))",
    "redis.RedisCluster().pipeline()",
    "asyncio.create_task(django.core.cache.cache.aget('k'))",
    "django.core.cache.cache.make_key('k')",
    "django.core.mail.EmailMessage('s').attach('n', b'')",
    "django.core.files.storage.default_storage.url('n')",
]
"""Statements of an async function that do not wait."""

IMPORTS = sorted(
    {
        *(name.partition(".")[0] for name in (*(rule.target for rule in STATIC_RULES), *sdks.BASES_OF_SDKS)),
        *("asyncio", "redis", "elasticsearch", "google.genai", "google.cloud.storage", "googleapiclient.discovery"),
        *(f"{each}.core.{name}" for each in ("django", "gingerdj") for name in ("cache", "mail", "files.storage")),
    }
)


HEAD = [*(f"import {name}" for name in IMPORTS), "class User(peewee.Model):", "    pass"]


def test_found(tmp_path: Path) -> None:
    """Each statement that waits is found, by its rule."""
    found = found_in(tmp_path, HEAD, "engine, query, path, image", list(BLOCKS))
    assert {} == {body: ids for (body, rule), ids in zip(BLOCKS.items(), found, strict=True) if rule not in ids}


def test_free(tmp_path: Path) -> None:
    """Nothing is found in those that do not wait: async twins, lazy results, builders, and plain attributes."""
    found = found_in(tmp_path, HEAD, "engine, query, path, image", FREE)
    assert {} == {body: ids for body, ids in zip(FREE, found, strict=True) if ids}


def test_subclasses(tmp_path: Path) -> None:
    """A class of the project that is derived from a client has its methods, and its own instead where it defines them."""
    (tmp_path / "shop.py").write_text(
        textwrap.dedent(
            """
            import openai


            class Client(openai.AzureOpenAI):
                def __init__(self):
                    self.answers = []

                def images(self):
                    return []


            async def main(client: Client | None):
                client.chat.completions.create()
                client.answers.append(1)
                client.images().clear()
            """
        ),
        encoding="utf-8",
    )
    report = engine.check([tmp_path], root=tmp_path, settings=CheckSettings())
    assert ["openai.OpenAI.chat.completions.create"] == [finding.call for finding in report.findings]


def test_names() -> None:
    """A finding names the method that is called, and the fix names the async client."""
    rule = TABLE.of("openai.OpenAI.chat.completions.create")
    assert rule is not None
    assert ("openai.OpenAI", "await client.…(...), of an openai.AsyncOpenAI") == (rule.id, rule.fix)


@pytest.mark.parametrize("rule", ["openai.OpenAI", "openai.OpenAI.**"])
def test_explained(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    """``--explain`` says what a rule covers, and that it is one of the check."""
    assert 0 == main(["check", "--explain", rule])
    text = capsys.readouterr().out
    assert "openai.OpenAI.**" in text
    assert "the check alone" in text
    assert "GAS203" in text


def test_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """``rules`` lists them with the others."""
    assert 0 == main(["rules"])
    assert IDS <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The settings leave such rules out, and add one for every method of a client of the project's own choice."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ginger_async_safe.rules]\nwithout = ["openai.*"]\n'
        '[[tool.ginger_async_safe.rules.add]]\ntarget = "acme.Client.**"\nfix = "await acme.AsyncClient()"\n',
        encoding="utf-8",
    )
    (tmp_path / "shop.py").write_text(
        "import acme, openai\n\n\nasync def main():\n    openai.OpenAI().models.list()\n    acme.Client().orders.list()\n",
        encoding="utf-8",
    )
    assert 1 == main(["check", "--no-cache", "shop.py"])
    text = capsys.readouterr().out
    assert "shop.py:6:5: GAS299 acme.Client.** blocks" in text
    assert "→ acme.Client.orders.list" in text
    assert "openai" not in text


def test_categories() -> None:
    """Each row says why, and how it is fixed or that it is moved to a thread; rows with one id agree."""
    for rule in STATIC_RULES:
        assert rule.reason
        assert rule.is_static
    kinds = {(rule.id, rule.category, rule.fix) for rule in STATIC_RULES}
    assert len(kinds) == len(IDS)
    assert not IDS & {rule.id for rule in RULES}


def test_rows_are_reached() -> None:
    """The tables have no row that none of their names leads to: names are canonical, and lazy calls have a rule."""
    names = [*sdks.FREE_IN_SDKS, *sdks.LAZY_IN_SDKS, *sdks.STREAMING, *sdks.RETURNED_BY_SDKS, *sdks.BASES_OF_SDKS]
    names += [each.target for each in SDKS]
    assert [] == [name for name in names if canonical(name) != name]
    assert [] == [name for name in sdks.LAZY_IN_SDKS if TABLE.of_consuming(name) is None or TABLE.of(name) is not None]
    assert [] == [name for name in sdks.FREE_IN_SDKS if "*" not in name and TABLE.of(name) is not None]
    assert "self" == returned_by("peewee.ModelSelect.where")


@pytest.mark.parametrize("framework", ["django", "gingerdj"])
def test_names_of_frameworks(framework: str) -> None:
    """The frameworks have the methods that rules name, and their caches have the async twins."""
    pytest.importorskip(framework)
    classes = {
        "core.cache.cache": "core.cache.backends.base.BaseCache",
        "core.cache.caches": "core.cache.backends.base.BaseCache",
        "core.files.storage.default_storage": "core.files.storage.Storage",
        "core.files.storage.storages": "core.files.storage.Storage",
    }
    checked = 0
    for rule in FRAMEWORKS:
        if rule.target.startswith(f"{framework}."):
            owner, _, name = rule.target.removeprefix(f"{framework}.").rpartition(".")
            module, _, cls = f"{framework}.{classes.get(owner, owner)}".rpartition(".")
            found = getattr(import_module(module), cls) if cls[:1].isupper() else import_module(f"{module}.{cls}")
            assert hasattr(found, name), rule.target
            assert hasattr(found, f"a{name}") or "core.cache" not in owner, rule.target
            checked += 1
    assert checked > 70
