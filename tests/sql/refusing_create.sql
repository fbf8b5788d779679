-- A database beside the first one.
CREATE DATABASE refusing;
