# The commands of this project. Each says what it is doing, and does the set-up that it needs by itself.
.DEFAULT_GOAL := help
.PHONY: help run build test lint bench doctor

help: ## what can be done here
	@sed -n 's/^\([a-z]*\): ## /  make \1|/p' Makefile | column -t -s '|'

run: ## build, make the sample city of 2018 and serve it (LISTEN=0.0.0.0:3000 for a phone on the same network)
	@LISTEN="$(LISTEN)" scripts/run.sh

build: ## only build: leaves target/release/hailong
	@scripts/build.sh

test: ## everything that is tested: Rust, then a real browser
	@scripts/test.sh

lint: ## format and clippy, for the server and for the browser
	@scripts/lint.sh

bench: ## the first figures: writes, pages, memory
	@scripts/bench.sh

doctor: ## what this machine has and lacks; changes nothing
	@scripts/doctor.sh
