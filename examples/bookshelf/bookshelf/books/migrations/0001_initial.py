"""Create the tables, with three books in them."""

import gingerdj.db.models.deletion
from gingerdj.db import migrations, models

BOOKS = [
    ("The Left Hand of Darkness", "Ursula K. Le Guin"),
    ("Invisible Cities", "Italo Calvino"),
    ("Kindred", "Octavia E. Butler"),
]


def add_books(apps, schema_editor):
    """Add the first books."""
    database = schema_editor.connection.alias
    authors = apps.get_model("books", "Author").objects.using(database)
    for title, name in BOOKS:
        author, _ = authors.get_or_create(name=name)
        apps.get_model("books", "Book").objects.using(database).create(title=title, author=author)


class Migration(migrations.Migration):
    """The initial migration."""

    initial = True
    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Book",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=200)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=gingerdj.db.models.deletion.CASCADE, related_name="books", to="books.author"
                    ),
                ),
            ],
        ),
        migrations.RunPython(add_books, migrations.RunPython.noop),
    ]
