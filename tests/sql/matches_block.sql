-- Makes everybody wait who reads or writes matches, until the transaction ends.
LOCK TABLE matches IN ACCESS EXCLUSIVE MODE;
