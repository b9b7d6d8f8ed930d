//! A change of password in four calls, over memory storage and without the hash, beside the least that any
//! implementation must do: an operation in a map, a code, its HMAC, the time; the account that tells where the code
//! goes, a count of codes to that address and of guesses at the account (NIST SP 800-63B-4, 3.2.2), a look at the list
//! of common passwords (3.1.1.2). The bare floor is without these three, which the goal was first set by.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement is there to be read, or ends")]

use std::collections::{HashMap, HashSet};
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
const NEW: &str = "seven herons cross the bay";

/// An operation under way, and nothing else.
struct Pending {
    user: u32,
    started_at: ciam::domain::Instant,
    mac: [u8; 32],
}

/// An account, and nothing else.
struct Account {
    phone: [u8; 12],
    version: u64,
}

/// What is counted of an address or account, since when.
type Count = (u32, ciam::domain::Instant);

struct Floor {
    key: Hmac<Sha256>,
    pending: Mutex<HashMap<[u8; 16], Pending>>,
    users: Mutex<HashMap<u32, Account>>,
    counts: Mutex<HashMap<[u8; 12], Count>>,
    listed: HashSet<String>,
    bare: bool,
}

impl Floor {
    fn new(bare: bool) -> Self {
        let key = Hmac::new_from_slice(&[7; 32]).expect("a key of any length");
        let account = |user: u32| {
            let mut phone = *b"+86130000000";
            phone[8..].copy_from_slice(&user.to_be_bytes());
            (user, Account { phone, version: 0 })
        };
        let users = (0..PEOPLE.into()).map(account).collect();
        let listed = (0..3_000).map(|number| format!("password{number}")).collect();
        let (pending, counts) = (Mutex::default(), Mutex::default());
        Self { key, pending, users: Mutex::new(users), counts, listed, bare }
    }

    fn count(&self, subject: [u8; 12], now: ciam::domain::Instant) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(subject).or_insert((0, now));
        // Over at once, so that everybody may travel again in the next round.
        *count = if count.1 < now { (1, now) } else { (count.0 + 1, count.1) };
    }

    fn phone(&self, user: u32) -> [u8; 12] {
        self.users.lock().unwrap_or_else(PoisonError::into_inner).get(&user).expect("an account").phone
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
        let now = SystemClock.now();
        assert!(now >= started_at);
        if !self.bare {
            self.count(self.phone(user), now);
        }
        self.pending().get_mut(&id).expect("an operation").mac = mac;

        let now = SystemClock.now();
        assert!(now >= started_at);
        if !self.bare {
            let mut subject = [0; 12];
            subject[..4].copy_from_slice(&user.to_be_bytes());
            self.count(subject, now);
        }
        let mac = self.mac(id, code);
        assert!(self.pending().get(&id).is_some_and(|pending| pending.mac == mac));

        assert!(self.bare || !self.listed.contains(NEW));
        let done = self.pending().remove(&id).expect("an operation");
        assert!(SystemClock.now() >= done.started_at);
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        users.get_mut(&done.user).expect("an account").version += 1;
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
    let (bare, floor, mut commuters) = (Floor::new(true), Floor::new(false), commuters());
    let travel = |floor: &Floor| {
        let people = u32::from(PEOPLE);
        Clock::Thread.time(|| (0..people).for_each(|user| floor.journey(user))) / people
    };
    let mut barest = || travel(&bare);
    let mut least = || travel(&floor);
    let mut ours = || -> Duration {
        block_on(commuters.wake());
        Clock::Thread.time(|| block_on(commuters.commute())) / commuters.number()
    };
    let times = in_turns(
        rounds(31),
        &mut [("bare floor", &mut barest), ("floor", &mut least), ("change of password", &mut ours)],
    );
    times.print();
    let bare = times.ratio("change of password", "bare floor");
    println!("  change of password / bare floor              {bare:>12.2}");
    let mut verdict = Verdict::default();
    verdict.judge(
        "P5: change of password / floor",
        times.ratio("change of password", "floor"),
        Goal::AtMost(5.0),
    );
    verdict.judge("P5: change of password, us", times.micros("change of password"), Goal::AtMost(5.0));
    verdict.exit_code()
}
