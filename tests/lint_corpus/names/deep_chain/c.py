"""The third module of the chain."""

import subprocess


def third():
    return subprocess.getoutput("true")
