//! Secrets of social sources, seen from outside.

use crate::home::{Home, error_of};

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
