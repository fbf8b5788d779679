-- Room for one large join in memory: the best that the server can do.
SET work_mem TO '256MB';
