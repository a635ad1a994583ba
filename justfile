# Short names for the usual commands; each also works without just.

# What can be done.
default:
    @just --list

# Builds the program: target/release/archsim.
build:
    cargo build --release

# All tests.
test:
    cargo test --workspace

# Format and lints, as .ci/run checks them.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Everything that has to pass before a change lands.
ci:
    bash .ci/run

# What a request and an event cost, beside hand-written loops; ten minutes or more (--rounds 1: two or three).
bench:
    python3 scripts/bench.py

# A million random cases for each property of the language reader, and as many changed scenarios for all checks; half an hour or more.
fuzz thousands="1000":
    PROPTEST_CASES={{thousands}}000 cargo test --release -p archsim-language --test language
    ARCHSIM_FUZZ={{thousands}} cargo test --release -p archsim-experiment robustness

# How often intervals hold the exact value, and what they cost; a few minutes with 200 seeds for each model.
coverage seeds="200":
    cargo run --release -p archsim-experiment --example coverage -- {{seeds}}

# How often systems with and without a steady state are called unstable; a few minutes with 300 runs of each.
verdicts runs="300":
    cargo run --release -p archsim-experiment --example verdicts -- {{runs}}

# How often the interval of a search for the highest load holds the exact one, and what it costs; a few minutes with 100 seeds for each model.
saturation seeds="100":
    cargo run --release -p archsim-experiment --example saturation -- {{seeds}}

# Whether a plan finds what an exhaustive sweep finds, and with which part of its requests; some minutes with 20 seeds.
planning seeds="20":
    cargo run --release -p archsim-experiment --example planning -- {{seeds}}

# The reference of all crates.
docs:
    cargo doc --workspace --no-deps

# Draws the pictures of README.md and the guide anew.
pictures:
    bash scripts/pictures.sh

# The reference cases of queueing theory, run and judged: the whole table, or models and families whose name holds the word. With `seeds`: how often our 95 % intervals hold the value over so many seeds.
truth only="" seeds="1":
    ARCHSIM_TRUTH_ONLY="{{only}}" ARCHSIM_TRUTH_SEEDS="{{seeds}}" cargo test --release --test truth -- --ignored --nocapture
