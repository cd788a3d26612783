#!/usr/bin/env python
"""The commands of bookshelf: migrate, runserver, shell, check and the others of GingerDJ."""

import os
import sys

from gingerdj.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("GINGER_SETTINGS_MODULE", "bookshelf.settings")
    execute_from_command_line(sys.argv)
