//! What is said of files that cannot be used.

use super::*;

fn said(text: &str) -> String {
    let place = Text { file: Path::new("setup.toml"), text };
    plan(&place, &ciam::Config::default()).map(drop).unwrap_err().to_string()
}

fn version(rest: &str) -> String {
    let named =
        "document = \"privacy\"\nnumber = \"v1\"\nlocale = \"en\"\ntitle = \"Privacy\"\nkind = \"TEXT\"";
    format!("[[terms_version]]\n{named}\n{rest}")
}

fn twice(one: &str, other: &str) -> String {
    format!("[[user]]\nusername = \"alice\"\n{one}\n[[user]]\nusername = \"bob\"\n{other}")
}

fn source(rest: &str) -> String {
    format!("[[social_source]]\nname = \"WeChat\"\n{rest}")
}

#[test]
fn what_cannot_be_used_is_named_with_its_line() {
    let cases = [
        ("[[user]]\nusername = \"a\"\n[[usr]]\nusername = \"b\"", "line 3: unknown field `usr`"),
        ("[[user]]\nusername = \"alice\"\nfone = \"1\"", "line 3: unknown field `fone`"),
        ("[[user]]\nusername = \"alice\"\nadmin = \"yes\"", "line 3: invalid type"),
        ("\n[[user]]\nadmin = true", "line 2: missing field `username`"),
        ("[[user]]\nusername = \"alice\"\nphone = \"12\"", "line 1: [[user]] phone: "),
        ("[[user]]\nusername = \"alice\"\nemail = \"alice\"", "line 1: [[user]] email: "),
        ("[[user]]\nusername = \"alice\"\nemail = \"a@intranet\"", "line 1: [[user]] email: "),
        ("[[user]]\nusername = \"a@b\"", "line 1: [[user]] username: "),
        ("[[user]]\nusername = \"alice\"\nid = \"x y\"", "line 1: [[user]] id: "),
        ("[[user]]\nusername = \"alice\"\npassword = \"lantern pier\"", "line 3: a secret is named"),
        (
            "[[user]]\nusername = \"alice\"\npassword = { file = \"absent\" }",
            "line 1: [[user]] password: absent: ",
        ),
        ("[[user]]\nusername = \"alice\"\npassword = { file = \"a\", env = \"B\" }", "line 3: "),
        (
            "[[user]]\nusername = \"alice\"\n\n[[user]]\nusername = \"ALICE\"",
            "line 4: [[user]] alice stands twice",
        ),
        ("[[terms]]\nid = \"a b\"\ndemand = \"required\"", "line 1: [[terms]] id: "),
        ("[[terms]]\nid = \"privacy\"\ndemand = \"maybe\"", "line 3: must be one of required, optional"),
        (&version("text = \"a\"\nfile = \"b\""), "line 1: [[terms_version]] one of text and file"),
        (&version("file = \"absent.html\""), "line 1: [[terms_version]] file: absent.html: "),
        (&version("text = \" \""), "line 1: [[terms_version]] text: "),
        (&version("text = \"a\"\nexpires_at = 2026-01-31"), "line 1: [[terms_version]] expires_at: "),
        (&source("id = \"a b\"\nsocial_type = \"oidc\""), "line 1: [[social_source]] id: "),
        (&source("id = \"a\"\nsocial_type = \"weibo\""), "line 4: must be one of wechat, alipay, apple"),
        (
            &source("id = \"a\"\nsocial_type = \"oidc\"\nlogo = \"absent.png\""),
            "line 1: [[social_source]] logo: absent",
        ),
        (
            &source("id = \"a\"\nsocial_type = \"oidc\"\nsettings = { client_secret = \"lantern pier\" }"),
            "line 1: [[social_source]] a: a secret ",
        ),
        (&source("id = \"a\"\nsocial_type = \"oidc\"\nsettings = { port = 1 }"), "line 5: invalid type"),
        ("user = 1", "line 1: "),
        ("not toml", "line 1: "),
    ];
    for (text, wanted) in cases {
        let said = said(text);
        assert!(said.starts_with(&format!("setup.toml: {wanted}")), "{text}: {said}");
        assert!(!said.contains("lantern pier") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn what_would_stand_twice_is_named_before_anything_is_written() {
    let cases: [(&str, &str); 6] = [
        (
            &twice("phone = \"13800000001\"", "phone = \"+86 138 0000 0001\""),
            "line 4: [[user]] bob: another entry of the file has this phone",
        ),
        (
            &twice("email = \"a@example.org\"", "email = \"A@EXAMPLE.org\""),
            "line 4: [[user]] bob: another entry of the file has this email",
        ),
        (&twice("id = \"a1\"", "id = \"a1\""), "line 4: [[user]] bob: another entry of the file has this id"),
        ("[[user_type]]\ncode = \"a\"\n[[user_type]]\ncode = \"a\"", "line 3: [[user_type]] a stands twice"),
        (
            "[[attribute]]\nkey = \"city\"\n[[attribute]]\nkey = \"city\"",
            "line 3: [[attribute]] city stands twice",
        ),
        (
            "[[terms]]\nid = \"p\"\ndemand = \"required\"\n[[terms]]\nid = \"p\"\ndemand = \"optional\"",
            "line 4: [[terms]] p stands twice",
        ),
    ];
    for (text, wanted) in cases {
        let said = said(text);
        assert!(said.starts_with(&format!("setup.toml: {wanted}")), "{text}: {said}");
    }
}

#[test]
fn the_example_can_be_used() {
    let example = include_str!("../../ciam.example-apply.toml");
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("alice.password"), "a lantern over the harbour\n").unwrap();
    std::fs::write(home.path().join("privacy-v1.0.zh-CN.html"), "<p>隐私</p>").unwrap();
    std::fs::write(home.path().join("wechat.png"), "an image").unwrap();
    let file = home.path().join("setup.toml");
    let place = Text { file: &file, text: example };
    let plan = plan(&place, &ciam::Config::default()).map_err(|stop| stop.to_string());
    let counts = plan
        .map(|plan| [plan.user.len(), plan.terms.len(), plan.terms_version.len(), plan.social_source.len()]);
    assert_eq!(counts, Ok([2, 1, 1, 2]));
}
