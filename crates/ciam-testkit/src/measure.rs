//! Ratios of time: several ways of one work, taken in turns in one process.
//!
//! Machines differ and are noisy, so only ratios within one run mean anything, as medians over the rounds.

use std::process::ExitCode;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// How much a measured ratio may miss its goal by before a run fails: 15 %.
const SLACK: f64 = 0.15;

/// Which time passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The processor time of the calling thread.
    Thread,
    /// The processor time of all threads together.
    Process,
    /// The time of the world.
    Wall,
}

impl Clock {
    /// How long a work takes.
    ///
    /// # Panics
    /// When the system's clock goes backward.
    #[expect(clippy::expect_used, reason = "a measurement without a clock is none")]
    pub fn time(self, work: impl FnOnce()) -> Duration {
        let before = self.read();
        work();
        self.read().checked_sub(before).expect("a clock that goes forward")
    }

    /// The time since an unknown moment.
    #[must_use]
    pub fn read(self) -> Duration {
        let clock = match self {
            Self::Thread => ClockId::ThreadCPUTime,
            Self::Process => ClockId::ProcessCPUTime,
            Self::Wall => ClockId::Monotonic,
        };
        let now = clock_gettime(clock);
        let (seconds, nanos) = (u64::try_from(now.tv_sec), u32::try_from(now.tv_nsec));
        Duration::new(seconds.unwrap_or_default(), nanos.unwrap_or_default())
    }
}

/// One way of doing the work: it measures itself and gives the time of one operation.
pub type Entrant<'a> = (&'static str, &'a mut dyn FnMut() -> Duration);

/// What each entrant took in each round.
#[derive(Debug)]
pub struct Times {
    rows: Vec<(&'static str, Vec<f64>)>,
}

/// `CIAM_BENCH_ROUNDS`, or else `usual`: fewer for an instruction counter, more on a busy machine.
#[must_use]
pub fn rounds(usual: usize) -> usize {
    std::env::var("CIAM_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Takes every entrant once to warm up, and then all of them in each of `rounds` rounds.
pub fn in_turns(rounds: usize, entrants: &mut [Entrant<'_>]) -> Times {
    let mut rows: Vec<(&str, Vec<f64>)> = Vec::new();
    for (name, entrant) in &mut *entrants {
        entrant();
        rows.push((*name, Vec::with_capacity(rounds)));
    }
    for _ in 0..rounds {
        for ((_, entrant), (_, times)) in entrants.iter_mut().zip(&mut rows) {
            times.push(entrant().as_secs_f64());
        }
    }
    Times { rows }
}

impl Times {
    fn of(&self, name: &str) -> &[f64] {
        self.rows.iter().find(|(other, _)| *other == name).map_or(&[], |(_, times)| times)
    }

    /// The median time of an entrant in microseconds.
    #[must_use]
    pub fn micros(&self, name: &str) -> f64 {
        median(self.of(name).iter().map(|seconds| seconds * 1e6).collect())
    }

    /// How many times as long `name` takes as `base`: the median over the rounds.
    #[must_use]
    pub fn ratio(&self, name: &str, base: &str) -> f64 {
        median(self.of(name).iter().zip(self.of(base)).map(|(one, other)| one / other).collect())
    }

    /// Prints the median of every entrant.
    #[expect(clippy::print_stdout, reason = "a measurement is there to be read")]
    pub fn print(&self) {
        for (name, _) in &self.rows {
            println!("  {name:<44} {:>12.2} us", self.micros(name));
        }
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What a ratio shall be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// So much or less.
    AtMost(f64),
    /// So much or more.
    AtLeast(f64),
}

impl Goal {
    fn holds(self, value: f64, slack: f64) -> bool {
        match self {
            Self::AtMost(bound) => value <= bound * (1.0 + slack),
            Self::AtLeast(bound) => value >= bound * (1.0 - slack),
        }
    }
}

/// The goals of one run, told and counted.
#[derive(Debug, Default)]
pub struct Verdict {
    missed: bool,
}

impl Verdict {
    /// Prints a value beside its goal.
    #[expect(clippy::print_stdout, reason = "a measurement is there to be read")]
    pub fn judge(&mut self, what: &str, value: f64, goal: Goal) {
        let word = match (goal.holds(value, 0.0), goal.holds(value, SLACK)) {
            (true, _) => "reached",
            (false, true) => "within the slack",
            (false, false) => "MISSED",
        };
        self.missed |= !goal.holds(value, SLACK);
        println!("  {what:<44} {value:>12.2}    {goal:?} {word}");
    }

    /// Failure when a goal was missed by more than the slack.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        if self.missed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_medians_of_the_rounds() {
        let (mut slow, mut fast) =
            ([9, 90, 6, 6, 6].into_iter().cycle(), [3, 3, 3, 3, 2].into_iter().cycle());
        let mut slow = || Duration::from_micros(slow.next().unwrap());
        let mut fast = || Duration::from_micros(fast.next().unwrap());
        let times = in_turns(4, &mut [("slow", &mut slow), ("fast", &mut fast)]);
        assert!((times.ratio("slow", "fast") - 3.0).abs() < 1e-9, "{times:?}");
        assert!((times.micros("fast") - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_goal_is_missed_past_its_slack() {
        for (value, goal, missed) in [
            (5.7, Goal::AtMost(5.0), false),
            (5.8, Goal::AtMost(5.0), true),
            (0.86, Goal::AtLeast(1.0), false),
            (0.84, Goal::AtLeast(1.0), true),
            (f64::NAN, Goal::AtMost(5.0), true),
        ] {
            let mut verdict = Verdict::default();
            verdict.judge("a ratio", value, goal);
            assert_eq!(verdict.missed, missed, "{value} {goal:?}");
        }
    }

    #[test]
    fn processor_time_does_not_pass_while_a_thread_sleeps() {
        let nap = || std::thread::sleep(Duration::from_millis(20));
        assert!(Clock::Wall.time(nap) >= Duration::from_millis(20));
        assert!(Clock::Thread.time(nap) < Duration::from_millis(10));
    }
}
