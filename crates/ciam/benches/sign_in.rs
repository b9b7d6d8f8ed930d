//! A sign-in that fails, for a name that is nobody's and for a password that is wrong: with the hash of use, over
//! memory storage.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up ends")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ciam::domain::secret::SecretText;
use ciam::{Ciam, Config, SignInRequest};
use ciam_hasher_argon2::{Argon2Hasher, Cost, Limits};
use ciam_storage_memory::MemoryStore;
use ciam_system_native::SystemRandom;
use ciam_testkit::measure::{Clock, Goal, Verdict, in_turns, rounds};
use ciam_testkit::{Backend, World, block_on};

/// Tries in each turn: as many as a name has before its first pause.
const TRIES: u32 = 5;

struct Door(World);

impl Door {
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::with_audit_capacity(4_096));
        let backend = Backend::of(store);
        let world = World::new(backend);
        let random = Arc::new(SystemRandom);
        let hasher = Argon2Hasher::new(Cost::default(), Limits::default(), random.clone()).expect("threads");
        let mut ports = world.ports.clone();
        (ports.hasher, ports.random) = (Arc::new(hasher), random);
        let ciam = Ciam::new(ports.clone(), Config::default()).expect("settings in range");
        let ciam = ciam.with_issuer(world.tokens.clone());
        // The person's hash is made by the hasher that is measured.
        let world = World { ciam: Arc::new(ciam), ports, ..world };
        world.person("alice", 1).await;
        Self(world)
    }

    /// The processor time of one try, the threads that hash included.
    fn fail(&self, name: &str) -> Duration {
        self.0.clock.advance(Duration::from_hours(25));
        let (request, password) =
            (SignInRequest::default(), SecretText::new("not the one in use".to_owned()));
        let all = Clock::Process.time(|| {
            for _ in 0..TRIES {
                let answer = block_on(self.0.ciam.sign_in(&request, name, &password));
                assert_eq!(answer.expect_err("a wrong password").reason(), "sign_in.failed");
            }
        });
        all / TRIES
    }
}

fn main() -> ExitCode {
    let door = block_on(Door::new());
    let mut wrong = || door.fail("alice@example.org");
    let mut unknown = || door.fail("nobody@example.org");
    let times = in_turns(rounds(31), &mut [("wrong password", &mut wrong), ("unknown user", &mut unknown)]);
    times.print();
    let mut verdict = Verdict::default();
    let ratio = times.ratio("unknown user", "wrong password");
    verdict.judge("P15: unknown user / wrong password", ratio, Goal::AtMost(1.1));
    verdict.judge("P15: unknown user / wrong password", ratio, Goal::AtLeast(0.9));
    verdict.exit_code()
}
