//! What stands in the file after messages were sent.

#![expect(clippy::expect_used, reason = "a test that cannot be set up shall fail")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ciam_delivery_file::FileDelivery;
use ciam_ports::domain::challenge::{Code, Purpose};
use ciam_ports::domain::flow::Operation;
use ciam_ports::domain::identifier::email_address::EmailAddress;
use ciam_ports::domain::identifier::phone_number::PhoneNumber;
use ciam_ports::domain::notice::{Notice, NoticeKind};
use ciam_ports::domain::user::Address;
use ciam_ports::domain::{EventId, Instant, TenantId, UserId};
use ciam_ports::{Clock, DeliveryError, NoticeMessage, NoticeSender, OtpMessage, OtpSender};
use futures_executor::block_on;

struct Noon;

impl Clock for Noon {
    fn now(&self) -> Instant {
        Instant::from_unix_micros(1_800_000_000_250_000)
    }
}

struct Outbox {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Outbox {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { path: folder.path().join("messages.jsonl"), _folder: folder }
    }

    fn open(&self) -> FileDelivery {
        open(&self.path).expect("a file")
    }

    fn lines(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.path).expect("a file");
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(str::to_owned).collect()
    }
}

fn open(path: &Path) -> std::io::Result<FileDelivery> {
    FileDelivery::open(path, Arc::new(Noon))
}

fn phone() -> Address {
    Address::Phone(PhoneNumber::parse("+86 138-0000-0000", None).expect("a number"))
}

fn email() -> Address {
    Address::Email(EmailAddress::parse("New.Owner@Example.COM").expect("an address"))
}

fn message(to: Address, purpose: Purpose, language: Option<&str>) -> OtpMessage {
    let language = language.map(str::to_owned);
    OtpMessage { to, purpose, code: Code::presented("123456"), language, gateway: None }
}

fn second_factor(language: Option<&str>) -> OtpMessage {
    message(phone(), Purpose::SecondFactor(Operation::UpdatePassword), language)
}

fn notice(to: Address, kind: NoticeKind) -> NoticeMessage {
    let id = EventId::from_random([0xab; 16]);
    let user = UserId::parse("user-1").expect("an id");
    let tenant = TenantId::default();
    let notice = Notice { id, tenant, user, kind, to, at: Instant::EPOCH, revert: None };
    NoticeMessage { notice, revert: None }
}

fn send(delivery: &FileDelivery, message: OtpMessage) {
    block_on(OtpSender::send(delivery, message)).expect("sent");
}

#[test]
fn a_code_is_one_line_with_its_keys_in_order() {
    let outbox = Outbox::new();
    send(&outbox.open(), second_factor(None));
    let expected = concat!(
        r#"{"at":"2027-01-15T08:00:00.25Z","channel":"SMS","to":"+8613800000000","#,
        r#""purpose":"update_password.second_factor","language":"en","code":"123456","#,
        r#""text":"Your code to change the password of your account is 123456. If you did not ask for it, "#,
        r#"ignore this message. Never pass it on."}"#,
    );
    assert_eq!(outbox.lines(), [expected]);
}

#[test]
fn a_code_for_a_new_address_says_so_in_the_language_asked_for() {
    let outbox = Outbox::new();
    send(&outbox.open(), message(email(), Purpose::NewAddress(Operation::UpdateEmail), Some("zh-CN")));
    let expected = concat!(
        r#"{"at":"2027-01-15T08:00:00.25Z","channel":"EMAIL","to":"new.owner@example.com","#,
        r#""purpose":"update_email.new_address","language":"zh-CN","code":"123456","#,
        r#""text":"验证码 123456，用于将此邮箱绑定到账号。如非本人操作，请忽略本消息。请勿将验证码告知他人。"}"#,
    );
    assert_eq!(outbox.lines(), [expected]);
}

#[test]
fn a_notice_has_no_code_and_names_its_event() {
    let outbox = Outbox::new();
    let delivery = outbox.open();
    for _ in 0..2 {
        block_on(NoticeSender::send(&delivery, notice(email(), NoticeKind::AccountDeleted))).expect("sent");
    }
    let expected = concat!(
        r#"{"at":"2027-01-15T08:00:00.25Z","channel":"EMAIL","to":"new.owner@example.com","#,
        r#""purpose":"account_deleted","language":"en","code":null,"#,
        r#""text":"Your account was deleted. If it was not you, contact us at once.","#,
        r#""event":"abababababababababababababababab"}"#,
    );
    assert_eq!(outbox.lines(), [expected, expected]);
}

#[test]
fn a_notice_of_a_replaced_address_has_the_code_that_gives_it_back() {
    let outbox = Outbox::new();
    let revert = Some(Code::presented("0123456789ABCDEF"));
    let message = NoticeMessage { revert, ..notice(email(), NoticeKind::EmailChanged) };
    block_on(NoticeSender::send(&outbox.open(), message)).expect("sent");
    let expected = concat!(
        r#"{"at":"2027-01-15T08:00:00.25Z","channel":"EMAIL","to":"new.owner@example.com","#,
        r#""purpose":"email_changed","language":"en","code":"0123456789ABCDEF","#,
        r#""text":"The e-mail address of your account was changed. If it was not you, recover your account at once. "#,
        r#"To have this address back, use the code 0123456789ABCDEF. Never pass it on.","#,
        r#""event":"abababababababababababababababab"}"#,
    );
    assert_eq!(outbox.lines(), [expected]);
}

#[test]
fn the_language_of_the_host_holds_where_none_is_asked_for() {
    let outbox = Outbox::new();
    let delivery = outbox.open().with_language("zh");
    send(&delivery, second_factor(None));
    send(&delivery, second_factor(Some("en-GB")));
    block_on(NoticeSender::send(&delivery, notice(phone(), NoticeKind::PasswordChanged))).expect("sent");
    let lines = outbox.lines();
    for (line, part) in
        lines.iter().zip(["用于修改您的账号密码", "Your code to change", "您的账号密码已修改"])
    {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(lines.len(), 3);
}

#[test]
fn control_characters_cannot_break_a_line() {
    let outbox = Outbox::new();
    let hostile = "en\n{\"code\":\"000000\"}\r\n\u{0}\u{1b}[2J\u{7f}\"\\";
    send(&outbox.open(), second_factor(Some(hostile)));
    let lines = outbox.lines();
    assert_eq!(lines.len(), 1);
    let line: serde_json::Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!(
        (&line["language"], &line["code"]),
        (&serde_json::json!(hostile), &serde_json::json!("123456"))
    );
}

#[test]
fn lines_sent_at_once_do_not_mingle() {
    let outbox = Outbox::new();
    let delivery = outbox.open();
    let long = "x".repeat(20_000);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| send(&delivery, second_factor(Some(&long)))));
        }
    });
    let lines = outbox.lines();
    assert_eq!(lines.len(), 400);
    for line in lines {
        let line: serde_json::Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(line["language"], long.as_str());
    }
}

#[test]
fn messages_are_added_to_what_is_there() {
    let outbox = Outbox::new();
    for _ in 0..2 {
        send(&outbox.open(), second_factor(None));
    }
    assert_eq!(outbox.lines().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_new_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let outbox = Outbox::new();
    let _delivery = outbox.open();
    let mode = std::fs::metadata(&outbox.path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_file_that_cannot_be_opened_is_an_error() {
    assert!(open(Path::new("/nowhere/at/all/messages.jsonl")).is_err());
}

#[cfg(target_os = "linux")]
#[test]
fn a_message_that_cannot_be_written_is_told() {
    let full = open(Path::new("/dev/full")).expect("a device");
    let outcome = block_on(OtpSender::send(&full, second_factor(None)));
    assert!(matches!(outcome, Err(DeliveryError::Unavailable(_))));
}

#[test]
fn a_torn_last_line_does_not_swallow_the_next_message() {
    let outbox = Outbox::new();
    std::fs::write(&outbox.path, "{\"at\":\"2027-01").expect("written");
    let delivery = outbox.open();
    send(&delivery, second_factor(None));
    send(&delivery, second_factor(None));
    let lines = outbox.lines();
    assert_eq!((lines.len(), lines[0].as_str()), (3, "{\"at\":\"2027-01"));
    assert!(lines[1..].iter().all(|line| line.starts_with('{') && line.ends_with('}')));
}

#[test]
fn a_file_that_was_renamed_or_removed_is_begun_anew() {
    let outbox = Outbox::new();
    let delivery = outbox.open();
    send(&delivery, second_factor(None));
    std::fs::rename(&outbox.path, outbox.path.with_extension("old")).expect("renamed");
    send(&delivery, second_factor(None));
    assert_eq!(outbox.lines().len(), 1);
    std::fs::remove_file(&outbox.path).expect("removed");
    send(&delivery, second_factor(None));
    assert_eq!(outbox.lines().len(), 1);
}

/// Whether both senders say that they can be used.
fn answers(delivery: &FileDelivery) -> [bool; 2] {
    [block_on(OtpSender::ping(delivery)).is_ok(), block_on(NoticeSender::ping(delivery)).is_ok()]
}

#[test]
fn a_file_that_cannot_be_appended_to_is_told_before_a_message_is_lost() {
    let outbox = Outbox::new();
    let delivery = outbox.open();
    assert_eq!(answers(&delivery), [true; 2]);
    assert!(outbox.lines().is_empty(), "a question writes nothing");
    std::fs::remove_file(&outbox.path).expect("removed");
    std::fs::create_dir(&outbox.path).expect("a folder");
    assert_eq!(answers(&delivery), [false; 2]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_regular_file_is_not_ready() {
    assert_eq!(answers(&open(Path::new("/dev/full")).expect("a device")), [false; 2]);
}
