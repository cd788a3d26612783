"""Methods of paths that access the disk, and methods that only compute with the name."""

from pathlib import Path


async def main():
    here = Path(__file__)
    here.read_text()  # BLOCKS: file.open
    (here.parent / "nothing").exists()  # BLOCKS: os.stat
    here.with_suffix(".txt").name.upper()
    here.parent.joinpath("a") / "b"
    here.is_file()  # BLOCKS: os.stat
    list(here.parent.glob("*.none"))  # BLOCKS: os.scandir
