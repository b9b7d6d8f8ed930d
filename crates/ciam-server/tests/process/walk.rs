//! `demo`.

use std::net::TcpListener;

use crate::home::{Home, error_of};

#[test]
fn the_walk_finds_every_step_as_documented() {
    let output = Home::new().run(&["demo", "--walk"]);
    let said = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}{}", error_of(&output));
    for journey in ["by a code to the phone", "by the password in use", "e-mail address", "phone", "deletion"]
    {
        assert!(said.contains(journey), "{journey}");
    }
    assert!(said.lines().filter(|line| line.starts_with("OK")).count() > 40, "{said}");
    assert!(!said.contains("FAILED"), "{said}");
}

#[test]
fn a_port_that_is_taken_is_told_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Home::new().run(&["demo", "--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    let said = error_of(&output);
    assert!(said.contains(&address) && said.contains("--listen 127.0.0.1:0"), "{said}");
}
