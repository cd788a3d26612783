"""Methods of builtin values with the names of blocking methods."""


async def main():
    "a".join(["b"])
    b"a".join([b"b"])
    {"a": 1}.get("a")
    {"a"}.copy()
    [1].copy()
    [1].remove(1)
    {}.update(a=1)
    "a".replace("a", "b")
    memoryview(b"a").release()
    bytearray(b"a").clear()
    {}.pop("a", None)
    (1).conjugate()
