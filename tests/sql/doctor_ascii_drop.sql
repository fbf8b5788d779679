-- Takes doctor_ascii.sql back.
DROP DATABASE doctor_ascii WITH (FORCE);
