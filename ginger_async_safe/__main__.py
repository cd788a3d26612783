"""``python -m ginger_async_safe``."""

import sys

from ginger_async_safe.cli import main

if __name__ == "__main__":
    sys.exit(main())
