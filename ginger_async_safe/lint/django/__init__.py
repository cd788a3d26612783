"""The ORM of GingerDJ and Django: models, managers and querysets."""
