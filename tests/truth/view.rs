//! How a quantity of a case is read from the metrics of a run.

use serde_json::Value;
use std::sync::Arc;

/// Something to simulate: the sections of a scenario, and how many requests a second it finishes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Study {
    pub traffic: String,
    pub components: String,
    /// Further sections.
    pub more: String,
    /// Measured completions per second.
    pub rate: f64,
    /// How many times more a request costs than one of a single queue.
    pub cost: f64,
    /// From empty, without warm-up, for so long; many times where it is random.
    pub terminating: Option<f64>,
    /// Least warm-up in seconds.
    pub settle: f64,
}

impl Study {
    pub(crate) fn new(traffic: impl Into<String>, components: impl Into<String>, rate: f64) -> Study {
        Study { traffic: traffic.into(), components: components.into(), rate, cost: 1.0, ..Study::default() }
    }
    pub(crate) fn more(mut self, more: impl Into<String>) -> Study {
        self.more = more.into();
        self
    }
    pub(crate) fn cost(mut self, cost: f64) -> Study {
        self.cost = cost.max(1.0);
        self
    }
    pub(crate) fn settle(mut self, seconds: f64) -> Study {
        self.settle = seconds;
        self
    }
    pub(crate) fn terminating(mut self, seconds: f64) -> Study {
        self.terminating = Some(seconds);
        self
    }
}

type Formula = Arc<dyn Fn(&[f64]) -> f64 + Send + Sync>;

/// A value: a formula of some metrics of a study.
#[derive(Clone)]
pub(crate) struct Reading {
    /// Metrics, with the window of time they are asked for.
    pub metrics: Vec<(String, Option<(f64, f64)>)>,
    pub formula: Formula,
}

/// What somebody sees who looks at more than one run, or at single requests: a list, a word, a number.
pub(crate) type Look = Arc<dyn Fn(&Study) -> Result<Vec<Value>, String>>;

/// How a quantity is had.
#[derive(Clone)]
pub(crate) enum How {
    Number(Reading),
    Look(Look),
}

/// The value of one metric.
pub(crate) fn metric(name: impl Into<String>) -> Reading {
    of([name.into()], |v| v[0])
}

/// A formula of some metrics.
pub(crate) fn of<const N: usize>(
    names: [String; N],
    formula: impl Fn(&[f64]) -> f64 + Send + Sync + 'static,
) -> Reading {
    Reading { metrics: names.into_iter().map(|name| (name, None)).collect(), formula: Arc::new(formula) }
}

/// One metric in a window of time.
pub(crate) fn during(name: impl Into<String>, from: f64, to: f64) -> Reading {
    Reading { metrics: vec![(name.into(), Some((from, to)))], formula: Arc::new(|v| v[0]) }
}

/// A formula of one metric.
pub(crate) fn from(name: impl Into<String>, formula: impl Fn(f64) -> f64 + Send + Sync + 'static) -> Reading {
    of([name.into()], move |v| formula(v[0]))
}

/// A study as seen by the quantities with one tag.
#[derive(Clone)]
pub(crate) struct View {
    /// What stands in brackets after a quantity; empty for none.
    pub tag: String,
    pub study: Study,
    /// The traffic whose requests are meant.
    pub source: String,
    /// The component whose queue and servers are meant.
    pub component: String,
    /// Quantities that are read in their own way: by their whole name or the part before the brackets.
    pub own: Vec<(String, Maybe)>,
}

/// How to read a quantity, or what it lacks.
pub(crate) type Maybe = Result<How, String>;

impl View {
    pub(crate) fn new(tag: impl Into<String>, study: Study, source: &str, component: &str) -> View {
        View { tag: tag.into(), study, source: source.into(), component: component.into(), own: vec![] }
    }
    pub(crate) fn own(mut self, quantity: impl Into<String>, reading: Reading) -> View {
        self.own.push((quantity.into(), Ok(How::Number(reading))));
        self
    }
    pub(crate) fn look(
        mut self,
        quantity: impl Into<String>,
        look: impl Fn(&Study) -> Result<Vec<Value>, String> + 'static,
    ) -> View {
        self.own.push((quantity.into(), Ok(How::Look(Arc::new(look)))));
        self
    }
    pub(crate) fn lacks(mut self, quantity: impl Into<String>, feature: impl Into<String>) -> View {
        self.own.push((quantity.into(), Err(feature.into())));
        self
    }

    fn named(&self, name: &str) -> Option<Maybe> {
        self.own.iter().find(|(quantity, _)| quantity == name).map(|(_, reading)| reading.clone())
    }
}

/// Splits "wait.p95[served]" into the quantity and what is in brackets.
pub(crate) fn split(quantity: &str) -> (&str, &str) {
    match quantity.split_once('[') {
        Some((base, rest)) => (base, rest.split(']').next().unwrap_or(rest)),
        None => (quantity, ""),
    }
}

/// The view that a quantity is read from, and how.
pub(crate) fn find<'a>(views: &'a [View], quantity: &str) -> Result<(&'a View, How), String> {
    let (base, tag) = split(quantity);
    if let Some((view, reading)) = views.iter().find_map(|view| view.named(quantity).map(|reading| (view, reading))) {
        return reading.map(|reading| (view, reading));
    }
    let condition = if ["accepted", "success", "served", "all"].contains(&tag) { tag } else { "" };
    let Some(view) = views.iter().find(|v| v.tag == tag || (!condition.is_empty() && v.tag.is_empty())) else {
        return Err(format!("a reading of `[{tag}]`"));
    };
    let reading = match view.named(base) {
        Some(reading) => reading,
        None => standard(view, base, condition).map(How::Number).ok_or_else(|| format!("a reading of `{quantity}`")),
    };
    reading.map(|reading| (view, reading))
}

/// The usual names of quantities.
fn standard(view: &View, base: &str, condition: &str) -> Option<Reading> {
    let (source, component) = (&view.source, &view.component);
    let only = if condition.is_empty() || condition == "all" { "" } else { "ok." };
    Some(match base {
        "utilization" => metric(format!("{component}.utilization")),
        "jobs.mean" => metric(format!("{component}.in_flight")),
        "queue.mean" => metric(format!("{component}.queue")),
        "throughput" | "goodput" => metric(format!("{source}.goodput")),
        "arrival_rate" => metric(format!("{source}.rate")),
        "block.prob" | "loss.prob" | "reject.prob" => metric(format!("{component}.rejected")),
        "timeout.prob" => metric(format!("{source}.timeouts")),
        "success.prob" => from(format!("{source}.errors"), |errors| 1.0 - errors),
        "slowdown.mean" => metric(format!("{component}.slowdown.mean")),
        _ => {
            let (subject, word) = base.split_once('.')?;
            let word = word_of(word)?;
            match subject {
                "response" | "sample" => metric(format!("{source}.{only}{word}")),
                "wait" => metric(format!("{component}.waiting.{word}")),
                _ => return None,
            }
        }
    })
}

/// "p99.9" as the metrics call it.
fn word_of(word: &str) -> Option<String> {
    match word {
        "mean" | "max" | "sd" => Some(word.to_owned()),
        "prob_positive" => Some("positive".to_owned()),
        _ => {
            let digits = word.strip_prefix('p')?;
            digits.bytes().all(|b| b.is_ascii_digit() || b == b'.').then(|| format!("p{}", digits.replace('.', "")))
        }
    }
}
