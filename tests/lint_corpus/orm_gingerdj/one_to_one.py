"""One-to-one relations, in both directions."""

from gingerdj.db import models


class User(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        app_label = "shop"


class Profile(models.Model):
    user = models.OneToOneField(User, models.CASCADE, related_name="profile")

    class Meta:
        app_label = "shop"


async def prepare():
    await Profile.objects.acreate(user=await User.objects.acreate(name="a"))


async def main():
    profile = await Profile.objects.aget()
    print(profile.user.name)  # BLOCKS: orm:relation
    user = await User.objects.aget()
    print(user.profile.pk)  # BLOCKS: orm:relation
    print(profile.user.pk, user.profile.user_id)
    loaded = await User.objects.select_related("profile").aget()
    return loaded.profile
