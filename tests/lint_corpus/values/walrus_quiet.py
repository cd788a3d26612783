"""A walrus operator that binds a non-blocking function to the name of a blocking one."""

from time import sleep as wait


class Rows:
    def execute(self, statement):
        return [statement]

    def get(self):
        return None


async def main():
    if (target := Rows()) is not None:
        target.execute("select 1")
    while (row := target.get()) is not None:
        row.execute("select 1")
    if (wait := len) is len:
        wait("a")
