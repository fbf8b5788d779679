COPY floor_ratings FROM STDIN
