"""A database backend that stores the tenant on the connection object, as several packages do."""
