"""The ASGI application of bookshelf, for Uvicorn, Hypercorn, Daphne or Granian."""

import os

from ginger_async_safe.contrib.gingerdj import get_asgi_application

os.environ.setdefault("GINGER_SETTINGS_MODULE", "bookshelf.settings")

# Sync views run in dedicated threads, together with their middleware; async views run on the event loop. The threads are
# long-lived, and so are their database connections.
application = get_asgi_application()
