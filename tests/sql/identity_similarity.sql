-- How alike two names are to the server. $1, $2: the names.
SELECT similarity($1, $2);
