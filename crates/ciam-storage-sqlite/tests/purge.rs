//! After an erasure the file holds nothing personal, and its tombstones outlive the process.
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::path::Path;
use std::sync::Arc;

use ciam::domain::TenantId;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::identifier::{EmailAddress, Username};
use ciam::domain::user::Status;
use ciam::ports::store::{StoreError, UniqueField};
use ciam::ports::{Clock, Random};
use ciam::{ContactCodeRequest, Error, Failure, NewContact, NewUser, PurgeOutcome, Wording};
use ciam_storage_sqlite::{SqliteOptions, SqliteStore};
use ciam_testkit::{Backend, Person, World, block_on};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use tempfile::TempDir;

fn world(folder: &Path) -> World {
    let store = Arc::new(SqliteStore::open(folder.join("ciam.db"), SqliteOptions::default()).unwrap());
    World::new(Backend::of(store))
}

/// Somebody in the middle of a change of address, with codes out and passwords tried.
async fn busy(world: &World) -> Person {
    let person = world.person("wilhelmina", 4711).await;
    let who = world.sign_in(&person).await;
    let flow = world.ciam.check_operation(&who, Operation::UpdatePassword).await.unwrap().flow;
    world.send_factor(&who, &flow, Method::Sms).await.unwrap();
    let flow = world.proven(&who, Operation::UpdateEmail).await;
    let contact = NewContact::Email("wilhelmina.new@example.org");
    let request = ContactCodeRequest { flow: &flow, contact, wording: Wording::default(), captcha: None };
    world.ciam.send_contact_code(&who, request).await.unwrap();
    person
}

async fn erased(world: &World, person: &Person) {
    let due = Status::PendingDeletion { erase_at: world.clock.now() };
    world.ciam.set_status(ciam::Authority::Host, &TenantId::default(), &person.id, due).await.unwrap();
    let report = world.ciam.purge_due(&*world.backend.deletions, 9).await.unwrap();
    assert_eq!(report.accounts[0].outcome, PurgeOutcome::Erased);
}

/// Every value of every table, as text where it is one and in hexadecimal besides.
fn values(connection: &Connection) -> Vec<(String, String)> {
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table'";
    let mut statement = connection.prepare(tables).unwrap();
    let names = statement.query_map((), |row| row.get::<_, String>(0)).unwrap();
    let mut values = Vec::new();
    for table in names.map(Result::unwrap) {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query(()).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                let text = match row.get_ref(column).unwrap() {
                    ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
                        String::from_utf8_lossy(bytes).into_owned()
                    }
                    _ => continue,
                };
                values.push((table.clone(), text));
            }
        }
    }
    values
}

const PERSONAL: [&str; 4] = ["wilhelmina", "13800004711", "8613800004711", "fake$"];

fn told(folder: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(folder.join("ciam.db")).unwrap();
    let personal = |(_, text): &(String, String)| PERSONAL.iter().any(|word| text.contains(word));
    values(&connection).into_iter().filter(personal).collect()
}

#[test]
fn nothing_personal_is_left_in_any_table_or_page() {
    let folder = TempDir::new().unwrap();
    {
        let world = world(folder.path());
        let person = block_on(busy(&world));
        let before = told(folder.path());
        for table in ["ciam_users", "ciam_flows"] {
            assert!(before.iter().any(|(held, _)| held == table), "{table} held something: {before:?}");
        }
        let hash = block_on(world.user(&person.id)).password.unwrap().current.as_str().to_owned();
        block_on(erased(&world, &person));
        assert_eq!(told(folder.path()), []);
        assert!(
            values(&Connection::open(folder.path().join("ciam.db")).unwrap())
                .iter()
                .all(|(_, text)| !text.contains(&hash))
        );
    }
    let connection = Connection::open(folder.path().join("ciam.db")).unwrap();
    connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").unwrap();
    drop(connection);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let path = file.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for word in PERSONAL {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{path:?} holds {word}");
        }
    }
}

#[test]
fn a_tombstone_outlives_the_process_and_a_rotation_of_keys() {
    let folder = TempDir::new().unwrap();
    {
        let world = world(folder.path());
        let person = block_on(busy(&world));
        block_on(erased(&world, &person));
    }
    let world = world(folder.path());
    // The chance of a world begins anew with it; the id of the erased account shall not be drawn again.
    world.random.fill(&mut [0; 4_096]).unwrap();
    world.keys.rotate();
    let name = NewUser { username: Some(Username::parse("WILHELMINA").unwrap()), ..NewUser::default() };
    let email = EmailAddress::parse("Wilhelmina@example.org").unwrap();
    let address = NewUser { email: Some(email), ..NewUser::default() };
    for (new, field) in [(name, UniqueField::Username), (address, UniqueField::Email)] {
        let refusal = block_on(world.ciam.create_user(ciam::Authority::Host, new)).unwrap_err();
        let conflict = matches!(&refusal, Error::Failed(Failure::Store(StoreError::Conflict { field: told })) if *told == field);
        assert!(conflict, "{refusal:?}");
    }
}
