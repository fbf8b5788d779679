-- It may have as many sessions as it likes.
ALTER ROLE doctor_single CONNECTION LIMIT -1;
