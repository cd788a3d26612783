"""Sync clients of SDKs: what their calls return, which of their methods do not block, and their other names.

The rules are in :mod:`ginger_async_safe.blocking.rules.sdks`; each covers every method of a client.
"""

from __future__ import annotations

__all__ = [
    "ALIASES_OF_SDKS",
    "BASES_OF_SDKS",
    "FORMER_NAMES_IN_SDKS",
    "FREE_IN_SDKS",
    "LAZY_IN_SDKS",
    "RETURNED_BY_SDKS",
    "STREAMING",
]


def _of(owner: str, names: str) -> list[str]:
    return [f"{owner}.{name}" for name in names.split()]


_STAINLESS = (  # the generator of several SDKs
    "api_key auth_headers base_url close copy custom_auth default_headers default_query is_closed max_retries "
    "platform_headers qs timeout user_agent with_options"
)
_OF_GENERATED = ("openai.OpenAI", "anthropic.Anthropic", "groq.Groq", "together.Together")
_STREAMS = {
    "openai.OpenAI.chat.completions.stream": "openai.lib.streaming.chat.ChatCompletionStreamManager",
    "openai.OpenAI.beta.chat.completions.stream": "openai.lib.streaming.chat.ChatCompletionStreamManager",
    "openai.OpenAI.responses.stream": "openai.lib.streaming.responses.ResponseStreamManager",
    "anthropic.Anthropic.messages.stream": "anthropic.lib.streaming.MessageStreamManager",
    "anthropic.Anthropic.beta.messages.stream": "anthropic.lib.streaming.BetaMessageStreamManager",
}
"""Calls that make their request where ``with`` enters what they return."""

_OF_CONTAINERS = {
    "containers": ("Container", "create get run", "list"),
    "images": ("Image", "get pull", "list load"),
    "networks": ("Network", "create get", "list"),
    "volumes": ("Volume", "create get", "list"),
}
_PEEWEE_QUERIES = {
    "select": "Select",
    "insert": "Insert",
    "insert_many": "Insert",
    "update": "Update",
    "delete": "Delete",
}
STREAMING: dict[str, str] = {
    "openai.OpenAI.chat.completions.create": "openai.Stream",
    "openai.OpenAI.completions.create": "openai.Stream",
    "openai.OpenAI.responses.create": "openai.Stream",
    "openai.chat.completions.create": "openai.Stream",
    "openai.responses.create": "openai.Stream",
    "anthropic.Anthropic.messages.create": "anthropic.Stream",
    "anthropic.Anthropic.beta.messages.create": "anthropic.Stream",
    "groq.Groq.chat.completions.create": "groq.Stream",
    "together.Together.chat.completions.create": "together.Stream",
    "litellm.completion": "litellm.CustomStreamWrapper",
    **{
        f"{owner}.{name}": "ollama.chat()"
        for owner in ("ollama", "ollama.Client")
        for name in ("chat", "create", "generate", "pull", "push")
    },
}
"""Calls that return a stream with ``stream=True``, and its class."""

RETURNED_BY_SDKS: dict[str, str] = {
    **{f"{client}.{name}": "self" for client in _OF_GENERATED for name in ("copy", "with_options")},
    **_STREAMS,
    **dict.fromkeys(("docker.from_env", "docker.DockerClient.from_env"), "docker.DockerClient"),
    "elasticsearch.Elasticsearch.options": "self",
    **{
        f"docker.DockerClient.{kind}.{method}": f"docker.models.{kind}.{name}"
        for kind, (name, single, _) in _OF_CONTAINERS.items()
        for method in single.split()
    },
    **{
        f"docker.DockerClient.{kind}.{method}": f"list[docker.models.{kind}.{name}]"
        for kind, (name, _, several) in _OF_CONTAINERS.items()
        for method in several.split()
    },
    "google.genai.Client.chats.create": "google.genai.chats.Chat",
    "google.generativeai.GenerativeModel.start_chat": "google.generativeai.ChatSession",
    "google.cloud.storage.Client.bucket": "google.cloud.storage.Bucket",
    "google.cloud.storage.Client.get_bucket": "google.cloud.storage.Bucket",
    "google.cloud.storage.Bucket.blob": "google.cloud.storage.Blob",
    "google.cloud.storage.Bucket.get_blob": "google.cloud.storage.Blob",
    "google.cloud.storage.Client.list_blobs": "generator[google.cloud.storage.Blob]",
    "google.cloud.storage.Client.list_buckets": "generator[google.cloud.storage.Bucket]",
    "google.cloud.storage.Bucket.list_blobs": "generator[google.cloud.storage.Blob]",
    "google.cloud.bigquery.Client.query": "google.cloud.bigquery.QueryJob",
    "google.cloud.pubsub_v1.PublisherClient.publish": "google.cloud.pubsub_v1.publisher.futures.Future",
    "google.cloud.pubsub_v1.SubscriberClient.subscribe": "google.cloud.pubsub_v1.subscriber.futures.StreamingPullFuture",
    **dict.fromkeys(
        _of("google.cloud.firestore.Client", "collection collection_group"),
        "google.cloud.firestore.CollectionReference",
    ),
    "google.cloud.firestore.Client.document": "google.cloud.firestore.DocumentReference",
    "google.cloud.firestore.Client.batch": "google.cloud.firestore.WriteBatch",
    "google.cloud.firestore.CollectionReference.document": "google.cloud.firestore.DocumentReference",
    "google.cloud.firestore.DocumentReference.collection": "google.cloud.firestore.CollectionReference",
    **{
        f"google.cloud.firestore.{kind}.{name}": "google.cloud.firestore.Query"
        for kind in ("CollectionReference", "Query")
        for name in ("limit", "limit_to_last", "offset", "order_by", "select", "start_after", "start_at", "where")
    },
    "azure.storage.blob.BlobServiceClient.get_container_client": "azure.storage.blob.ContainerClient",
    **{
        f"azure.storage.blob.{kind}.get_blob_client": "azure.storage.blob.BlobClient"
        for kind in ("BlobServiceClient", "ContainerClient")
    },
    **{
        f"azure.storage.blob.{kind}.from_connection_string": f"azure.storage.blob.{kind}"
        for kind in ("BlobServiceClient", "ContainerClient", "BlobClient")
    },
    "googleapiclient.discovery.build": "googleapiclient.discovery.Resource",
    "googleapiclient.discovery.build_from_document": "googleapiclient.discovery.Resource",
    "supabase.create_client": "supabase.Client",
    "supabase.Client.create": "supabase.Client",
    "supabase.Client.storage.from_": "storage3._sync.file_api.SyncBucketProxy",
    "pika.BlockingConnection.channel": "pika.adapters.blocking_connection.BlockingChannel",
    **{f"peewee.Model.{method}": f"peewee.Model{kind}" for method, kind in _PEEWEE_QUERIES.items()},
    **{f"peewee.Model{kind}.*": "self" for kind in ("Select", "Insert", "Update", "Delete")},
    "duckdb.connect": "duckdb.DuckDBPyConnection",
    "duckdb.DuckDBPyConnection.cursor": "duckdb.DuckDBPyConnection",
    "duckdb.DuckDBPyConnection.execute": "self",
    "duckdb.execute": "duckdb.DuckDBPyConnection",
    **{
        f"{owner}.{name}": "duckdb.DuckDBPyRelation"
        for owner in ("duckdb", "duckdb.DuckDBPyConnection")
        for name in ("from_df", "query", "read_csv", "read_parquet", "sql", "table")
    },
    **{
        f"duckdb.DuckDBPyRelation.{name}": "self"
        for name in ("aggregate", "distinct", "filter", "join", "limit", "order", "project", "select", "union")
    },
    **dict.fromkeys(("chromadb.PersistentClient", "chromadb.HttpClient", "chromadb.CloudClient"), "chromadb.ClientAPI"),
    **dict.fromkeys(("chromadb.Client", "chromadb.EphemeralClient"), "chromadb.ClientAPI"),
    **{
        f"chromadb.ClientAPI.{name}": "chromadb.Collection"
        for name in ("create_collection", "get_collection", "get_or_create_collection")
    },
    "neo4j.GraphDatabase.driver": "neo4j.Driver",
    "neo4j.Driver.session": "neo4j.Session",
    "neo4j.Session.begin_transaction": "neo4j.Transaction",
    "neo4j.Session.run": "neo4j.Result",
    "neo4j.Transaction.run": "neo4j.Result",
    **dict.fromkeys(
        ("weaviate.connect_to_local", "weaviate.connect_to_weaviate_cloud", "weaviate.connect_to_custom"),
        "weaviate.WeaviateClient",
    ),
    **dict.fromkeys(_of("weaviate.WeaviateClient.collections", "get use"), "weaviate.collections.Collection"),
    "langchain.chat_models.init_chat_model": "langchain_core.language_models.BaseChatModel",
    "pinecone.Pinecone.Index": "pinecone.Index",
    "pinecone.Pinecone.index": "pinecone.Index",
}
"""The class of what a call returns, as in ``RETURN_TYPES``; ``.*`` stands for every method that has no row of its own."""

_LAZY = (  # class, id of the rule, methods
    ("google.genai.Client", "google.genai.Client", "models.generate_content_stream"),
    ("google.genai.chats.Chat", "google.genai.chats.Chat", "send_message_stream"),
    ("cohere.Client", "cohere.Client", "chat_stream embed_stream generate_stream"),
    ("replicate.Client", "replicate.Client", "stream"),
    (
        "huggingface_hub.HfApi",
        "huggingface_hub.hf_hub_download",
        (
            "fetch_job_logs fetch_job_metrics fetch_space_logs get_bucket_paths_info get_repo_discussions "
            "list_accepted_access_requests list_bucket_tree list_buckets list_collections list_daily_papers list_datasets "
            "list_jobs list_lfs_files list_models list_organization_followers list_organization_members list_papers "
            "list_pending_access_requests list_rejected_access_requests list_repo_likers list_repo_tree list_spaces "
            "list_user_followers list_user_following list_user_repos search_spaces"
        ),
    ),
    (
        "github.Github",
        "github.Github",
        (
            "get_events get_gists get_global_advisories get_licenses get_organizations get_repos get_users search_code "
            "search_commits search_issues search_repositories search_topics search_users"
        ),
    ),
    ("google.cloud.storage.Client", "google.cloud.storage.Client", "list_blobs list_buckets list_hmac_keys"),
    ("google.cloud.storage.Bucket", "google.cloud.storage.Bucket", "list_blobs list_notifications"),
    (
        "google.cloud.bigquery.Client",
        "google.cloud.bigquery.Client",
        "list_datasets list_jobs list_models list_projects list_routines list_tables",
    ),
    ("google.cloud.firestore.Client", "google.cloud.firestore.Client", "collections get_all"),
    ("google.cloud.firestore.CollectionReference", "google.cloud.firestore.Client", "list_documents stream"),
    ("google.cloud.firestore.Query", "google.cloud.firestore.Client", "stream"),
    (
        "azure.storage.blob.BlobServiceClient",
        "azure.storage.blob.BlobServiceClient",
        "list_containers find_blobs_by_tags",
    ),
    (
        "azure.storage.blob.ContainerClient",
        "azure.storage.blob.ContainerClient",
        "list_blobs list_blob_names walk_blobs find_blobs_by_tags",
    ),
    ("azure.storage.blob.BlobClient", "azure.storage.blob.BlobClient", "list_page_ranges"),
    ("kubernetes.watch.Watch", "kubernetes.watch.Watch", "stream"),
    ("minio.Minio", "minio.Minio", "list_objects remove_objects"),
    ("pika.adapters.blocking_connection.BlockingChannel", "pika.BlockingChannel", "consume"),
    ("peewee.ModelSelect", "peewee.Model", "iterator"),
    ("pinecone.Index", "pinecone.Index", "list list_imports list_namespaces"),
    ("weaviate.collections.Collection", "weaviate.WeaviateClient", "iterator"),
)

LAZY_IN_SDKS: dict[str, str] = {name: rule for owner, rule, names in _LAZY for name in _of(owner, names)}
"""Calls whose result blocks when it is iterated, with the id of the rule."""

FREE_IN_SDKS: frozenset[str] = frozenset(
    {
        *(name for client in _OF_GENERATED for name in _of(client, _STAINLESS)),
        *_of("openai.OpenAI", "organization project webhook_secret webhooks websocket_base_url"),
        *_of("anthropic.Anthropic", "auth_token middleware organization webhook_key with_middleware"),
        *_STREAMS,
        "mistralai.client.Mistral.**.*_async",
        *_of("mistralai.client.Mistral", "dynamic_import parent_ref sdk_configuration"),
        *_of("google.genai.Client", "aio chats.create close vertexai"),
        *_of("replicate.Client", "async_run async_stream **.async_*"),
        *_of("replicate", "predictions.async_* models.async_*"),
        *_of("huggingface_hub.InferenceClient", "close cookies headers model timeout token"),
        *_of("huggingface_hub.HfApi", "endpoint headers library_name library_version run_as_future token user_agent"),
        *_of("kubernetes.client.*Api", "api_client.** close"),
        *_of("kubernetes.client.api.*.*Api", "api_client.** close"),
        *_of("kubernetes.watch.Watch", "get_return_type get_watch_argument_name stop unmarshal_event"),
        *_of("docker.DockerClient", "close from_env"),
        *_of("docker.models.*.*", "attrs client collection health id labels name ports short_id status tags"),
        *_of("docker.APIClient", "close create_container_config create_container_from_config create_endpoint_config"),
        *_of("docker.APIClient", "api_version base_url create_host_config create_networking_config create_swarm_spec"),
        *_of("docker.APIClient", "get_adapter headers mount prepare_request timeout"),
        *_of(
            "stripe.StripeClient",
            "**.*_async *_async construct_event deserialize parse_event_notification with_stripe_context",
        ),
        *_of(
            "stripe.StripeClient", "construct_event_without_verification parse_event_notification_without_verification"
        ),
        *_of("stripe.StripeClient", "async_notification_handler notification_handler"),
        *_of("slack_sdk.WebClient", "base_url headers logger proxy retry_handlers ssl timeout token"),
        *_of(
            "github.Github",
            "close create_from_raw_data dump load oauth_scopes per_page rate_limiting requester withLazy",
        ),
        *_of("google.cloud.storage.Client", "api_endpoint batch bucket close create_anonymous_client current_batch"),
        *_of("google.cloud.storage.Client", "from_service_account_info from_service_account_json universe_domain"),
        *_of("google.cloud.storage.Client", "generate_signed_post_policy_v4 project update_user_agent"),
        *_of(
            "google.cloud.storage.Bucket",
            "blob client configure_website disable_logging disable_website enable_logging",
        ),
        *_of("google.cloud.storage.Bucket", "acl add_lifecycle_* clear_* cors default_object_acl from_string from_uri"),
        *_of("google.cloud.storage.Bucket", "generate_signed_url generate_upload_policy iam_configuration labels name"),
        *_of("google.cloud.storage.Bucket", "get_logging notification path_helper"),
        *_of(
            "google.cloud.storage.Blob", "acl bucket client from_string from_uri generate_signed_url metadata name open"
        ),
        *_of("google.cloud.storage.Blob", "path_helper"),
        *_of("google.cloud.bigquery.Client", "close dataset from_service_account_info from_service_account_json"),
        *_of("google.cloud.bigquery.Client", "job_from_resource location project schema_from_json schema_to_json"),
        *_of("google.cloud.pubsub_v1.PublisherClient", "*_path api from_* parse_* publish resume_publish stop target"),
        *_of("google.cloud.pubsub_v1.SubscriberClient", "*_path api from_* parse_* subscribe target"),
        *_of("google.cloud.*.*ServiceClient", "*_path api_endpoint from_* get_transport_class parse_* transport"),
        *_of(
            "azure.storage.blob.BlobServiceClient",
            "close from_connection_string get_blob_client get_container_client url",
        ),
        *_of("azure.storage.blob.ContainerClient", "close from_* get_blob_client url"),
        *_of("azure.storage.blob.BlobClient", "close from_* url"),
        *_of("minio.Minio", "disable_* enable_* get_presigned_url presigned_* set_app_info trace_off trace_on"),
        *_of("pika.BlockingConnection", "add_callback_threadsafe add_on_* basic_* call_later consumer_cancel_notify"),
        *_of(
            "pika.BlockingConnection", "exchange_exchange_bindings is_closed is_open publisher_confirms remove_timeout"
        ),
        *_of("pika.adapters.blocking_connection.BlockingChannel", "add_on_* channel_number connection consumer_tags"),
        *_of("pika.adapters.blocking_connection.BlockingChannel", "get_waiting_message_count is_closed is_open"),
        "supabase.Client.storage.from_",
        *_of("supabase.Client.auth", "get_session on_auth_state_change"),
        *_of("storage3._sync.file_api.SyncBucketProxy", "get_public_url"),
        *_of("qdrant_client.QdrantClient", "close get_embedding_size grpc_* http init_options list_*_models"),
        *_of("chromadb.ClientAPI", "clear_system_cache database get_settings tenant"),
        *_of("chromadb.Collection", "configuration database id metadata name schema tenant"),
        *_of("pymilvus.MilvusClient", "close create_field_schema create_schema create_struct_field_schema"),
        *_of("pymilvus.MilvusClient", "prepare_index_params"),
        *_of("weaviate.WeaviateClient", "close collections.get collections.use is_connected"),
        *_of("pinecone.Pinecone", "Index IndexAsyncio close config index"),
        *_of("pinecone.Index", "close host"),
        *_of("opensearchpy.OpenSearch", "close transport"),
        *_of("elasticsearch.Elasticsearch", "close options transport"),
    }
)
"""Methods and attributes that do not block, of clients whose other methods do; ``*`` and ``**`` as in targets of rules."""

BASES_OF_SDKS: dict[str, tuple[str, ...]] = {
    "openai.AzureOpenAI": ("openai.OpenAI",),
    **{f"anthropic.Anthropic{name}": ("anthropic.Anthropic",) for name in ("Bedrock", "Foundry", "Vertex")},
    "cohere.ClientV2": ("cohere.Client",),
    "sqlmodel.Session": ("sqlalchemy.orm.Session",),
    **{f"peewee.{name}": ("peewee.Database",) for name in ("MySQLDatabase", "PostgresqlDatabase", "SqliteDatabase")},
    **{
        f"playhouse.{name}": ("peewee.Database",)
        for name in (
            "pool.PooledMySQLDatabase",
            "pool.PooledPostgresqlDatabase",
            "pool.PooledSqliteDatabase",
            "postgres_ext.PostgresqlExtDatabase",
        )
    },
}
"""The classes that a class has its methods from."""

FORMER_NAMES_IN_SDKS: dict[str, str] = {
    "docker.Client": "docker.DockerClient",
    "mistralai.Mistral": "mistralai.client.Mistral",
    "playhouse.sqlite_ext.SqliteExtDatabase": "peewee.SqliteDatabase",
}
"""Names that the newest versions do not have, and what they are called now."""

ALIASES_OF_SDKS: dict[str, str] = {
    "openai.Client": "openai.OpenAI",
    "openai._client": "openai",
    "openai.lib.azure": "openai",
    "openai._streaming": "openai",
    "anthropic.Client": "anthropic.Anthropic",
    "anthropic._client": "anthropic",
    "anthropic._streaming": "anthropic",
    "anthropic.lib.bedrock": "anthropic",
    "anthropic.lib.vertex": "anthropic",
    "groq.Client": "groq.Groq",
    "together.Client": "together.Together",
    "google.genai.client": "google.genai",
    "ollama._client": "ollama",
    "litellm.main": "litellm",
    "litellm.router.Router": "litellm.Router",
    "docker.client": "docker",
    "docker.api.client": "docker",
    "slack_sdk.web.client.WebClient": "slack_sdk.WebClient",
    "slack_sdk.web.WebClient": "slack_sdk.WebClient",
    "slack_sdk.webhook.client": "slack_sdk.webhook",
    "slack_sdk.WebhookClient": "slack_sdk.webhook.WebhookClient",
    "github.MainClass": "github",
    "google.cloud.storage.client": "google.cloud.storage",
    "google.cloud.storage.bucket.Bucket": "google.cloud.storage.Bucket",
    "google.cloud.storage.blob": "google.cloud.storage",
    "google.cloud.bigquery.client": "google.cloud.bigquery",
    "google.cloud.bigquery.job.QueryJob": "google.cloud.bigquery.QueryJob",
    "google.cloud.firestore_v1": "google.cloud.firestore",
    "firebase_admin.firestore.client": "google.cloud.firestore.Client",
    "pika.adapters.blocking_connection.BlockingConnection": "pika.BlockingConnection",
    "pika.adapters.BlockingConnection": "pika.BlockingConnection",
    "sqlmodel.create_engine": "sqlalchemy.create_engine",
    "sqlmodel.orm.session": "sqlmodel",
    "supabase.client": "supabase",
    "supabase._sync.client": "supabase",
    "qdrant_client.qdrant_client": "qdrant_client",
    "chromadb.api.ClientAPI": "chromadb.ClientAPI",
    "chromadb.api.models.Collection": "chromadb",
    "langchain_core.language_models.chat_models": "langchain_core.language_models",
    "neo4j._sync.driver": "neo4j",
    "neo4j._sync.work": "neo4j",
    "pinecone.index.Index": "pinecone.Index",
    "serial.serialposix": "serial",
    **FORMER_NAMES_IN_SDKS,
}
"""Other names of the same: what begins with one begins with the other."""
