"""A variable that is first bound to a blocking object, and to another one where it is used."""

import io
import sqlite3


class Rows:
    def execute(self, statement):
        return [statement]

    def commit(self):
        return None


async def main():
    target = sqlite3.connect
    target = Rows()
    target.execute("select 1")
    target.commit()
    file = open
    file = io.BytesIO(b"text")
    file.read()
