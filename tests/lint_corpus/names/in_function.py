"""A name that is imported where it is used."""


async def main():
    import time

    time.sleep(0.001)  # BLOCKS: time.sleep
    from subprocess import check_output

    check_output(["true"])  # BLOCKS: subprocess.check_output
