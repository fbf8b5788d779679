# The two that matter: make demo, make test.

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' Makefile

demo: setup ## a private PostgreSQL, a made-up season, several hourly runs; leaves nothing running
	cargo run --release --locked -- demo

test: ## every test, on a private PostgreSQL; installs PgBouncer and systemd-analyze, too
	@sh scripts/setup.sh tests
	cargo test --locked

matrix: ## every test on PostgreSQL 14 to 18, as root and as an ordinary user; SERVERS='14 18' USERS=nobody chooses
	@sh scripts/setup.sh tests
	@sh scripts/matrix.sh '$(SERVERS)' '$(USERS)'

build: setup ## the program, optimised: target/release/teelo
	cargo build --release --locked

bench: setup ## what the promises cost, on a private PostgreSQL, beside the least they could cost
	cargo bench --locked --bench bench

lint: setup ## formatting, clippy, documentation: warnings are errors
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' cargo doc --locked --no-deps --document-private-items

setup: ## install what is missing (C linker, PostgreSQL server), and say so
	@sh scripts/setup.sh

clean: ## remove what was built, the demonstration and the development database
	@! test -x target/release/teelo || target/release/teelo devdb stop
	@! test -x target/release/teelo || target/release/teelo devdb stop --dir .teelo/demo
	cargo clean
	rm -rf .teelo

.PHONY: help demo test matrix build bench lint setup clean
