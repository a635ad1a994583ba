//! What a run costs: wall time, processor time, memory; and the time of day.

use serde::Serialize;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// A stopwatch for the run loops.
pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Option<f64>,
}

/// What was measured.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Timing {
    /// Processor seconds of all threads; none where the system does not tell.
    pub(crate) cpu_s: Option<f64>,
    /// Seconds from start to end.
    pub(crate) wall_s: f64,
    /// Events handled.
    pub(crate) events: u64,
    /// Requests that ended.
    pub(crate) requests: u64,
    /// Most memory the process ever held, in bytes; none where the system does not tell.
    pub(crate) peak_rss_bytes: Option<u64>,
}

impl Stopwatch {
    /// Starts.
    pub(crate) fn start() -> Self {
        Stopwatch { wall: Instant::now(), cpu: usage().map(|(cpu, _)| cpu) }
    }

    /// What has passed since the start, with what was done meanwhile.
    pub(crate) fn stop(&self, work: archsim_experiment::report::Work) -> Timing {
        let wall_s = self.wall.elapsed().as_secs_f64();
        let now = usage();
        let cpu_s = now.zip(self.cpu).map(|((cpu, _), start)| cpu - start);
        Timing {
            cpu_s,
            wall_s,
            events: work.events,
            requests: work.requests,
            peak_rss_bytes: now.map(|(_, memory)| memory),
        }
    }
}

/// Processor seconds and largest resident memory in bytes of the process so far (POSIX `getrusage`).
#[cfg(unix)]
fn usage() -> Option<(f64, u64)> {
    use nix::sys::resource::{UsageWho, getrusage};
    use nix::sys::time::TimeValLike;
    let usage = getrusage(UsageWho::RUSAGE_SELF).ok()?;
    let seconds = (usage.user_time() + usage.system_time()).num_microseconds() as f64 * 1e-6;
    // Kilobytes on Linux and the BSDs, bytes on macOS.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let memory = high_water_mark().or_else(|| Some(u64::try_from(usage.max_rss()).ok()? * unit))?;
    Some((seconds, memory))
}

/// Linux counts in `ru_maxrss` what the parent held when it forked; the high-water mark of the address space begins anew (proc(5),
/// `VmHWM`).
#[cfg(unix)]
fn high_water_mark() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(not(unix))]
fn usage() -> Option<(f64, u64)> {
    None
}

/// The time of day in UTC as in RFC 3339: "2026-02-03T04:05:06Z".
pub(crate) fn now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    timestamp(seconds)
}

/// Nanoseconds since 1970, to tell writers apart.
pub(crate) fn nanoseconds() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos())
}

fn timestamp(seconds: u64) -> String {
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// The date of a day counted from 1970-01-01 (H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `civil_from_days`,
/// for days after the epoch).
fn date(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(timestamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(timestamp(1_772_323_199), "2026-02-28T23:59:59Z");
        assert_eq!(timestamp(4_107_542_400), "2100-03-01T00:00:00Z");
    }

    #[cfg(unix)]
    #[test]
    fn the_process_has_used_memory() {
        assert!(usage().is_some_and(|(_, memory)| memory > 100_000));
    }
}
