"""Files in memory, which have the methods of files on disk."""

import io
import tempfile
import zipfile


def count(file):
    return len(file.read())


async def main():
    text = io.StringIO("a b")
    count(text)
    text.seek(0)
    text.readline()
    binary = io.BytesIO()
    binary.write(b"abc")
    with zipfile.ZipFile(io.BytesIO(), "w") as archive:
        archive.writestr("a", "b")
    spooled = tempfile.SpooledTemporaryFile(max_size=100)
    spooled.write(b"a")
    with io.BytesIO(b"a\nb") as lines:
        return [line for line in lines], binary.getvalue()
