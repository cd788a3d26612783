"""The third."""

import subprocess


def third():
    return subprocess.getoutput("true")
