-- The first database of a private server, owned by its superuser. Run once, when the cluster is made.
CREATE DATABASE teelo;
