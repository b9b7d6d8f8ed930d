//! Nothing acknowledged is lost, and nothing spent comes back, when the process is killed at any moment.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot be set up fails, and a check that fails says so"
)]

mod changes;
mod check;
mod ends;
mod house;
mod ledger;
mod note;
mod traveller;
mod victim;
mod visits;

use std::path::Path;
use std::time::Duration;

use ciam::ports::Random;
use ciam_testkit::fake::FakeRandom;
use tempfile::TempDir;

use crate::ledger::Ledger;
use crate::note::Note;
use crate::victim::{FOLDER, Victim};

/// How often the process is killed, unless the environment says otherwise.
const KILLS: u64 = 100;
/// The longest life of a process in milliseconds, from its start or from the first that it says.
const LONGEST_LIFE: u64 = 200;

fn kills() -> u64 {
    std::env::var("CIAM_CRASH_KILLS").ok().map_or(KILLS, |kills| kills.parse().expect("a number"))
}

/// A number below `end`.
fn below(random: &FakeRandom, end: u64) -> u64 {
    let mut bytes = [0; 8];
    random.fill(&mut bytes).expect("chance");
    u64::from_le_bytes(bytes) % end
}

/// The process of the tests below, when it is started again as the one to be killed.
#[test]
fn journeys_until_killed() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        traveller::travel(Path::new(&folder));
    }
}

#[test]
fn what_was_acknowledged_survives_every_kill_and_what_was_spent_stays_spent() {
    let folder = TempDir::new().unwrap();
    let mut ledger = Ledger::default();
    for round in 0..kills() {
        let random = FakeRandom::seeded(round << 20);
        let mut victim = Victim::start(folder.path(), round);
        // One in four dies while it opens the database; on a busy machine all would, if none were waited for.
        let mut notes = victim.notes(usize::from(below(&random, 4) > 0));
        std::thread::sleep(Duration::from_millis(below(&random, LONGEST_LIFE)));
        notes.extend(victim.kill());
        let touched = ledger.hear(notes);
        check::after_a_kill(folder.path(), round, &mut ledger, &touched);
    }
    check::at_the_end(folder.path(), &ledger);
    println!("{} effects of {} people acknowledged", ledger.effects(), ledger.people.len());
    assert!(ledger.effects() > kills(), "{} effects are too few to tell anything", ledger.effects());
}

/// Tampers with the file after a kill as a bad crash would; the check must see it.
fn tampered(sql: &str) {
    tampered_after(sql, |_| true);
}

/// The same, of a crash that comes before some of the notes.
fn tampered_after(sql: &str, heard: fn(&Note) -> bool) {
    let folder = TempDir::new().unwrap();
    let mut ledger = Ledger::default();
    let mut victim = Victim::start(folder.path(), 0);
    let mut notes = victim.notes(1_000);
    notes.extend(victim.kill());
    notes.retain(heard);
    let touched = ledger.hear(notes);
    rusqlite::Connection::open(folder.path().join(house::FILE)).unwrap().execute_batch(sql).unwrap();
    check::after_a_kill(folder.path(), 0, &mut ledger, &touched);
}

#[test]
fn an_untouched_file_passes() {
    tampered("");
}

#[test]
#[should_panic(expected = "the account is there")]
fn a_lost_account_is_noticed() {
    tampered("DELETE FROM ciam_users");
}

#[test]
#[should_panic(expected = "changes of the account")]
fn a_lost_change_is_noticed() {
    tampered("UPDATE ciam_users SET version = version - 1 WHERE version > 1");
}

#[test]
#[should_panic(expected = "the password")]
fn a_lost_password_is_noticed() {
    tampered("UPDATE ciam_users SET password = (SELECT password FROM ciam_users ORDER BY id LIMIT 1)");
}

#[test]
#[should_panic(expected = "lives on")]
fn a_lost_session_is_noticed() {
    tampered("DELETE FROM ciam_sessions");
}

#[test]
#[should_panic(expected = "stays dead")]
fn a_session_that_comes_back_is_noticed() {
    tampered(
        "UPDATE ciam_sessions SET stamp =
             (SELECT stamp FROM ciam_users WHERE ciam_users.id = ciam_sessions.user)",
    );
}

#[test]
#[should_panic(expected = "is open")]
fn a_lost_flow_is_noticed() {
    tampered("DELETE FROM ciam_flows");
}

#[test]
#[should_panic(expected = "attempts paid")]
fn attempts_given_back_are_noticed() {
    tampered("UPDATE ciam_flows SET attempts = 0");
}

#[test]
#[should_panic(expected = "codes sent")]
fn counts_that_fall_are_noticed() {
    tampered("DELETE FROM ciam_rates");
}

#[test]
#[should_panic(expected = "records of changes")]
fn a_lost_record_is_noticed() {
    tampered("DELETE FROM ciam_audit");
}

#[test]
#[should_panic(expected = "records of changes")]
fn a_lost_record_of_a_restore_is_noticed() {
    tampered(
        "DELETE FROM ciam_audit WHERE action = 'verify_sign_in' AND refusal IS NULL
             AND flow IN (SELECT flow FROM ciam_audit WHERE action = 'restore_account')",
    );
}

#[test]
#[should_panic(expected = "notices")]
fn a_lost_notice_is_noticed() {
    tampered_after("DELETE FROM ciam_outbox", |note| !matches!(note, Note::Delivered { .. }));
}

#[test]
#[should_panic(expected = "stays proven")]
fn a_lost_first_factor_is_noticed() {
    tampered("UPDATE ciam_sessions SET amr = '[]' WHERE stage = 'pending'");
}

#[test]
#[should_panic(expected = "who is on the way in is not in")]
fn a_session_that_opens_by_itself_is_noticed() {
    tampered("UPDATE ciam_sessions SET stage = 'open' WHERE stage = 'pending'");
}

#[test]
#[should_panic(expected = "the refresh token of")]
fn a_lost_refresh_is_noticed() {
    tampered("UPDATE ciam_sessions SET generation = generation - 1 WHERE generation > 0");
}

#[test]
#[should_panic(expected = "sign-ins of")]
fn a_lost_login_is_noticed() {
    tampered("DELETE FROM ciam_logins");
}

#[test]
#[should_panic(expected = "stays erased")]
fn an_erased_account_that_comes_back_is_noticed() {
    tampered(
        "UPDATE ciam_users SET status = 'pending_deletion', status_until = 9000000000000000
             WHERE status = 'erased'",
    );
}

#[test]
#[should_panic(expected = "is kept")]
fn a_lost_tombstone_is_noticed() {
    tampered("DELETE FROM ciam_tombstones");
}

#[test]
#[should_panic(expected = "records of the erasure")]
fn a_lost_record_of_an_erasure_is_noticed() {
    tampered("DELETE FROM ciam_audit WHERE action = 'erase_account'");
}

#[test]
#[should_panic(expected = "is deleted")]
fn a_deletion_that_is_called_back_by_nobody_is_noticed() {
    tampered(
        "UPDATE ciam_users SET status = 'normal', status_until = NULL WHERE status = 'pending_deletion'",
    );
}

/// What the host keeps beside keeps its own contract, or nothing above tells anything of erasures.
mod beside {
    use std::path::Path;
    use std::sync::Arc;

    use ciam_testkit::contract::{PersonalRecordsFixture, erasures_outlive_the_process};
    use tempfile::TempDir;

    use crate::house::Rows;

    fn open(folder: &Path) -> PersonalRecordsFixture {
        let rows = Arc::new(Rows(folder.to_owned()));
        PersonalRecordsFixture { records: rows.clone(), belongings: rows, keep: Arc::new(()) }
    }

    fn fixture() -> PersonalRecordsFixture {
        let folder = TempDir::new().unwrap();
        let fixture = open(folder.path());
        PersonalRecordsFixture { keep: Arc::new(folder), ..fixture }
    }

    ciam_testkit::personal_records_contract!(fixture);

    #[test]
    fn what_was_erased_is_gone_in_the_next_process() {
        erasures_outlive_the_process(open);
    }
}
