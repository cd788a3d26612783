"""Values that ``as`` binds."""


async def main():
    with open(__file__) as file:  # BLOCKS: file.open
        file.read()  # BLOCKS: file.read
