-- What kind of server a session reached, for target_session_attrs. A standby is read-only, too.
SELECT pg_is_in_recovery() AS is_standby,
       current_setting('transaction_read_only')::boolean AS is_read_only
