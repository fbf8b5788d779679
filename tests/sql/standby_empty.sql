-- A database without tables, beside the one that has them.
CREATE DATABASE standby_empty;
