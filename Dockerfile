# The program in an image of its own: `docker build -t teelo .`, then `docker run --rm -e DATABASE_URL teelo status`.
# docker-compose.yml runs it every hour beside a PostgreSQL for trying out.
ARG RUST_VERSION=1.89
ARG DEBIAN=bookworm

FROM rust:${RUST_VERSION}-slim-${DEBIAN} AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src/ src/
COPY sql/ sql/
# Dependencies and half-built files stay in the builder's cache, not in the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin teelo && cp target/release/teelo /usr/local/bin/teelo

FROM debian:${DEBIAN}-slim
# Certificate authorities, for sslmode=verify-full with sslrootcert=system.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --home-dir /var/lib/teelo --create-home teelo \
    && mkdir /var/lib/teelo/runs \
    && chown teelo:teelo /var/lib/teelo/runs
COPY --from=build /usr/local/bin/teelo /usr/local/bin/teelo
# A number, so that an orchestrator sees that it is not root.
USER 10001:10001
WORKDIR /var/lib/teelo
ENV TEELO_ARTIFACTS_DIR=/var/lib/teelo/runs
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/teelo"]
CMD ["run"]
