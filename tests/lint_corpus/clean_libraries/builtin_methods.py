"""Methods of builtin types with the names of blocking methods."""

import copy
from collections import Counter, OrderedDict, deque


async def main():
    words = {"a": 1}
    words.copy().get("a")
    words.update(b=2)
    words.pop("b")
    ", ".join(words)
    [1, 2].copy().count(1)
    {1}.copy().remove(1)
    "a.b".replace(".", "/").split("/")
    b"abc".find(b"c")
    queue = deque([1])
    queue.append(2)
    queue.popleft()
    counts = Counter("abc")
    counts.total()
    ordered = OrderedDict(words)
    ordered.move_to_end("a")
    return copy.copy(words), copy.deepcopy(ordered), counts.most_common(1)
