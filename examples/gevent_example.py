from gevent import monkey

monkey.patch_all()

import asyncio

import gevent.event
import gingerdj
from asgiref.sync import sync_to_async
from gingerdj.conf import settings
from gingerdj.core.exceptions import SynchronousOnlyOperation
from gingerdj.db import connection

from ginger_async_safe import in_async_context

settings.configure(
    INSTALLED_APPS=["ginger_async_safe.contrib.gingerdj"],
    DATABASES={"default": {"ENGINE": "gingerdj.db.backends.sqlite3", "NAME": ":memory:"}},
)
gingerdj.setup()

ticked = gevent.event.Event()


def title():
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'Kindred'")
        (found,) = cursor.fetchone()
    connection.close()  # each greenlet has a connection of its own
    return found


async def dashboard():
    try:
        return title()
    except SynchronousOnlyOperation as error:
        print(error)
    return await sync_to_async(title)()


async def clock(viewing):
    while not viewing.ready():
        ticked.set()
        await asyncio.sleep(0.001)


async def main(viewing):
    print("a task, once it is fixed:", await dashboard())
    await asyncio.create_task(clock(viewing))


def view():
    for _ in range(3):
        ticked.clear()
        ticked.wait()  # until the clock ticks: the loop goes on in the other greenlet
        print("a view:", title())
    print("asyncio says that a loop runs here:", asyncio._get_running_loop() is not None)
    print("one waits for this code:", in_async_context())


viewing = gevent.spawn(view)
looping = gevent.spawn(asyncio.run, main(viewing))
gevent.joinall([viewing, looping], raise_error=True)
