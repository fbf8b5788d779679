-- Where this session comes from, as the server sees it (null: a socket), and how it is encrypted.
SELECT host(inet_client_addr()) AS client,
       inet_client_addr() <<= '127.0.0.0/8'::inet OR inet_client_addr() = '::1'::inet AS is_loopback,
       ssl AS is_encrypted,
       version,
       cipher
FROM pg_stat_ssl
WHERE pid = pg_backend_pid();
