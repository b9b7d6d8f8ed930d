//! The page of limits gives the defaults that the code has.

use std::collections::BTreeMap;
use std::time::Duration;

use ciam::domain::flow::{CodePolicy, FlowPolicy};
use ciam::domain::password::PasswordPolicy;
use ciam::domain::recovery_code::RECOVERY_CODES;
use ciam::domain::user::MOST_HELD;
use ciam::{
    AttemptLimits, CaptchaPolicy, Config, FRESH_SIGN_IN, LOGIN_PAGE, SendLimits, SessionPolicy, SignInPolicy,
    TOTP_ENROLMENT,
};

use crate::tree;

fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "days"), (3_600, "h"), (60, "min"), (1, "s")];
    // A minute is written as 60 s, so a unit must fit more than once; an hour is an hour.
    let fits = |unit: u64| seconds.is_multiple_of(unit) && (seconds > unit || unit == 3_600 || unit == 1);
    let (unit, name) = units.into_iter().find(|(unit, _)| fits(*unit)).unwrap();
    format!("{} {name}", seconds / unit)
}

/// Every limit of flows and codes; a new field does not compile.
fn of_flows(policy: &FlowPolicy) -> Vec<(&'static str, String)> {
    let FlowPolicy {
        ttl,
        freshness,
        one_shot_freshness,
        recent_factor,
        two_factor: _,
        sign_in: _,
        methods: _,
        attempts,
        sends,
        password_tries,
        open_flows,
        code: CodePolicy { length, ttl: code_ttl },
    } = policy;
    vec![
        ("life of a flow", span(*ttl)),
        ("freshness of a proven factor", span(*freshness)),
        ("freshness of a sign-in that proves a call without a flow", span(one_shot_freshness.unwrap())),
        ("time for which a new address proves nothing beside another factor", span(*recent_factor)),
        ("attempts in a flow", attempts.to_string()),
        ("codes sent in a flow", sends.to_string()),
        ("refused new passwords in a flow", password_tries.to_string()),
        ("open flows of an account", open_flows.to_string()),
        ("digits of a code", length.to_string()),
        ("life of a code", span(*code_ttl)),
    ]
}

/// Every limit of sends; a new field does not compile.
fn of_sends(limits: &SendLimits) -> Vec<(&'static str, String)> {
    let SendLimits {
        cooldown,
        cooldown_cap,
        per_target_hour,
        per_target_day,
        sms_per_account_day,
        emails_per_account_day,
        per_source_hour,
        sms_per_tenant_hour,
    } = limits;
    let breaker = sms_per_tenant_hour.map_or_else(|| "no limit".to_owned(), |max| max.to_string());
    vec![
        ("pause of one account after a code to an address, doubling", span(*cooldown)),
        ("longest pause between codes", span(*cooldown_cap)),
        (
            "codes to one address, any account of the tenant",
            format!("{per_target_hour} in an hour, {per_target_day} in 24 hours"),
        ),
        ("text messages for one account", format!("{sms_per_account_day} in 24 hours")),
        ("e-mails for one account", format!("{emails_per_account_day} in 24 hours")),
        ("codes from one source (IPv4, or IPv6 /64)", format!("{per_source_hour} in an hour")),
        ("text messages of a tenant in an hour", breaker),
    ]
}

/// Every limit of attempts; a new field does not compile.
fn of_attempts(limits: &AttemptLimits) -> Vec<(&'static str, String)> {
    let AttemptLimits {
        codes_hour,
        codes_day,
        passwords_free,
        password_pause,
        password_pause_cap,
        passwords_max,
        social_hour,
    } = limits;
    vec![
        ("codes tried on an account in an hour", codes_hour.to_string()),
        ("codes tried on an account in 24 hours", codes_day.to_string()),
        ("wrong passwords before the first pause", passwords_free.to_string()),
        ("first pause, doubling", span(*password_pause)),
        ("longest pause", span(*password_pause_cap)),
        ("wrong passwords in a row before the password counts no longer", passwords_max.to_string()),
        ("proofs of accounts elsewhere tried by an account in an hour", social_hour.to_string()),
    ]
}

/// Every limit of sessions; a new field does not compile.
fn of_sessions(policy: &SessionPolicy) -> Vec<(&'static str, String)> {
    let SessionPolicy { ttl, idle: _, factor_ttl, factor_idle, access_ttl, refresh_leeway, acting: _ } =
        policy;
    let unused = factor_idle.map_or_else(|| "none".to_owned(), span);
    vec![
        ("life of a session", span(*ttl)),
        ("life of a session that several factors opened", span(*factor_ttl)),
        ("life of such a session without use", unused),
        ("life of an access token", span(*access_ttl)),
        (
            "time in which a replaced refresh token gives the same answer",
            format!("{} s", refresh_leeway.as_secs()),
        ),
    ]
}

/// Every limit of sign-in; a new field does not compile.
fn of_sign_in(policy: &SignInPolicy) -> Vec<(&'static str, String)> {
    let SignInPolicy { free, free_anywhere, pause, pause_cap, per_source_hour, lock: _ } = policy;
    vec![
        ("sign-ins tried under a name from one network before the first pause", free.to_string()),
        ("sign-ins tried under a name from anywhere before the first pause", free_anywhere.to_string()),
        ("first pause of sign-ins, doubling", span(*pause)),
        ("longest pause of sign-ins", span(*pause_cap)),
        ("sign-ins tried from one network in an hour", per_source_hour.to_string()),
    ]
}

/// Every limit of captchas; a new field does not compile.
fn of_captchas(policy: &CaptchaPolicy) -> Vec<(&'static str, String)> {
    let CaptchaPolicy { after_sends, after_failures, ttl } = policy;
    vec![
        ("codes to one address in an hour before a captcha", after_sends.to_string()),
        ("wrong codes and passwords of an account in an hour before a captcha", after_failures.to_string()),
        ("life of a captcha", span(*ttl)),
    ]
}

fn of_the_rest(config: &Config) -> Vec<(&'static str, String)> {
    let password = &config.password;
    let single = PasswordPolicy::without_second_factor();
    vec![
        (
            "shortest password",
            format!(
                "{}; a preset of {} for hosts without a second factor",
                password.min_length(),
                single.min_length()
            ),
        ),
        ("longest password", format!("{} characters, 1024 bytes", password.max_length())),
        ("passwords that may not return, the present one included", password.history_depth().to_string()),
        ("sign-in before ending other sessions", span(FRESH_SIGN_IN)),
        ("hold of a replaced address", span(config.contact.hold)),
        ("pause of changes after a revert", span(config.contact.pause)),
        ("addresses held for an account", MOST_HELD.to_string()),
        ("time to confirm an authenticator app", span(TOTP_ENROLMENT)),
        ("recovery codes in a set", RECOVERY_CODES.to_string()),
        ("grace of a deletion", span(config.deletion.grace)),
        ("identifiers of an erased account kept from others", span(config.deletion.tombstone)),
        ("logins kept", span(config.login_history.keep)),
        ("logins in a page", LOGIN_PAGE.to_string()),
    ]
}

#[test]
fn the_page_gives_the_defaults_of_the_code() {
    let rows = tree::table_rows(&tree::read("docs/security.md"));
    let written: BTreeMap<_, _> =
        rows.iter().filter(|row| row.len() == 4).map(|row| (row[0].as_str(), row[1].as_str())).collect();
    let config = Config::default();
    let limits = [
        of_flows(&config.flow),
        of_sends(&config.send),
        of_attempts(&config.attempts),
        of_sessions(&config.session),
        of_sign_in(&config.sign_in),
        of_captchas(&config.captcha),
        of_the_rest(&config),
    ];
    for (limit, default) in limits.concat() {
        assert_eq!(written.get(limit), Some(&default.as_str()), "{limit}");
    }
}
