//! Counts: their names, and the pauses between them.

use std::collections::BTreeSet;
use std::time::Duration;

use ciam_domain::Instant;
use ciam_domain::rate::{Counter, Limited, RateRule, RateScope, RateSubject};

const MINUTE: Duration = Duration::from_mins(1);

fn row(free: u32, max: Option<u32>) -> RateRule {
    RateRule::Backoff { free, base: MINUTE, cap: MINUTE * 60, forget: None, max }
}

fn counted(count: u32, at: Instant) -> Counter {
    Counter { count, first_at: at, last_at: at }
}

#[test]
fn every_count_has_a_name_of_its_own() {
    let names: Vec<_> = RateScope::ALL.into_iter().map(RateScope::as_str).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    let expected = [
        "resend_cooldown",
        "target_hour",
        "target_day",
        "account_sms_day",
        "account_email_day",
        "source_hour",
        "tenant_sms_hour",
        "code_hour",
        "code_day",
        "password",
        "totp",
        "recovery_code",
        "sign_in",
        "sign_in_anywhere",
        "sign_in_device",
        "sign_in_devices",
        "sign_in_source",
        "sign_in_without_captcha",
        "send_without_captcha",
        "sign_in_lock",
        "captcha",
        "contact_revert",
        "social_proof",
        "gesture_device",
        "gesture_challenge",
        "passkey",
        "passkey_challenge",
    ];
    assert_eq!(names, expected, "stores hold these names");
}

#[test]
fn a_count_shows_its_scope_and_the_beginning_of_its_digest() {
    let subject = RateSubject::new(&["alice"]);
    let shown = [format!("{:?}", subject.within(RateScope::CodeHour)), format!("{subject:?}")];
    for (shown, before) in shown.iter().zip(["RateKey(code_hour, ", "RateSubject("]) {
        let digest = shown.strip_prefix(before).and_then(|rest| rest.strip_suffix("..)"));
        assert_eq!(digest.map(str::len), Some(8), "{shown}");
    }
}

#[test]
fn before_the_first_pause_there_is_none() {
    let now = Instant::from_unix_seconds(1_000_000);
    for before in 1..5 {
        assert_eq!(
            row(5, None).admit(Some(counted(before, now)), now).map(|next| next.count),
            Ok(before + 1)
        );
    }
    assert_eq!(
        row(5, None).admit(Some(counted(5, now)), now),
        Err(Limited { until: Some(now.after(MINUTE)) })
    );
}

#[test]
fn a_row_ends_at_its_length_and_not_before() {
    let now = Instant::from_unix_seconds(1_000_000);
    let late = now.after(MINUTE * 60);
    assert_eq!(row(5, Some(100)).admit(Some(counted(99, now)), late).map(|next| next.count), Ok(100));
    assert_eq!(row(5, Some(100)).admit(Some(counted(100, now)), late), Err(Limited { until: None }));
}
