COPY floor_states FROM STDIN
