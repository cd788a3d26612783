"""A method of another class has the name of a marked one."""

from ginger_async_safe import async_unsafe


class Order:
    @async_unsafe
    def save(self):
        return 1

    @async_unsafe
    def objects(self):
        return 2


class Draft:
    def save(self):
        return 3

    @property
    def objects(self):
        return self


async def main():
    Draft().save()
    Draft().objects.save()
    [each.save() for each in (Draft(), Draft())]
