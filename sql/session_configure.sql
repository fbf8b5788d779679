-- Every session of ours: UTC, because the tables hold UTC without a time zone; ISO dates; and no JIT, which
-- costs more than it brings on our short statements.
SET TIME ZONE 'UTC';
SET datestyle TO 'ISO, YMD';
SET jit TO off;
-- The server notices within a minute when the machine at the other end is gone (our end does the same). Sockets have no such thing and
-- take no notice.
SET tcp_keepalives_idle TO 30;
SET tcp_keepalives_interval TO 10;
SET tcp_keepalives_count TO 3;
-- A session whose program was killed ends within two seconds, in the middle of a statement too, and lets its locks go. Servers
-- on some systems cannot look whether the other side is still there; they refuse the setting.
DO $check$
BEGIN
    SET client_connection_check_interval TO '2s';
EXCEPTION WHEN invalid_parameter_value THEN
    NULL;
END
$check$;
