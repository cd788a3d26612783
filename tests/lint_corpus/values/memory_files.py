"""Files in memory: text, bytes, archives."""

import csv
import io
import zipfile


async def main():
    text = io.StringIO("a,b\n")
    text.read()
    text.write("c")
    text.truncate()
    list(csv.reader(text))
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a", "text")
    with io.TextIOWrapper(io.BytesIO(b"text")) as wrapped:
        wrapped.read()
    io.BufferedReader(io.BytesIO(b"text")).read()
