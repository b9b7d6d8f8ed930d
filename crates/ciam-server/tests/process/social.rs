//! Social sources from a file and over HTTP, and their secrets, seen from outside.

use serde_json::{Value, json};

use crate::home::{Home, error_of};
use crate::server::Server;

const SOURCES: &str = r#"
[[social_source]]
id = "wechat-1"
name = "WeChat"
social_type = "wechat"
logo = "wechat.png"
settings = { client_id = "wx1" }

[[social_source]]
id = "off"
name = "Off"
social_type = "oidc"
enabled = false
"#;

const SECRET: &str =
    "[[social.secret]]\nsource = \"wechat-1\"\nsocial_type = \"wechat\"\nsecret = { file = \"s3cret\" }";

fn check(home: &Home, toml: &str) -> (Option<i32>, String) {
    home.write("ciam.toml", toml);
    let output = home.run(&["config", "check"]);
    (output.status.code(), error_of(&output))
}

#[cfg(feature = "full")]
#[test]
fn secrets_are_read_at_the_start_and_never_shown() {
    let home = Home::new().with_environment(&[("WECHAT", "t0p s3cret")]);
    let (status, said) = check(&home, SECRET);
    assert_eq!(status, Some(2));
    assert!(said.contains("wechat-1"), "{said}");
    home.write("s3cret", "t0p s3cret\n");
    assert_eq!(check(&home, SECRET), (Some(0), String::new()));
    let environment = SECRET.replace("file = \"s3cret\"", "env = \"WECHAT\"");
    assert_eq!(check(&home, &environment), (Some(0), String::new()));
    for (from, to, named) in [
        ("\"wechat\"", "\"alipay\"", "the key is neither PEM nor base64"),
        ("\"wechat\"", "\"weibo\"", "social_type must be"),
        ("{ file = \"s3cret\" }", "\"t0p s3cret\"", "not written here"),
        ("source = ", "sauce = ", "sauce"),
    ] {
        let (status, said) = check(&home, &SECRET.replace(from, to));
        assert_eq!(status, Some(2), "{to}");
        assert!(said.contains(named) && !said.contains("t0p"), "{to}: {said}");
    }
}

#[cfg(not(feature = "full"))]
#[test]
fn a_build_without_providers_says_so() {
    let (status, said) = check(&Home::new(), SECRET);
    assert_eq!((status, said.contains("this build has no social providers")), (Some(2), true), "{said}");
    assert_eq!(check(&Home::new(), "[social]\nproxies = \"environment\"").0, Some(2));
}

/// What became of each source of a file.
fn applied(home: &Home, text: &str) -> Vec<(String, String)> {
    home.write("setup.toml", text);
    let output = home.run(&["apply", "setup.toml"]);
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let lines = text.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["section"], "social_source");
        let told = |key: &str| line[key].as_str().unwrap().to_owned();
        (told("id"), told("did"))
    });
    lines.collect()
}

#[test]
fn sources_of_a_file_are_listed_by_a_running_server_and_set_again_as_the_file_has_them() {
    let home = Home::new();
    home.write("wechat.png", "logo");
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let listed = || server.ask(&token, "GET /user/social_bind_info", None).body["data"].clone();
    assert_eq!(listed(), json!([]));
    let did = |first: &str, second: &str| {
        [("wechat-1".to_owned(), first.to_owned()), ("off".to_owned(), second.to_owned())]
    };
    assert_eq!(applied(&home, SOURCES), did("created", "created"));
    let source = json!({
        "name": "WeChat", "enterpriseAuthId": "wechat-1", "logo": "bG9nbw==", "socialType": "wechat",
        "socialUserId": null, "bound": false,
    });
    assert_eq!(listed(), json!([source]));
    assert_eq!(applied(&home, SOURCES), did("unchanged", "unchanged"));
    let switched =
        SOURCES.replace("enabled = false", "enabled = true").replace("logo = \"wechat.png\"\n", "");
    assert_eq!(applied(&home, &switched), did("updated", "updated"));
    let shown = listed();
    assert_eq!(
        (&shown[0]["enterpriseAuthId"], &shown[1]["enterpriseAuthId"]),
        (&json!("off"), &json!("wechat-1"))
    );
    assert_eq!(shown[1]["logo"], Value::Null);
    let trail = home.run(&["audit", "--action", "put_social_source"]);
    let records = String::from_utf8(trail.stdout).unwrap();
    assert_eq!((records.lines().count(), records.matches("\"wechat-1\"").count()), (4, 2), "{records}");
    home.run(&["social", "remove", "off"]);
    home.run(&["social", "disable", "wechat-1"]);
    assert_eq!(listed(), json!([]));
}

/// The lines that a command prints.
fn lines(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let output = home.run(arguments);
    assert_eq!(output.status.code(), Some(0), "{}", error_of(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn sources_are_listed_switched_and_removed_by_the_operator() {
    let home = Home::new();
    home.write("wechat.png", "logo");
    let has_providers = cfg!(feature = "full");
    home.write("setup.toml", SOURCES);
    let put = lines(&home, &["apply", "setup.toml"]);
    let why = json!("this build has no verifier for its social_type");
    let why = if has_providers { Value::Null } else { why };
    assert_eq!(
        (&put[0]["notOffered"], &put[1]["notOffered"]),
        (&why, &Value::Null),
        "off is not offered anyway"
    );
    let mut wechat = json!({
        "id": "wechat-1", "name": "WeChat", "socialType": "wechat", "enabled": true,
        "offered": has_providers, "settings": {"client_id": "wx1"},
    });
    if !has_providers {
        wechat["notOffered"] = why;
    }
    let off = json!({
        "id": "off", "name": "Off", "socialType": "oidc", "enabled": false, "offered": false, "settings": {},
    });
    assert_eq!(lines(&home, &["social", "list"]), [off.clone(), wechat]);
    for (what, source, did) in [
        ("disable", "wechat-1", "disabled"),
        ("disable", "wechat-1", "unchanged"),
        ("enable", "off", "enabled"),
        ("enable", "wechat-1", "enabled"),
        ("remove", "wechat-1", "removed"),
        ("remove", "wechat-1", "unchanged"),
    ] {
        assert_eq!(lines(&home, &["social", what, source]), [json!({"id": source, "did": did})], "{what}");
    }
    let left = lines(&home, &["social", "list"]);
    assert_eq!((left.len(), &left[0]["id"], &left[0]["enabled"]), (1, &off["id"], &json!(true)));
    let unknown = home.run(&["social", "enable", "wechat-1"]);
    assert_eq!(unknown.status.code(), Some(1), "{}", error_of(&unknown));
}

#[cfg(not(feature = "full"))]
#[test]
fn a_build_without_providers_lists_a_source_and_does_not_bind_it() {
    let home = Home::new();
    home.write("wechat.png", "logo");
    applied(&home, SOURCES);
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let body = json!({"code": "a code of theirs", "enterpriseAuthId": "wechat-1"});
    let answer = server.ask(&token, "POST /user/social/bind", Some(body));
    assert_eq!((answer.status, &answer.body["code"]), (200, &json!("Operation.Denied")));
    assert_eq!(answer.body["message"], "Operation.Denied.Social.Not.Offered");
    let listed = server.ask(&token, "GET /user/social_bind_info", None);
    assert_eq!(
        (&listed.body["data"][0]["bound"], &listed.body["data"][0]["socialUserId"]),
        (&json!(false), &Value::Null)
    );
}
