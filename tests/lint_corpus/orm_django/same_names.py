"""Classes of the project that are not models."""


class Manager:
    def all(self):
        return [1, 2]

    def get(self, **_):
        return 1

    def filter(self, **_):
        return self

    def count(self):
        return 2


class Order:
    objects = Manager()

    def save(self):
        return None


async def main():
    for order in Order.objects.all():
        print(order)
    Order.objects.get(id=1)
    Order.objects.filter(id=1).count()
    Order().save()
