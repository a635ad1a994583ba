//! The messages for typical mistakes in the web shop, as people see them.

use crate::shop::problems_of_shop;

fn check(change: &[(&str, &str)], expected: &str) {
    assert_eq!(problems_of_shop(change), expected.trim_start_matches('\n'));
}

#[test]
fn the_shop_itself_is_fine() {
    check(&[], "");
}

#[test]
fn an_unknown_field() {
    check(
        &[("replicas: 6", "replica: 6")],
        r#"
error[parse]: unknown field `replica` in `Service`
  --> web-shop.ron:42:13
   |
42 |             replica: 6, cpu: 2, concurrency: 64, cost: 0.08,
   |             ^^^^^^^
   |
   = help: did you mean `replicas`? (fields: `preset`, `replicas`, `cpu`, `concurrency`, `cost`, `on`)
"#,
    );
}

#[test]
fn a_quantity_that_cannot_be_read() {
    check(
        &[(r#"ttl: "1h""#, r#"ttl: "1 hour""#)],
        r#"
error[parse]: `1 hour` is not a duration (write "5ms", "1.5s", "10m")
  --> web-shop.ron:69:86
   |
69 |         "redis": Cache(preset: "redis", shards: 3, entries: 20_000, cost: 0.12, ttl: "1 hour", eviction: Lru),
   |                                                                                      ^^^^^^^^
"#,
    );
}

#[test]
fn a_name_given_twice() {
    check(
        &[(r#""db": Database("#, r#""redis": Database("#)],
        r#"
error[parse]: `redis` is defined twice
  --> web-shop.ron:70:9
   |
69 |         "redis": Cache(preset: "redis", shards: 3, entries: 20_000, cost: 0.12, ttl: "1h", eviction: Lru),
   |         ------- first defined here
70 |         "redis": Database(
   |         ^^^^^^^
"#,
    );
}

#[test]
fn an_unknown_word() {
    check(
        &[("policy: LeastOutstanding", "policy: LeastOutstandin")],
        r#"
error[parse]: unknown `LeastOutstandin`
  --> web-shop.ron:38:21
   |
38 |             policy: LeastOutstandin,
   |                     ^^^^^^^^^^^^^^^
   |
   = help: did you mean `LeastOutstanding`? (one of: `RoundRobin`, `LeastOutstanding`, `PowerOfTwo`)
"#,
    );
}

#[test]
fn an_unknown_step() {
    check(
        &[(r#"[Compute("2ms"), Call("alb.product")]"#, r#"[Computee("2ms"), Call("alb.product")]"#)],
        r#"
error[parse]: unknown step `Computee`
  --> web-shop.ron:29:30
   |
29 |                 "browse":   [Computee("2ms"), Call("alb.product")],
   |                              ^^^^^^^^
   |
   = help: did you mean `Compute`? (one of: `Compute`, `Call`, `Parallel`, `Choose`, `Repeat`, `Cached`, `After`, `Invalidate`)
"#,
    );
}

#[test]
fn a_word_in_quotes() {
    check(
        &[("eviction: Lru", r#"eviction: "Lru""#)],
        r#"
error[parse]: expected one of `Lru`, `Fifo`, found text
  --> web-shop.ron:69:102
   |
69 |         "redis": Cache(preset: "redis", shards: 3, entries: 20_000, cost: 0.12, ttl: "1h", eviction: "Lru"),
   |                                                                                                      ^^^^^
   |
   = help: write it without quotes: Lru
"#,
    );
}

#[test]
fn text_without_quotes() {
    check(
        &[(r#"preset: "redis""#, "preset: redis")],
        r#"
error[parse]: expected text, found the word `redis`
  --> web-shop.ron:69:32
   |
69 |         "redis": Cache(preset: redis, shards: 3, entries: 20_000, cost: 0.12, ttl: "1h", eviction: Lru),
   |                                ^^^^^
   |
   = help: if text is meant, put it in quotes: "redis"
"#,
    );
}

#[test]
fn a_unit_without_quotes() {
    check(
        &[(r#"timeout: "20ms""#, "timeout: 20ms")],
        r#"
error[parse]: `20ms` is not a number
  --> web-shop.ron:87:41
   |
87 |         "catalog -> redis":   (timeout: 20ms, pool: 64),
   |                                         ^^^^
   |
   = help: a quantity with a unit stands in quotes: "20ms"
"#,
    );
}

#[test]
fn a_number_without_unit() {
    check(
        &[(r#"timeout: "20ms""#, "timeout: 20")],
        r#"
error[parse]: expected a duration (write "5ms", "1.5s", "10m"), found 20
  --> web-shop.ron:87:41
   |
87 |         "catalog -> redis":   (timeout: 20, pool: 64),
   |                                         ^^
"#,
    );
}

#[test]
fn a_missing_field() {
    check(
        &[("(max: 1, ", "(")],
        r#"
error[parse]: `retry` needs `max`
  --> web-shop.ron:89:54
   |
89 |         "orders -> payments": (timeout: "2s", retry: (backoff: Fixed("200ms"))),
   |                                                      ^
"#,
    );
}

#[test]
fn a_missing_argument() {
    check(
        &[(r#"LogNormal(p50: "12ms", p99: "80ms")"#, r#"LogNormal("12ms")"#)],
        r#"
error[parse]: `LogNormal` needs `p99`
  --> web-shop.ron:50:29
   |
50 |                     Compute(LogNormal("12ms")),
   |                             ^^^^^^^^^
"#,
    );
}

#[test]
fn too_many_arguments() {
    check(
        &[(r#"LogNormal(p50: "12ms", p99: "80ms")"#, r#"LogNormal("1ms", "2ms", "3ms")"#)],
        r#"
error[parse]: `LogNormal` takes 2 values (`p50`, `p99`), found 3
  --> web-shop.ron:50:53
   |
50 |                     Compute(LogNormal("1ms", "2ms", "3ms")),
   |                                                     ^^^^^
"#,
    );
}

#[test]
fn a_text_for_a_list() {
    check(
        &[(r#"targets: ["web"]"#, r#"targets: "web""#)],
        r#"
error[parse]: expected a list, found text
  --> web-shop.ron:25:57
   |
25 |         "clb": LoadBalancer(preset: "aws-clb", targets: "web"),
   |                                                         ^^^^^
"#,
    );
}

#[test]
fn a_fraction_for_a_whole_number() {
    check(
        &[("shards: 3", "shards: 3.0")],
        r#"
error[parse]: expected a whole number, found 3.0
  --> web-shop.ron:69:49
   |
69 |         "redis": Cache(preset: "redis", shards: 3.0, entries: 20_000, cost: 0.12, ttl: "1h", eviction: Lru),
   |                                                 ^^^
"#,
    );
}

#[test]
fn a_negative_number() {
    check(
        &[("pool: 64", "pool: -64")],
        r#"
error[parse]: expected a whole number of at least 0, found -64
  --> web-shop.ron:87:55
   |
87 |         "catalog -> redis":   (timeout: "20ms", pool: -64),
   |                                                       ^^^
"#,
    );
}

#[test]
fn a_missing_comma() {
    check(
        &[(r#"targets: ["web"]),"#, r#"targets: ["web"])"#)],
        r#"
error[parse]: expected `,` or `}`, found text
  --> web-shop.ron:26:9
   |
26 |         "web": Service(
   |         ^^^^^
   |
   = help: is the comma in front of it missing?
"#,
    );
}

#[test]
fn a_missing_quote() {
    check(
        &[(r#"name: "Three-tier web shop","#, r#"name: "Three-tier web shop,"#)],
        r#"
error[parse]: expected `,` or `)`, found `1`
 --> web-shop.ron:9:22
  |
8 |     name: "Three-tier web shop,
  |           - this text goes over several lines: is its closing quote missing?
9 |     run: (duration: "10m", warmup: "2m", seed: 7, replications: 5),
  |                      ^
"#,
    );
}

#[test]
fn an_equals_sign() {
    check(
        &[("cpu: 2, concurrency: 256", "cpu = 2, concurrency: 256")],
        r#"
error[parse]: expected `:`, found `=`
  --> web-shop.ron:27:30
   |
27 |             replicas: 4, cpu = 2, concurrency: 256, cost: 0.08,    // dollars an hour, each
   |                              ^
"#,
    );
}

#[test]
fn curly_brackets_for_fields() {
    check(
        &[("Service(\n            replicas: 4", "Service {\n            replicas: 4")],
        r#"
error[parse]: expected `,` or `}`, found `{`
  --> web-shop.ron:26:24
   |
26 |         "web": Service {
   |                        ^
   |
   = help: fields stand in round brackets: Name(field: value)
"#,
    );
}

#[test]
fn the_wrong_bracket() {
    check(
        &[(r#"["web"]"#, r#"["web")"#)],
        r#"
error[parse]: expected `]`, found `)`
  --> web-shop.ron:25:63
   |
25 |         "clb": LoadBalancer(preset: "aws-clb", targets: ["web")),
   |                                                         -     ^
   |                                                         |
   |                                                         to close this `[`
"#,
    );
}

#[test]
fn a_bracket_never_closed() {
    check(
        &[("\n)\n", "\n")],
        r#"
error[parse]: this `(` is never closed
 --> web-shop.ron:7:9
  |
7 | Scenario(
  |         ^
"#,
    );
}

#[test]
fn a_bracket_too_many() {
    check(
        &[("\n)\n", "\n))\n")],
        r#"
error[parse]: expected the end of the file, found `)`
   --> web-shop.ron:124:2
    |
124 | ))
    |  ^
    |
    = help: this bracket has no partner
"#,
    );
}

#[test]
fn single_quotes() {
    check(
        &[(r#"["web"]"#, "['web']")],
        r#"
error[parse]: single quotes hold one character
  --> web-shop.ron:25:58
   |
25 |         "clb": LoadBalancer(preset: "aws-clb", targets: ['web']),
   |                                                          ^^^^^
   |
   = help: text stands in double quotes
"#,
    );
}

#[test]
fn a_comment_with_a_hash() {
    check(
        &[("// ---- data tier", "# ---- data tier")],
        r#"
error[parse]: expected a value, found `#`
  --> web-shop.ron:68:9
   |
68 |         # ---- data tier
   |         ^
   |
   = help: a comment begins with //
"#,
    );
}

#[test]
fn infinity() {
    check(
        &[(r#"rate: "1200/s""#, "rate: inf")],
        r#"
error[parse]: `inf` is not a number that can be used here
  --> web-shop.ron:18:19
   |
18 |             rate: inf,
   |                   ^^^
   |
   = help: give a finite number
"#,
    );
}

#[test]
fn values_with_and_without_a_name() {
    check(
        &[(r#"Call("db.read")"#, r#"Call("db.read", key: "a")"#)],
        r#"
error[parse]: values with and without a name are mixed
  --> web-shop.ron:47:83
   |
47 |                     Cached(cache: "redis", key: "product", miss: [Call("db.read", key: "a")]),
   |                                                                                   ^^^
   |
   = help: give all values a name, or none
"#,
    );
}

#[test]
fn several_at_once() {
    check(
        &[("replicas: 6", "replica: 6"), (r#"ttl: "1h""#, r#"ttl: "1 hour""#), ("pool: 64", r#"pool: "64""#)],
        r#"
error[parse]: unknown field `replica` in `Service`
  --> web-shop.ron:42:13
   |
42 |             replica: 6, cpu: 2, concurrency: 64, cost: 0.08,
   |             ^^^^^^^
   |
   = help: did you mean `replicas`? (fields: `preset`, `replicas`, `cpu`, `concurrency`, `cost`, `on`)

error[parse]: `1 hour` is not a duration (write "5ms", "1.5s", "10m")
  --> web-shop.ron:69:86
   |
69 |         "redis": Cache(preset: "redis", shards: 3, entries: 20_000, cost: 0.12, ttl: "1 hour", eviction: Lru),
   |                                                                                      ^^^^^^^^

error[parse]: expected a whole number, found text
  --> web-shop.ron:87:55
   |
87 |         "catalog -> redis":   (timeout: "20ms", pool: "64"),
   |                                                       ^^^^
"#,
    );
}

#[test]
fn several_that_cannot_be_parsed() {
    check(
        &[
            (r#"duration: "10m""#, "duration: 10m"),
            ("cpu: 2, concurrency: 256", "cpu = 2, concurrency: 256"),
            (r#""db": Database("#, r#""redis": Database("#),
        ],
        r#"
error[parse]: `10m` is not a number
 --> web-shop.ron:9:21
  |
9 |     run: (duration: 10m, warmup: "2m", seed: 7, replications: 5),
  |                     ^^^
  |
  = help: a quantity with a unit stands in quotes: "10m"

error[parse]: expected `:`, found `=`
  --> web-shop.ron:27:30
   |
27 |             replicas: 4, cpu = 2, concurrency: 256, cost: 0.08,    // dollars an hour, each
   |                              ^

error[parse]: `redis` is defined twice
  --> web-shop.ron:70:9
   |
69 |         "redis": Cache(preset: "redis", shards: 3, entries: 20_000, cost: 0.12, ttl: "1h", eviction: Lru),
   |         ------- first defined here
70 |         "redis": Database(
   |         ^^^^^^^
"#,
    );
}
