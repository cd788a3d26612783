"""Tools, most of them slow."""

import subprocess
import time


def add(one, two):
    return one + two


def wait():
    time.sleep(0.001)


class Tool:
    kind = "tool"

    def name(self):
        return self.kind

    def run(self):
        return subprocess.run(["true"], check=True)
