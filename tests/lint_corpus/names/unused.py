"""Imports that async code never calls."""

import time
from time import sleep


def report():
    time.sleep(3)
    sleep(3)


async def main():
    return report
