"""The ASGI application of bookshelf: Uvicorn, Hypercorn, Daphne and Granian serve it."""

import os

from gingerdj.core.asgi import get_asgi_application

from ginger_async_safe.asgi import LeasedThreads

os.environ.setdefault("GINGER_SETTINGS_MODULE", "bookshelf.settings")

# Each request has a thread for its sync code. The threads live on, and so do their database connections.
# A project without async views is faster still as WSGI: ASGIHandler(get_wsgi_application()).
application = LeasedThreads(get_asgi_application())
