-- It may see that the tables are there.
GRANT SELECT ON teelo_migrations TO doctor_single;
