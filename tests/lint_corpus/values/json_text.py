"""JSON text that is loaded and dumped without a file."""

import base64
import configparser
import hashlib
import json
import pickle
import xml.etree.ElementTree as tree


async def main():
    json.loads(json.dumps({"a": 1}))
    pickle.loads(pickle.dumps([1]))
    base64.b64encode(b"a")
    hashlib.sha256(b"a").hexdigest()
    parser = configparser.ConfigParser()
    parser.read_string("[a]\nb = 1\n")
    parser.get("a", "b")
    tree.fromstring("<a><b/></a>").find("b").get("c")
