//! Traffic sources: their classes, arrivals and programs.

use super::{Compiler, target};
use crate::load::Load;
use crate::plan::*;
use crate::spec::load::LoadShape;
use crate::spec::traffic::{ArrivalsSpec, OpenArgs};
use crate::spec::{BatchSpec, Entries, FaultSpec, LoadSpec, TrafficSpec};
use archsim_core::{Dist, Time};

impl Compiler<'_> {
    pub(super) fn sources(&mut self) {
        let components = self.setup.components.len() as u32;
        for (index, (name, spec)) in self.setup.traffic.iter().enumerate() {
            let caller = components + index as u32;
            self.current = caller;
            let instance = self.router(caller);
            let (common, first_class) = (spec.common(), self.plan.classes.len() as u32);
            let (component, own) = target(&common.to.value);
            let mix: Vec<(String, f64, u8)> = match common.mix {
                Some(Entries(mix)) => mix
                    .iter()
                    .map(|(op, e)| (op.value.clone(), e.weight, e.priority.unwrap_or(common.priority)))
                    .collect(),
                None => vec![(own.to_string(), 1.0, common.priority)],
            };
            let total: f64 = mix.iter().map(|m| m.1).sum();
            let mut cumulative: Vec<f64> = mix
                .iter()
                .scan(0.0, |sum, m| {
                    *sum += m.1 / total;
                    Some(*sum)
                })
                .collect();
            if let Some(last) = cumulative.last_mut() {
                *last = 1.0;
            }
            let arrivals = self.arrivals(spec);
            self.plan.sources.push(SourcePlan {
                name: name.clone(),
                instance,
                first_class,
                classes: mix.len() as u32,
                cumulative,
                arrivals,
            });
            for (operation, _, priority) in mix {
                let start = self.here();
                let to = format!("{component}.{operation}");
                self.call(caller, &to, None, (common.request, common.response), None);
                self.op(Op::Finish);
                let name = if common.mix.is_some() { operation } else { String::new() };
                self.plan.classes.push(ClassPlan { source: index as u32, name, start, priority });
            }
        }
    }

    fn open(&self, open: &OpenArgs, gap: Dist, spikes: Vec<(Time, Time, f64)>) -> Arrivals {
        let batch = open.batch.as_ref().map_or(BatchSpec::Fixed(1), |batch| batch.value.clone());
        let pace = match &open.rate.value {
            LoadSpec::Shape(LoadShape::Replay(a)) => Pace::Replay(a.times.value.iter().map(|time| time.0).collect()),
            rate => {
                let load = Load::new(rate, spikes);
                if batch == BatchSpec::Fixed(1) && !load.is_modulated() {
                    return Arrivals::Open { gap, load };
                }
                Pace::Gaps { gap: gap.scaled(batch.mean()), load }
            }
        };
        Arrivals::Paced(Box::new(Paced { pace, batch }))
    }

    pub(super) fn arrivals(&mut self, spec: &TrafficSpec) -> Arrivals {
        match spec {
            TrafficSpec::Open(a) => {
                let gap = match &a.arrivals {
                    None | Some(ArrivalsSpec::Poisson) => Dist::Exponential { mean: 1.0 },
                    Some(ArrivalsSpec::Deterministic) => Dist::Constant(1.0),
                    Some(ArrivalsSpec::Renewal(r)) => r.gap.0.scaled(1.0 / r.gap.0.mean()),
                };
                let name = &self.setup.traffic[self.current as usize - self.setup.components.len()].0;
                let spikes = self.setup.faults.iter().filter_map(|fault| match fault {
                    FaultSpec::Spike(s) if s.traffic.value == *name => {
                        let (at, end) = fault.window();
                        Some((at.0, end.map_or(Time::MAX, |e| e.0), s.factor.value))
                    }
                    _ => None,
                });
                self.open(a, gap, spikes.collect())
            }
            TrafficSpec::Closed(a) => {
                let think = a.think.as_ref().map_or(NONE, |t| self.dist(t));
                Arrivals::Closed { users: a.users.value, think }
            }
        }
    }
}
