-- A database in an encoding of no language.
CREATE DATABASE doctor_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
