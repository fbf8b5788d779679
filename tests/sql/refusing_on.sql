-- Nobody gets a new session with the database, not even a superuser; sessions that are there stay.
ALTER DATABASE refusing ALLOW_CONNECTIONS false;
