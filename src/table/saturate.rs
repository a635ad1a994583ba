//! A search for the highest load: what was tried, and the answer in a sentence.

use super::{Cell, Table, hang, ledger, time};
use crate::console::{Console, Ink, Paint};
use crate::files::json::Manifest;
use crate::quantity::{count, given, plain, show};
use archsim_experiment::saturate::{Answer, Back, Probe, Saturation, Tip};

/// What was asked.
pub(crate) struct Asked<'a> {
    /// The path that is raised.
    pub(crate) raise: &'a str,
    /// Its unit.
    pub(crate) unit: &'static str,
    /// What must hold.
    pub(crate) until: &'a [String],
}

impl Asked<'_> {
    /// A value of the path with its unit.
    pub(crate) fn value(&self, value: f64) -> String {
        plain(value, self.unit)
    }
}

/// Everything that is printed.
pub(crate) fn saturation(found: &Saturation, asked: &Asked<'_>, manifest: &Manifest, console: Console) -> String {
    let (paint, width) = (console.out, console.width());
    let answer = answer(found, asked);
    let answer = paint.text(answer.0, &hang(&answer.1, 0, width)) + "\n";
    if console.quiet {
        return answer;
    }
    let until = if asked.until.is_empty() { "there is no steady state".into() } else { asked.until.join(" and ") };
    let word = if asked.until.is_empty() { "until" } else { "as long as" };
    let title = format!(
        "{}: raise {} {word} {until}   seed {}\n",
        paint.text(Ink::Bold, &found.scenario),
        asked.raise,
        found.seed
    );
    let mut lines = vec![];
    if let Some(bound) = &found.bound {
        let text = format!(
            "`{}` is full at {}, by the plan, without retries and failures",
            bound.component,
            asked.value(bound.value)
        );
        lines.push(("Bound", text));
    }
    let speed = format!(
        "{} runs, {} requests in {}",
        found.probes.len(),
        count(found.work().requests),
        plain(manifest.timing.wall_s, "s")
    );
    lines.push(("Speed", speed));
    lines.push(("Rests", format!("on what ledger.json lists; reproduce with {}", ledger::reproduce(manifest))));
    let lines: String = lines.iter().map(|(title, text)| time::titled(title, &hang(text, 7, width), paint)).collect();
    let after = band(found, asked).into_iter().chain(back(found, asked));
    let back: String = after.map(|(ink, text)| paint.text(ink, &hang(&text, 0, width)) + "\n").collect();
    format!("{title}\n{}\n{answer}{back}\n{lines}", table(found, asked, paint))
}

/// One row a value, in rising order.
fn table(found: &Saturation, asked: &Asked<'_>, paint: Paint) -> String {
    let mut table = Table::headed(0, &[asked.raise, "requests", "nearest to its limit", "", "holds"]);
    let mut probes: Vec<&Probe> = found.probes.iter().collect();
    probes.sort_by(|a, b| a.value.total_cmp(&b.value));
    for probe in probes {
        let metric = probe.worst.as_deref().and_then(|text| text.split(['<', '>']).next()).unwrap_or("").trim();
        let shown = probe.measured.as_ref().map(|estimate| show(metric, estimate));
        let (ink, holds) = match probe.holds {
            Some(true) => (Ink::Good, "yes"),
            Some(false) => (Ink::Bad, "no"),
            None => (Ink::Unsure, "cannot be told"),
        };
        table.row(vec![
            Cell::plain(asked.value(probe.value)),
            Cell::dim(count(probe.requests)),
            Cell::plain(metric),
            shown.map_or(Cell::dim("-"), |shown| Cell::new(shown.ink(), shown.whole())),
            Cell::new(ink, holds),
        ]);
    }
    table.render(paint)
}

/// The answer in a sentence.
pub(crate) fn answer(found: &Saturation, asked: &Asked<'_>) -> (Ink, String) {
    let value = |value: f64| asked.value(value);
    let raise = asked.raise;
    match found.answer {
        Answer::UpTo { value: at, low, high, precise } => {
            if found.band.is_some() {
                let text = format!("Holds up to {raise} = {} at the least: there no run collapsed.", value(at));
                return (Ink::Unsure, text);
            }
            let confidence = given(found.confidence, "1");
            let binding = found.binding.as_ref().map_or(String::new(), |slo| format!("; above it `{slo}` fails first"));
            let busiest = found.busiest.as_ref().map_or(String::new(), |(component, busy)| {
                format!("; the busiest component there is `{component}`, {}", plain(*busy, "1"))
            });
            let doubt = if precise { "" } else { "; the interval is wider than asked" };
            let fine = |value: f64| fine(value, high - low, asked.unit);
            let ends = format!("{} .. {}, {confidence}", fine(low), fine(high));
            (Ink::Good, format!("Holds up to {raise} = {} ({ends}){binding}{busiest}{doubt}.", fine(at)))
        }
        Answer::Everywhere(to) => {
            (Ink::Good, format!("Holds up to {raise} = {}, the highest value of the search (--to).", value(to)))
        }
        Answer::Nowhere(from) => {
            let at = format!("{raise} = {}", value(from));
            let rising = asked.until.iter().find(|slo| slo.contains('>')).map_or(String::new(), |slo| {
                format!(" `{slo}` asks for more than a low load offers: --until wants what gets worse with the load, errors or a percentile.")
            });
            (Ink::Bad, format!("Does not even hold at {at}, the lowest value of the search (--from).{rising}"))
        }
        Answer::Interrupted(low, high) => {
            (Ink::Unsure, format!("Interrupted: the answer lies between {} and {}.", value(low), value(high)))
        }
    }
}

/// The loads at which chance decides, in a sentence.
pub(crate) fn band(found: &Saturation, asked: &Asked<'_>) -> Option<(Ink, String)> {
    let band = found.band.as_ref()?;
    let shares = band.falls.iter().filter(|fall| fall.tipped > 0 && fall.tipped < fall.of);
    let shares = shares.map(|fall| format!("{} of {} at {}", fall.tipped, fall.of, asked.value(fall.value)));
    let shares: Vec<String> = shares.collect();
    let none = band.safe().map(|value| format!("none of them did at {}", asked.value(value)));
    let all = band.last().map(|value| format!("all of them from {} on", asked.value(value)));
    let told: Vec<String> = none.into_iter().chain(shares).chain(all).collect();
    let first = band.first().map_or(String::new(), |fall| format!(" from {} on", asked.value(fall.value)));
    let runs = format!("runs of {} requests", count(band.requests));
    let text = format!(
        "Vulnerable: chance tips it into collapse{first}. Of {runs} {}. Longer ones tip at lower loads: this is no limit.",
        told.join(", ")
    );
    Some((Ink::Bad, text))
}

/// How it comes back once it was tipped, in a sentence.
pub(crate) fn back(found: &Saturation, asked: &Asked<'_>) -> Option<(Ink, String)> {
    let tip = |tip: &Tip| format!("once tipped ({} for {})", asked.value(tip.load), plain(tip.seconds, "s"));
    let value = |load: f64| asked.value(load);
    Some(match found.back.as_ref()? {
        Back::Always { at, tip: by } => {
            (Ink::Plain, format!("The way back: {} it recovers at {}: no hysteresis found.", tip(by), value(*at)))
        }
        Back::Below { low, high, tip: by } => {
            let text = format!(
                "The way back: {} it recovers only up to {}, no more at {}.",
                tip(by),
                value(*low),
                value(*high)
            );
            (Ink::Bad, text)
        }
        Back::Never { at, tip: by } => {
            (Ink::Bad, format!("The way back: {} it does not even recover at {}.", tip(by), value(*at)))
        }
        Back::NotTried(why) => (Ink::Dim, format!("The way back was not tried: {why}.")),
    })
}

/// A value with as many decimals as an interval of this width makes sense of.
fn fine(value: f64, width: f64, unit: &str) -> String {
    let decimals = (1.0 - libm::log10(width.max(1e-12)).floor()).clamp(0.0, 12.0) as usize;
    let suffix = match unit {
        "1/s" => "/s",
        "s" => " s",
        _ => "",
    };
    format!("{value:.decimals$}{suffix}")
}
