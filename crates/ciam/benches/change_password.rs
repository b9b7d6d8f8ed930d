//! A change of password in four calls, over memory storage and without the hash, beside the least that any
//! implementation must do: an operation in a map, a code, its HMAC, the time.
#![expect(clippy::expect_used, reason = "a measurement that cannot be set up ends")]

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ciam::domain::challenge::KeyId;
use ciam::domain::secret::SecretBytes;
use ciam::ports::{Clock as _, Random};
use ciam_storage_memory::MemoryStore;
use ciam_system_native::{StaticKeys, SystemClock, SystemRandom};
use ciam_testkit::measure::{Clock, Goal, Verdict, in_turns, rounds};
use ciam_testkit::{Backend, Commuters, block_on};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

const PEOPLE: u16 = 256;

/// An operation under way, and nothing else.
struct Pending {
    user: u32,
    started_at: ciam::domain::Instant,
    mac: [u8; 32],
}

struct Floor {
    key: Hmac<Sha256>,
    pending: Mutex<HashMap<[u8; 16], Pending>>,
    users: Mutex<HashMap<u32, u64>>,
}

impl Floor {
    fn new() -> Self {
        let key = Hmac::new_from_slice(&[7; 32]).expect("a key of any length");
        let users = (0..PEOPLE.into()).map(|user| (user, 0)).collect();
        Self { key, pending: Mutex::default(), users: Mutex::new(users) }
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 16], Pending>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mac(&self, id: [u8; 16], code: [u8; 6]) -> [u8; 32] {
        self.key.clone().chain_update(id).chain_update(code).finalize().into_bytes().into()
    }

    fn journey(&self, user: u32) {
        let mut id = [0; 16];
        SystemRandom.fill(&mut id).expect("chance");
        let started_at = SystemClock.now();
        self.pending().insert(id, Pending { user, started_at, mac: [0; 32] });

        let mut bytes = [0; 6];
        SystemRandom.fill(&mut bytes).expect("chance");
        let code = bytes.map(|byte| b'0' + byte % 10);
        let mac = self.mac(id, code);
        assert!(SystemClock.now() >= started_at);
        self.pending().get_mut(&id).expect("an operation").mac = mac;

        let mac = self.mac(id, code);
        assert!(SystemClock.now() >= started_at);
        assert!(self.pending().get(&id).is_some_and(|pending| pending.mac == mac));

        let done = self.pending().remove(&id).expect("an operation");
        assert!(SystemClock.now() >= done.started_at);
        *self.users.lock().unwrap_or_else(PoisonError::into_inner).entry(done.user).or_default() += 1;
    }
}

fn commuters() -> Commuters {
    // An audit trail that stays in the processor's caches.
    let store = Arc::new(MemoryStore::with_audit_capacity(4_096));
    let backend = Backend::of(store);
    let keys = StaticKeys::new(KeyId::new("k1"), SecretBytes::new(vec![7; 32])).expect("a key");
    block_on(Commuters::new(backend, PEOPLE, Arc::new(keys), Arc::new(SystemRandom)))
}

fn main() -> ExitCode {
    let (floor, mut commuters) = (Floor::new(), commuters());
    let mut least = || {
        let people = u32::from(PEOPLE);
        Clock::Thread.time(|| (0..people).for_each(|user| floor.journey(user))) / people
    };
    let mut ours = || -> Duration {
        block_on(commuters.wake());
        Clock::Thread.time(|| block_on(commuters.commute())) / commuters.number()
    };
    let times = in_turns(rounds(31), &mut [("floor", &mut least), ("change of password", &mut ours)]);
    times.print();
    let mut verdict = Verdict::default();
    verdict.judge(
        "P5: change of password / floor",
        times.ratio("change of password", "floor"),
        Goal::AtMost(5.0),
    );
    verdict.judge("P5: change of password, us", times.micros("change of password"), Goal::AtMost(5.0));
    verdict.exit_code()
}
