"""What is kept in memory."""

import io


def read():
    return io.StringIO("text").read()
