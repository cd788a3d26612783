"""A database backend that keeps what it knows of a tenant on the connection object, as several packages do."""
