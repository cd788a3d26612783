"""Names of blocking functions in strings and comments."""

TEXT = "time.sleep(1)"

CALLS = {"time.sleep": 1, "open": 2}


async def main():
    """Do not call time.sleep() here."""
    # time.sleep(1)
    "requests.get('http://127.0.0.1')".upper()
    CALLS["open"]
    f"{TEXT} and input()"
    return "sqlite3.connect"
