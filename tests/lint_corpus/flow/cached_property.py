"""Attributes that are computed at their first use."""

import time
from functools import cached_property


class Report:
    def __init__(self, rows):
        self.rows = rows

    @cached_property
    def total(self):
        return sum(self.rows)

    @cached_property
    def remote(self):
        time.sleep(0.001)
        return len(self.rows)

    @property
    def first(self):
        return self.rows[0]


async def main():
    report = Report([1, 2])
    print(report.first, report.total)
    return report.remote  # BLOCKS: time.sleep
