//! What a configuration may say, seen from outside.

use crate::home::{Home, error_of};

fn check(toml: &str, environment: &[(&'static str, &'static str)]) -> (Option<i32>, String) {
    let home = Home::new().with_environment(environment);
    home.write("ciam.toml", toml);
    let output = home.run(&["config", "check"]);
    assert_eq!(output.status.success(), !output.stdout.is_empty());
    (output.status.code(), error_of(&output))
}

#[test]
fn good_settings_pass() {
    let toml =
        "[policy]\ntwo_factor = \"required\"\n[server]\nlisten = \"127.0.0.1:9000\"\n[code]\nttl = \"2m\"";
    assert_eq!(check(toml, &[]), (Some(0), String::new()));
}

#[test]
fn unknown_keys_and_values_out_of_range_end_with_2_and_are_named() {
    for (toml, named) in [
        ("[polcy]\ntwo_factor = \"off\"", "polcy"),
        ("[policy]\ntwofactor = \"off\"", "twofactor"),
        ("[policy]\ntwo_factor = \"never\"", "two_factor"),
        ("[code]\nlength = 5", "code.length must be 6 to 10 digits"),
        ("[flow]\nttl = 600", "flow.ttl"),
        ("not toml", "ciam.toml"),
    ] {
        let (status, said) = check(toml, &[]);
        assert_eq!(status, Some(2), "{toml}");
        assert!(said.contains(named) && said.lines().count() == 1, "{toml}: {said}");
    }
}

#[test]
fn every_defect_is_told_on_a_line_of_its_own() {
    let toml =
        "[polcy]\na = 1\n[policy]\ntwo_factor = \"never\"\n[flow]\nttl = 600\nmax = 1\n[code]\nlength = 7";
    let (status, said) = check(toml, &[("CIAM_SESSION__TTL", "soon")]);
    assert_eq!((status, said.lines().count()), (Some(2), 5), "{said}");
    for named in ["polcy", "two_factor", "flow.ttl", "max", "session.ttl"] {
        assert!(said.contains(named), "{named}: {said}");
    }
    let toml = "[code]\nlength = 5\n[server]\nheader_timeout = \"1h\"\n[storage]\nurl = \"mysql://a\"";
    let (status, said) = check(toml, &[]);
    assert_eq!((status, said.lines().count()), (Some(2), 3), "{said}");
    let (_, said) = check("[code]\nlength = 7\nnot toml", &[]);
    assert!(said.contains("line 3"), "{said}");
}

#[test]
fn the_environment_sets_what_it_names_with_two_underscores_and_nothing_else() {
    assert_eq!(check("", &[("CIAM_FOO", "1")]).0, Some(0));
    assert_eq!(check("", &[("CIAM_FOO__BAR", "1")]).0, Some(2));
    assert_eq!(check("[code]\nlength = 7", &[("CIAM_CODE__LENGTH", "99")]).0, Some(2));
    assert_eq!(check("[code]\nlength = 99", &[("CIAM_CODE__LENGTH", "7")]).0, Some(0));
}

#[test]
fn the_demo_looks_at_the_environment_too() {
    let demo = |name, value| Home::new().with_environment(&[(name, value)]).run(&["demo", "--walk"]);
    for unknown in ["CIAM_FOO__BAR", "CIAM__A"] {
        let output = demo(unknown, "1");
        assert_eq!(output.status.code(), Some(2), "{unknown}");
        assert!(output.stdout.is_empty() && error_of(&output).contains("configuration: "), "{unknown}");
    }
    let output = demo("CIAM_CODE__LENGTH", "8");
    assert_eq!(output.status.code(), Some(0));
    assert!(error_of(&output).contains("not in force"), "what is set is not dropped without a word");
}

#[cfg(unix)]
#[test]
fn a_setting_that_is_no_text_is_named_without_its_value() {
    use std::os::unix::ffi::OsStrExt;
    let home = Home::new();
    let mut command = home.command(&["config", "check", "--config", "/dev/null"]);
    command.env("CIAM_CODE__LENGTH", std::ffi::OsStr::from_bytes(b"7\xff"));
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = error_of(&output);
    assert_eq!(said.trim_end(), "configuration: CIAM_CODE__LENGTH in the environment is not UTF-8");
}

#[test]
fn other_databases_are_refused_without_telling_their_password() {
    let (status, said) = check("[storage]\nurl = \"postgres://ciam:secret@db/ciam\"", &[]);
    assert_eq!(status, Some(2));
    assert!(said.contains("no PostgreSQL storage") && !said.contains("secret"), "{said}");
    assert_eq!(check("", &[("CIAM_FLOWS__URL", "redis://localhost")]).0, Some(2));
}

#[test]
fn a_server_does_not_begin_with_a_configuration_that_cannot_be_used() {
    let home = Home::new();
    home.write("other.toml", "[code]\nlength = 1");
    let output = home.run(&["serve", "--config", "other.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!home.path("ciam.db").exists());
    assert_eq!(home.run(&["serve", "--config", "missing.toml"]).status.code(), Some(2));
}

#[test]
fn another_issuer_needs_a_file_with_keys_that_can_be_used() {
    let home = Home::new();
    let foreign = "[[tokens.foreign]]\nissuer = \"https://id.example\"\naudience = \"account\"\njwks_file = \"jwks.json\"";
    home.write("ciam.toml", foreign);
    let check = || {
        let output = home.run(&["config", "check"]);
        (output.status.code(), error_of(&output))
    };
    assert!(check().1.contains("jwks.json"));
    home.write("jwks.json", r#"{"keys": []}"#);
    assert!(check().1.contains("https://id.example"));
    let key =
        r#"{"kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    home.write("jwks.json", &format!(r#"{{"keys": [{key}]}}"#));
    assert_eq!(check(), (Some(0), String::new()));
}
