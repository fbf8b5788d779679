-- Everybody gets sessions with the database again.
ALTER DATABASE refusing ALLOW_CONNECTIONS true;
