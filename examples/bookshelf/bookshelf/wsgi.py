"""The WSGI application of bookshelf."""

import os

from gingerdj.core.wsgi import get_wsgi_application

os.environ.setdefault("GINGER_SETTINGS_MODULE", "bookshelf.settings")

application = get_wsgi_application()
