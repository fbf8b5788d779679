-- For one transaction: its commit waits for the disk, as the server is set up to do.
SET LOCAL synchronous_commit TO DEFAULT;
