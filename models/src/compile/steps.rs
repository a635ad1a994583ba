//! Steps of endpoints and consumers as instructions.

use super::Compiler;
use crate::kind::Kind;
use crate::plan::*;
use crate::spec::steps::Rounds;
use crate::spec::{Step, Steps};

impl Compiler<'_> {
    pub(crate) fn steps(&mut self, component: u32, steps: &Steps) {
        for step in steps.iter() {
            self.step(component, &step.value);
        }
    }

    pub(super) fn step(&mut self, component: u32, step: &Step) {
        match step {
            Step::Compute(a) => {
                let (dist, site) = (self.dist(&a.time), self.site());
                self.compute(dist, site, a.cores.as_ref().map_or(1, |c| c.value));
            }
            Step::Wait(a) => {
                let (dist, site) = (self.dist(&a.time), self.site());
                self.op(Op::Wait { dist, site });
            }
            Step::Call(a) => {
                let space = a.key.as_ref().map(|k| self.space(&k.value));
                let bytes = (a.request.map_or(0, |s| s.0), a.response.map_or(0, |s| s.0));
                let call = self.call(component, &a.to.value, space, bytes, None);
                if let Some(steps) = &a.on_error {
                    let over = self.op(Op::Jump { to: NONE });
                    self.plan.calls[call as usize].on_error = self.here();
                    self.steps(component, steps);
                    let to = self.here();
                    self.plan.ops[over as usize] = Op::Jump { to };
                }
            }
            Step::Parallel(a) => {
                let single: Vec<Steps> = a.steps.0.iter().map(|s| Steps(vec![s.clone()])).collect();
                let (all, need) = (a.branches(), a.needed() as u32);
                if all > 0 && need > 0 {
                    let fork = self.branches(component, &single.iter().collect::<Vec<_>>(), need);
                    let fork = &mut self.plan.forks[fork as usize];
                    let once = std::mem::take(&mut fork.branches);
                    fork.branches = once.iter().copied().cycle().take(all as usize).collect();
                    fork.cancel = a.cancel.unwrap_or(false);
                }
            }
            Step::Do(a) => self.steps(component, &a.steps),
            Step::Choose(a) => self.choose(component, &a.branches),
            Step::Maybe(a) => {
                let (chance, site) = (self.chance(a.p.0), self.site());
                let maybe = self.op(Op::Maybe { chance, site, otherwise: NONE });
                self.steps(component, &a.then);
                let over = self.op(Op::Jump { to: NONE });
                let otherwise = self.here();
                self.plan.ops[maybe as usize] = Op::Maybe { chance, site, otherwise };
                if let Some(steps) = &a.otherwise {
                    self.steps(component, steps);
                }
                let to = self.here();
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Repeat(a) => match a.rounds() {
                Rounds::Fixed(times) => self.repeat(component, times, &a.steps),
                Rounds::While(again) => {
                    let start = self.here();
                    self.steps(component, &a.steps);
                    let (chance, site) = (self.chance(again), self.site());
                    self.op(Op::Again { chance, site, start });
                }
            },
            Step::Cached(a) => self.cached(component, a),
            Step::Get(a) => self.cache_step(component, "get", a),
            Step::Set(a) => self.cache_step(component, "set", a),
            Step::Invalidate(a) => self.cache_step(component, "invalidate", a),
            Step::Publish(a) => {
                let space = a.key.as_ref().map(|k| self.space(&k.value));
                self.call(component, &a.to.value, space, (a.size.map_or(0, |s| s.0), 0), None);
            }
            Step::After(a) => {
                let site = self.site();
                let after = self.op(Op::After { start: NONE, site });
                let over = self.op(Op::Jump { to: NONE });
                let start = self.here();
                self.steps(component, &a.steps);
                self.reply();
                let to = self.here();
                self.plan.ops[after as usize] = Op::After { start, site };
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Hold(a) => {
                let lock = self.lock(&a.lock.value);
                self.op(Op::Lock { lock });
                let fork = self.branches(component, &[&a.steps], 1);
                self.op(Op::Unlock { lock });
                let over = self.op(Op::Jump { to: NONE });
                self.plan.forks[fork as usize].on_error = self.here();
                self.op(Op::Unlock { lock });
                self.op(Op::Raise);
                let to = self.here();
                self.plan.ops[over as usize] = Op::Jump { to };
            }
            Step::Batch(a) => self.batch(component, a),
            Step::Fail(a) => self.fail(a.p.0),
        }
    }

    pub(super) fn lock(&mut self, name: &str) -> u32 {
        if let Some(index) = self.plan.locks.iter().position(|l| l == name) {
            return index as u32;
        }
        self.plan.locks.push(name.to_string());
        self.plan.locks.len() as u32 - 1
    }

    pub(super) fn choose(&mut self, component: u32, branches: &[(f64, Steps)]) {
        let total: f64 = branches.iter().map(|(w, _)| w).sum();
        let (choice, site) = (self.plan.choices.len() as u32, self.site());
        self.plan.choices.push(vec![]);
        self.op(Op::Choose { choice, site });
        let (mut cumulative, mut table, mut ends) = (0.0, vec![], vec![]);
        for (weight, steps) in branches {
            cumulative += weight / total;
            table.push((cumulative, self.here()));
            self.steps(component, steps);
            ends.push(self.op(Op::Jump { to: NONE }));
        }
        let to = self.here();
        for end in ends {
            self.plan.ops[end as usize] = Op::Jump { to };
        }
        if let Some(last) = table.last_mut() {
            last.0 = 1.0;
        }
        self.plan.choices[choice as usize] = table;
    }

    /// A loop. The rounds are counted in the request; a loop inside a loop runs as a branch, which has a counter of its own.
    pub(super) fn repeat(&mut self, component: u32, times: u32, steps: &Steps) {
        let mut inner = false;
        steps.visit(&mut |step| inner |= matches!(step.value, Step::Repeat(_)));
        let start = self.op(Op::LoopStart { times, end: NONE });
        if inner {
            self.branches(component, &[steps], 1);
        } else {
            self.steps(component, steps);
        }
        self.op(Op::LoopEnd { start: start + 1 });
        let end = self.here();
        self.plan.ops[start as usize] = Op::LoopStart { times, end };
    }

    pub(super) fn cached(&mut self, component: u32, a: &crate::spec::steps::CachedArgs) {
        let (name, space) = (&a.cache.value, self.space(&a.key.value));
        let bytes = a.size.map_or(0, |s| s.0);
        let Kind::Cache(cache) = &self.setup.components[self.names[name] as usize].1 else {
            unreachable!("caches are checked")
        };
        let (forced, coalesce) =
            (cache.hit_ratio.is_some(), cache.coalesce.unwrap_or(false) && cache.hit_ratio.is_none());
        self.looked_up(name, space);
        let get = self.call(component, &format!("{name}.get"), Some(space), (0, bytes), None);
        let hit = self.op(Op::IfHit { to: NONE });
        self.plan.calls[get as usize].on_error = self.here();
        let fork = if coalesce { Some(self.branches(component, &[&a.miss], 1)) } else { None };
        if fork.is_none() {
            self.steps(component, &a.miss);
        }
        let set = (!forced).then(|| self.call(component, &format!("{name}.set"), Some(space), (bytes, 0), None));
        if let Some(fork) = fork {
            self.release_on_error(component, fork, name, space);
        }
        let to = self.here();
        if let Some(set) = set {
            self.plan.calls[set as usize].on_error = to;
        }
        self.plan.ops[hit as usize] = Op::IfHit { to };
    }

    /// When the branch that should fill a key fails, the requests that wait for the fill are told.
    pub(super) fn release_on_error(&mut self, component: u32, fork: u32, cache: &str, space: u32) {
        let over = self.op(Op::Jump { to: NONE });
        self.plan.forks[fork as usize].on_error = self.here();
        let release = self.call(component, &format!("{cache}.release"), Some(space), (0, 0), None);
        self.plan.calls[release as usize].on_error = self.here();
        self.op(Op::Raise);
        let to = self.here();
        self.plan.ops[over as usize] = Op::Jump { to };
    }

    /// A cache operation whose failure does not fail the request.
    pub(super) fn cache_step(&mut self, component: u32, op: &str, a: &crate::spec::steps::KeyedArgs) {
        let (name, space) = (&a.cache.value, self.space(&a.key.value));
        let bytes = a.size.map_or(0, |s| s.0);
        if op == "get" {
            self.looked_up(name, space);
        }
        let bytes = if op == "get" { (0, bytes) } else { (bytes, 0) };
        let call = self.call(component, &format!("{name}.{op}"), Some(space), bytes, None);
        self.plan.calls[call as usize].on_error = self.here();
    }

    pub(super) fn looked_up(&mut self, cache: &str, space: u32) {
        *self.cache_spaces.entry(self.names[cache]).or_default().entry(space).or_default() += 1.0;
    }
}
