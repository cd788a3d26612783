"""The reverse side of a one-to-one relation, which may be missing."""

from django.core.exceptions import ObjectDoesNotExist
from django.db import models


class User(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Profile(models.Model):
    user = models.OneToOneField(User, models.CASCADE)

    class Meta:
        app_label = "shop"


async def prepare():
    await User.objects.acreate(name="a")


async def main():
    user = await User.objects.aget()
    try:
        user.profile  # BLOCKS: orm:relation
    except ObjectDoesNotExist:
        profile = Profile(user=user)
        await profile.asave()
    print(profile.user.name, user.profile.pk)
    loaded = await User.objects.select_related("profile").aget()
    return loaded.profile.user_id
