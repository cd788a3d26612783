"""The framework's own handler, bare and in leased threads."""

import os
from importlib import import_module
from typing import Any

from ginger_async_safe.asgi import LeasedThreads

bare: Any = import_module(f"{os.environ['FRAMEWORK']}.core.asgi").get_asgi_application()
leased = LeasedThreads(bare)
