-- For one transaction: the list of a past day joins a row of every player with players and tournaments. The server cannot tell how
-- many there will be, expects one, and would look each of them up by reading a whole table.
SET LOCAL enable_nestloop TO off;
