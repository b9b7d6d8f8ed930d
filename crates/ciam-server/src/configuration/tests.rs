//! Reading of files and environments.

use std::io::Write;
use std::time::Duration;

use ciam::domain::flow::TwoFactor;

use super::*;

fn load(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, String> {
    let mut file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    file.write_all(toml.as_bytes()).unwrap();
    let pairs = environment.iter().map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Settings::from_sources(Some(file.path()), pairs).map_err(|stop| stop.to_string())
}

#[test]
fn nothing_set_gives_the_defaults_of_the_library() {
    let config = load("", &[]).unwrap().core().unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", Config::default()));
}

#[test]
fn the_environment_wins_over_the_file() {
    let toml = "[policy]\ntwo_factor = \"required\"\n[code]\nlength = 7\nttl = \"2m\"";
    let config = load(toml, &[("CIAM_CODE__LENGTH", "8")]).unwrap().core().unwrap();
    assert_eq!(config.flow.code.length, 8);
    assert_eq!(config.flow.code.ttl.as_secs(), 120);
    assert_eq!(config.flow.two_factor, TwoFactor::Required);
}

#[test]
fn names_without_a_double_underscore_are_no_settings() {
    assert!(load("", &[("CIAM_FOO", "1"), ("CIAM_REQUIRE_SERVICES", "1"), ("OTHER__X", "1")]).is_ok());
    assert!(load("", &[("CIAM_FOO__BAR", "1")]).unwrap_err().contains("foo"));
}

#[test]
fn unknown_keys_are_named() {
    assert!(load("[flow]\nttll = \"5m\"", &[]).unwrap_err().contains("ttll"));
    assert!(load("[flo]\nttl = \"5m\"", &[]).unwrap_err().contains("flo"));
}

#[test]
fn what_is_out_of_range_is_named_with_its_range() {
    let cases = [
        ("[code]\nlength = 5", "code.length must be 6 to 10"),
        ("[flow]\nttl = \"31m\"", "flow.ttl must be 2 to 30 minutes"),
        ("[flow]\nmethods = [\"SMS\", \"FAX\"]", "flow.methods"),
        ("[send]\ncooldown = \"29s\"", "send.cooldown"),
        ("[contact]\nhold = \"31d\"", "contact.hold must be 0 to 30 days"),
        ("[contact]\npause = \"31d\"", "contact.pause must be 0 to 30 days"),
        ("[flow]\nrecent_factor = \"31d\"", "flow.recent_factor must be 0 to 30 days"),
        ("[flow]\nsign_in = \"x\"", "must be one of required, when_available, off"),
        ("[session]\nttl = \"31d\"", "session.ttl must be over 0 and up to 30 days"),
        ("[session]\nfactor_ttl = \"31d\"", "session.factor_ttl must be over 0 and up to session.ttl"),
        ("[session]\naccess_ttl = \"3h\"", "session.access_ttl must be over 0 and up to 2 hours"),
        ("[session]\nidle = \"1m\"", "session.idle must be session.access_ttl or more"),
        ("[session]\nfactor_idle = \"1m\"", "session.factor_idle must be session.access_ttl or more"),
        ("[session]\nrefresh_leeway = \"61s\"", "session.refresh_leeway must be up to 60 seconds"),
        ("[session]\nidle = \"never\"", "a span of time"),
        ("[password]\nmin_length = 7", "8 to 64"),
        ("[phone]\nserved = [86, 999]", "phone.served"),
        ("[hasher]\nmemory_kib = 1024", "hasher"),
        ("[tokens]\nttl = \"0s\"", "tokens.ttl"),
        ("[tokens]\nclock_skew = \"61s\"", "tokens.clock_skew"),
        ("[policy]\ntwo_factor = \"x\"", "must be one of required, when_available, off"),
        ("[deletion]\ngrace = \"31d\"", "deletion.grace must be 0 to 30 days"),
        ("[deletion]\ntombstone = \"366d\"", "deletion.tombstone must be 0 to 365 days"),
        ("[server]\nrequest_timeout = \"0s\"", "server.request_timeout"),
        ("[captcha]\nkind = \"x\"", "must be one of none, image"),
        ("[captcha]\nafter_sends = 101", "captcha.after_sends must be 0 to 100"),
        ("[captcha]\nafter_failures = 101", "captcha.after_failures must be 0 to 100"),
        ("[captcha]\nttl = \"59s\"", "captcha.ttl must be 1 to 10 minutes"),
        ("[captcha]\nttl = \"11m\"", "captcha.ttl must be 1 to 10 minutes"),
    ];
    for (toml, wanted) in cases {
        let said = load(toml, &[]).unwrap_err();
        assert!(said.contains(wanted), "{toml}: {said}");
    }
}

#[test]
fn numbers_that_do_not_fit_are_errors_and_not_cut() {
    assert!(load("[code]\nlength = 262", &[]).is_err());
    assert!(load("", &[("CIAM_CODE__LENGTH", "262")]).is_err());
}

#[test]
fn sessions_may_be_short_and_may_end_unused_or_not() {
    let toml = "[session]\nttl = \"12h\"\nidle = \"2h\"\nfactor_idle = \"none\"\naccess_ttl = \"5m\"";
    let session = load(toml, &[("CIAM_SESSION__REFRESH_LEEWAY", "30s")]).unwrap().core().unwrap().session;
    assert_eq!((session.idle, session.factor_idle), (Some(Duration::from_hours(2)), None));
    assert_eq!((session.ttl, session.factor_ttl), (Duration::from_hours(12), Duration::from_hours(12)));
    assert_eq!((session.access_ttl.as_secs(), session.refresh_leeway.as_secs()), (300, 30));
    let flow = load("[flow]\nsign_in = \"required\"", &[]).unwrap().core().unwrap().flow;
    assert_eq!(flow.sign_in, TwoFactor::Required);
}

#[test]
fn lists_come_as_arrays_or_with_commas() {
    let from_file = load("[flow]\nmethods = [\"SMS\", \"PWD\"]", &[]).unwrap().core().unwrap();
    let from_environment =
        load("", &[("CIAM_FLOW__METHODS", "SMS, PWD"), ("CIAM_PHONE__SERVED", "86,852")]).unwrap();
    assert_eq!(from_file.flow.methods, from_environment.core().unwrap().flow.methods);
    assert_eq!(from_environment.core().unwrap().phone.served.unwrap().len(), 2);
}

#[test]
fn databases_that_this_build_lacks_are_named() {
    let said = load("[storage]\nurl = \"postgres://localhost/ciam\"", &[]).unwrap_err();
    assert_eq!(said, "configuration: storage.url: this build has no PostgreSQL storage");
    let said = load("[flows]\nurl = \"redis://localhost\"", &[]).unwrap_err();
    assert_eq!(said, "configuration: flows.url: this build has no Redis storage");
}

#[test]
fn a_named_file_must_exist() {
    assert!(Settings::from_sources(Some(Path::new("/nowhere/ciam.toml")), std::iter::empty()).is_err());
}

const EXAMPLE: &str = include_str!("../../ciam.example.toml");

/// The example with every setting in force.
fn example() -> String {
    let setting =
        |line: &str| line.strip_prefix("#").filter(|rest| !rest.starts_with(' ')).map(str::to_owned);
    EXAMPLE.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

/// What the error about an unknown key says of the known ones.
fn keys_of(header: &str) -> Vec<String> {
    let said = load(&format!("{header}\nno_such_key = 1"), &[]).unwrap_err();
    let known = said.split(", expected ").nth(1).unwrap().split(" for key").next().unwrap();
    known.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_example_shows_the_defaults() {
    let shown = load(&example(), &[]).unwrap();
    assert_eq!(format!("{:?}", shown.core().unwrap()), format!("{:?}", Config::default()));
    let default = Settings::default();
    let process = |settings: &Settings| {
        let Settings { server, log, storage, flows, delivery, dialects, captcha, .. } = settings;
        format!("{server:?} {log:?} {storage:?} {flows:?} {delivery:?} {dialects:?} {:?}", captcha.kind)
    };
    assert_eq!(process(&shown), process(&default));
    assert_eq!(shown.hasher.cost().unwrap(), default.hasher.cost().unwrap());
    assert_eq!((shown.tokens.issuer, shown.tokens.ttl), (default.tokens.issuer, default.tokens.ttl));
}

#[test]
fn passkeys_are_for_a_domain_or_there_are_none() {
    let party = |toml: &str| load(toml, &[]).map(|settings| settings.passkeys.party().unwrap());
    assert_eq!(party("").unwrap(), None);
    let own = party("[passkeys]\nid = \"example.com\"").unwrap().unwrap();
    assert_eq!((own.id(), own.name()), ("example.com", "example.com"));
    assert_eq!(own.origins().collect::<Vec<_>>(), ["https://example.com"]);
    let several = "[passkeys]\nid = \"localhost\"\nname = \"Example\"\norigins = \"http://localhost:8080,https://a.localhost\"";
    assert_eq!(party(several).unwrap().unwrap().origins().count(), 2);
    for (toml, setting) in [
        ("id = \"https://example.com\"", "passkeys.id"),
        ("name = \"Example\"", "passkeys.id"),
        ("id = \"example.com\"\norigins = [\"http://example.com\"]", "passkeys.origins"),
        ("id = \"example.com\"\norigins = []", "passkeys.origins"),
        ("id = \"example.com\"\nname = \"\"", "passkeys.name"),
        ("id = \"example.com\"\nuser_verification = \"never\"", "user_verification"),
    ] {
        let said = load(&format!("[passkeys]\n{toml}"), &[]).unwrap_err();
        assert!(said.contains(setting), "{toml}: {said}");
    }
}

#[test]
fn every_section_that_is_out_of_its_range_is_told() {
    let toml = "[flow]\nttl = \"5h\"\n[code]\nlength = 99\n[password]\nmin_length = 2\n[server]\nheader_timeout = \"61s\"";
    let said = load(toml, &[]).unwrap_err();
    let told: Vec<_> = said.lines().collect();
    assert_eq!(told.len(), 4, "{said}");
    for (line, setting) in told.iter().zip(["flow.ttl", "code.length", "[password]", "server.header_timeout"])
    {
        assert!(line.contains(setting), "{line}");
    }
}

#[test]
fn the_example_names_every_setting() {
    for section in keys_of("") {
        let header =
            if section == "dialects" { "[dialects.alibaba]".to_owned() } else { format!("[{section}]") };
        let part = EXAMPLE.split(&format!("{header}\n")).nth(1).unwrap_or_else(|| panic!("{header}"));
        let part = part.split("\n[").next().unwrap();
        for key in keys_of(&header).iter().filter(|key| *key != "foreign") {
            assert!(
                part.contains(&format!("#{key} = ")) || part.contains(&format!("# {key} = ")),
                "{header} {key}"
            );
        }
    }
}

#[test]
fn names_with_an_empty_part_are_errors() {
    for name in ["CIAM__A", "CIAM___", "CIAM___CODE__LENGTH", "CIAM_CODE__", "CIAM_CODE____LENGTH"] {
        let said = load("", &[(name, "8")]).unwrap_err();
        assert!(said.contains(name), "{name}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_value_that_is_no_text_is_an_error_that_names_the_variable_alone() {
    use std::os::unix::ffi::OsStringExt;
    let broken = || OsString::from_vec(b"secret\xff".to_vec());
    let with = |name: &str| {
        let variables = [(OsString::from(name), broken())];
        Settings::from_sources(Some(Path::new("/dev/null")), variables.into_iter())
    };
    let said = with("CIAM_CODE__LENGTH").unwrap_err().to_string();
    assert_eq!(said, "configuration: CIAM_CODE__LENGTH in the environment is not UTF-8");
    assert!(with("CIAM_FOO").is_ok() && with("PATH").is_ok(), "others are none of our business");
}

#[cfg(unix)]
#[test]
fn the_null_device_is_an_empty_file_and_a_directory_is_an_error() {
    let from = |path| Settings::from_sources(Some(Path::new(path)), std::iter::empty());
    assert!(from("/dev/null").is_ok());
    assert!(from("/").unwrap_err().to_string().starts_with("configuration: /: "));
}

#[test]
fn every_error_says_that_it_is_of_the_configuration() {
    for toml in [
        "[password]\nmin_length = 7",
        "[password]\nhistory = 25",
        "[password]\ncontext_words = [\"abc\"]",
        "[phone]\nserved = []",
        "[server]\nheader_timeout = \"61s\"",
        "[server]\nheader_timeout = \"0s\"",
        "[server]\nconnections = 0",
        "[tokens]\nttl = \"999ms\"",
        "[tokens]\nttl = \"86401s\"",
    ] {
        let said = load(toml, &[]).unwrap_err();
        assert!(said.starts_with("configuration: "), "{toml}: {said}");
    }
    assert!(load("[tokens]\nttl = \"1s\"", &[]).is_ok() && load("[tokens]\nttl = \"24h\"", &[]).is_ok());
}
