-- The users of the connection tests; pg_hba.conf says how each logs in.
CREATE ROLE plain_only LOGIN;
CREATE ROLE tls_only LOGIN;
CREATE ROLE either_way LOGIN;
CREATE ROLE read_only LOGIN;
ALTER ROLE read_only SET default_transaction_read_only TO on;
CREATE ROLE secret LOGIN PASSWORD 'right:pass\word';
CREATE ROLE certified LOGIN;
