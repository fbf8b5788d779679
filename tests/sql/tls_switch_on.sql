ALTER SYSTEM SET ssl TO on;
ALTER SYSTEM SET ssl_ca_file TO 'root.crt';
