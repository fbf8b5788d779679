-- Keeps everybody from writing places of draws until the transaction ends.
LOCK TABLE draw_places IN EXCLUSIVE MODE;
