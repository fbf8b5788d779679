-- Notes one applied migration. $1: version, $2: name, $3: checksum, $4: now, UTC.
INSERT INTO teelo_migrations (version, name, checksum, applied_at)
VALUES ($1, $2, $3, $4::text::timestamp);
