//! What every chart must hold to: well-formed, deterministic, inside its sheet, on any input.

use super::*;

/// Panics unless `svg` is well-formed: balanced tags, quoted attributes, no stray ampersands.
fn check_well_formed(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        check_escaped(&rest[..start]);
        let end = rest.find('>').expect("every tag ends");
        let tag = &rest[start + 1..end];
        assert!(!tag.contains('<') && tag.matches('"').count().is_multiple_of(2), "{tag}");
        check_escaped(tag);
        let name = tag.split([' ', '/']).find(|word| !word.is_empty()).expect("every tag has a name");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        rest = &rest[end + 1..];
    }
    assert_eq!(open, Vec::<&str>::new());
    assert!(svg.chars().all(|character| character == '\n' || !character.is_control()));
}

/// Panics at an ampersand that starts no entity.
fn check_escaped(text: &str) {
    for (at, _) in text.match_indices('&') {
        let known = ["&lt;", "&gt;", "&amp;", "&quot;", "&apos;"].iter().any(|entity| text[at..].starts_with(entity));
        assert!(known, "{text}");
    }
}

/// Checks that `draw` gives a well-formed drawing inside its sheet, twice the same.
fn check(draw: impl Fn() -> String) -> String {
    let svg = draw();
    check_well_formed(&svg);
    assert_eq!(svg, draw());
    for forbidden in ["NaN", "inf", "2147483647"] {
        assert!(!svg.contains(forbidden), "{forbidden} in {svg}");
    }
    assert!(svg.len() < 2_000_000, "{}", svg.len());
    for line in svg.lines().skip(1) {
        for number in coordinates(line) {
            assert!((-200.0..=9200.0).contains(&number), "{line}");
        }
    }
    svg
}

fn coordinates(line: &str) -> impl Iterator<Item = f64> {
    let attributes = ["points=\"", "x=\"", "y=\"", "cx=\"", "cy=\"", "x1=\"", "y1=\"", "x2=\"", "y2=\""];
    let values = attributes.into_iter().filter_map(|name| {
        let start = line.find(&format!(" {name}"))? + name.len() + 1;
        line[start..].split('"').next()
    });
    values.flat_map(|value| value.split([',', ' ']).filter_map(|number| number.parse().ok()))
}

fn labels() -> Labels {
    Labels {
        title: "p99 < 300 ms & \"fine\" up to 2,040/s".into(),
        look: "Where the line <bends>".into(),
        x: "offered load".into(),
        y: "latency".into(),
        alt: "alt <text>".into(),
    }
}

const NASTY: [f64; 12] = [
    0.0,
    -1.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    1e-300,
    5e-324,
    1e300,
    f64::MAX,
    f64::MIN,
    1.0,
    1.0 + f64::EPSILON,
];

/// Every list of one or all nasty values, an empty one and one of equal values.
fn nasty_lists() -> Vec<Vec<f64>> {
    let single = NASTY.iter().map(|value| vec![*value]);
    single.chain([Vec::new(), NASTY.to_vec(), vec![3.0; 5], vec![0.0; 5]]).collect()
}

fn long_name(index: usize) -> String {
    format!("<{index}> a name & a \u{0}half that goes on, and on, {}", "and on ".repeat(30))
}

fn load_points(values: &[f64]) -> Vec<LoadPoint> {
    let point = |(index, value): (usize, &f64)| LoadPoint {
        x: if index % 2 == 0 { index as f64 } else { *value },
        value: (index % 5 != 4).then_some(*value),
        low: Some(value - 1.0),
        high: Some(value * 2.0),
        steady: index % 3 != 2,
    };
    values.iter().enumerate().map(point).collect()
}

#[test]
fn load_survives_anything() {
    for (values, count) in nasty_lists().iter().flat_map(|values| [(values, 1), (values, 40)]) {
        let trace = |index| Trace { name: long_name(index), points: load_points(values) };
        let first = values.first().copied();
        for (log, categories) in [(true, 0), (false, 3), (false, 40)] {
            let data = LoadCurve {
                log_x: log,
                log_y: log,
                categories: (0..categories).map(long_name).collect(),
                traces: (0..count).map(trace).collect(),
                bound: Some((long_name(0), values.iter().map(|value| (*value, *value)).collect())),
                capacity: first,
                knee: first,
                limit: first.map(|value| Limit { value, name: long_name(1) }),
                marks: values.iter().map(|value| (long_name(2), *value)).collect(),
                ..LoadCurve::default()
            };
            check(|| latency_against_load(&labels(), &data));
        }
    }
    check(|| latency_against_load(&Labels::default(), &LoadCurve::default()));
}

#[test]
fn bars_survive_anything() {
    for (values, count) in nasty_lists().iter().flat_map(|values| [(values, 1), (values, 40)]) {
        let bar = |(index, value): (usize, &f64)| Bar {
            name: long_name(index),
            mean: *value,
            worst: Some(value * 2.0),
            note: long_name(index),
            expected: Some(value / 2.0),
        };
        let bars: Vec<Bar> = values.iter().cycle().take(values.len() * count).enumerate().map(bar).collect();
        check(|| utilisation_bars(&labels(), &bars));
    }
}

#[test]
fn percentiles_survive_anything() {
    for (values, count) in nasty_lists().iter().flat_map(|values| [(values, 1), (values, 40)]) {
        let points: Vec<(f64, f64)> =
            values.iter().enumerate().map(|(index, value)| (1.0 - 1.0 / (index + 1) as f64, *value)).collect();
        let curve = |index| Curve { name: long_name(index), points: points.clone(), reliable_to: 0.9 };
        let curves: Vec<Curve> = (0..count).map(curve).collect();
        let limit = |value: &f64| PercentileLimit { probability: *value, seconds: *value, name: long_name(2) };
        let limits: Vec<PercentileLimit> = values.iter().map(limit).collect();
        check(|| percentile_plot(&labels(), &curves, &limits));
    }
}

#[test]
fn series_survive_anything() {
    for (values, count) in nasty_lists().iter().flat_map(|values| [(values, 1), (values, 40)]) {
        let points: Vec<(f64, Option<f64>)> =
            values.iter().enumerate().map(|(index, value)| (*value, (index % 3 != 1).then_some(*value))).collect();
        let line = |index| Line { name: long_name(index), points: points.clone(), band: vec![] };
        let panel = |index: usize| Panel {
            title: long_name(index),
            unit: Unit::Seconds,
            lines: (0..count).map(line).collect(),
            log: index.is_multiple_of(2),
        };
        let panels: Vec<Panel> = (0..count.min(5)).map(panel).collect();
        let fault = |value: &f64| FaultBand { label: long_name(3), from: *value, to: Some(-*value) };
        let faults: Vec<FaultBand> = values.iter().map(fault).collect();
        let states = [State::Stable, State::Vulnerable, State::Metastable, State::Recovering];
        let stage = |(index, value): (usize, &f64)| Stage { state: states[index % 4], from: *value, to: value * 2.0 };
        let stages: Vec<Stage> = values.iter().enumerate().map(stage).collect();
        check(|| time_series(&labels(), &panels, &faults, values.first().copied(), &stages));
    }
}

#[test]
fn clouds_survive_anything() {
    for values in nasty_lists() {
        for log_x in [false, true] {
            let meets = [Some(true), Some(false), None].into_iter().cycle();
            let points = values.iter().zip(values.iter().rev()).zip(meets);
            let points = points.map(|((x, y), meets)| ScatterPoint { x: *x, y: *y, meets }).collect();
            let limit = values.first().copied();
            let data = Scatter { unit_x: Unit::PerSecond, unit_y: Unit::Seconds, log_x, points, limit };
            check(|| scatter_plot(&labels(), &data));
        }
    }
}

#[test]
fn breakdowns_survive_anything() {
    for (values, count) in nasty_lists().iter().flat_map(|values| [(values, 1), (values, 40)]) {
        let part = |(index, value): (usize, &f64)| Part {
            component: long_name(index),
            category: if index % 2 == 0 { Category::Wasted } else { Category::Work },
            seconds: *value,
        };
        let parts: Vec<Part> = values.iter().cycle().take(values.len() * count).enumerate().map(part).collect();
        let stack = |index| Stack {
            name: long_name(index),
            total_seconds: values.first().copied().unwrap_or_default(),
            parts: parts.clone(),
        };
        let stacks: Vec<Stack> = (0..count).map(stack).collect();
        check(|| where_time_goes(&labels(), &stacks));
    }
}

#[test]
fn long_series_stay_small_and_keep_their_peaks() {
    let points = (0..200_000).map(|index| (f64::from(index), Some(if index == 77_777 { 9.0 } else { 1.0 }))).collect();
    let lines = vec![Line { name: "queue".into(), points, band: vec![] }];
    let panel = Panel { title: "queue".into(), unit: Unit::Number, lines, log: false };
    let svg = check(|| time_series(&labels(), std::slice::from_ref(&panel), &[], None, &[]));
    assert!(svg.len() < 60_000, "{}", svg.len());
    let path = svg.lines().find(|line| line.contains("#0072B2")).expect("the line is drawn");
    let heights = coordinates(path).skip(1).step_by(2);
    let distinct: std::collections::BTreeSet<i64> = heights.map(|height| height as i64).collect();
    assert_eq!(distinct.len(), 2);
}

#[test]
fn user_text_is_escaped() {
    let svg = check(|| utilisation_bars(&labels(), &[Bar { name: "<db> & 'co'".into(), ..Bar::default() }]));
    assert!(svg.contains("&lt;db&gt; &amp; &apos;co&apos;"));
    assert!(!svg.contains("<db>"));
}

#[test]
fn a_small_chart_is_drawn_as_before() {
    let labels = Labels {
        title: "db is the bottleneck".into(),
        look: "The longest bar saturates first.".into(),
        x: "busy".into(),
        y: "queue p99".into(),
        alt: "db is 83% busy, web 40%.".into(),
    };
    let bar = |name: &str, mean, worst, expected| Bar { name: name.into(), mean, worst, note: "4".into(), expected };
    let bars = [bar("db", 0.83, Some(0.9), Some(0.8)), bar("web", 0.4, None, None)];
    assert_eq!(utilisation_bars(&labels, &bars), include_str!("snapshot.svg"));
}
