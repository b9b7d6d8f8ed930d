//! What is outside of the dialects, and at their edges.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::home::{Home, error_of};
use crate::server::{MOUNT, Server};

#[test]
fn probes_answer_and_unknown_paths_and_methods_are_told_apart() {
    let home = Home::new();
    let server = Server::start(&home);
    let status = |method: &str, path: &str| {
        let answer = server.call(method, path);
        (answer.status, answer.body)
    };
    let ok = json!({"status": "ok"});
    assert_eq!(status("GET", "/healthz"), (200, ok.clone()));
    assert_eq!(status("GET", "/readyz"), (200, ok));
    assert_eq!(status("GET", "/nowhere"), (404, json!({"error": "not_found"})));
    assert_eq!(status("DELETE", "/healthz"), (405, json!({"error": "method_not_allowed"})));
    let (code, body) = status("GET", &format!("{MOUNT}/nowhere"));
    assert_eq!((code, &body["success"]), (404, &json!(false)));
    let (code, body) = status("DELETE", &format!("{MOUNT}/user/token/check"));
    assert_eq!((code, &body["success"]), (405, &json!(false)));
}

#[test]
fn a_body_over_one_mebibyte_is_refused() {
    let home = Home::new();
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let body = json!({"fId": "x".repeat(1024 * 1024), "type": "SMS"});
    assert_eq!(server.ask(&token, "POST /user/2fa/obtain_code", Some(body)).status, 413);
}

#[test]
fn the_public_keys_of_its_tokens_are_published_and_nothing_secret_of_them() {
    let home = Home::new();
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let mut reply = ureq::get(format!("http://{}/.well-known/jwks.json", server.address)).call().unwrap();
    assert_eq!(reply.headers()["content-type"], "application/json");
    assert_eq!(reply.headers()["cache-control"], "public, max-age=300");
    let set: serde_json::Value = serde_json::from_str(&reply.body_mut().read_to_string().unwrap()).unwrap();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert!(keys[0]["x"].is_string() && keys[0].get("d").is_none(), "{set}");
    assert!(keys[0]["kid"].is_string() && token.split('.').count() == 3, "{set}");
}

#[test]
fn a_dialect_that_is_switched_off_is_not_there() {
    let home = Home::new().with_environment(&[("CIAM_DIALECTS__ALIBABA__ENABLED", "false")]);
    let server = Server::start(&home);
    let answer = server.call("GET", &format!("{MOUNT}/user/token/check"));
    assert_eq!((answer.status, answer.body), (404, json!({"error": "not_found"})));
}

#[test]
fn clients_are_told_apart_by_trusted_proxies_alone() {
    for (hops, expected) in [("1", 200), ("0", 429)] {
        let settings = [("CIAM_SEND__PER_SOURCE_HOUR", "1"), ("CIAM_SERVER__TRUSTED_HOPS", hops)];
        let home = Home::new().with_environment(&settings);
        let server = Server::start(&home);
        let token = home.token(&home.person());
        let flow = server.begin(&token, "UPDATE_PASSWORD");
        let obtain = |client: &str, kind: &str| {
            let body = json!({"fId": flow, "type": kind});
            server.ask_from(client, &token, "POST /user/2fa/obtain_code", body).status
        };
        assert_eq!(obtain("192.0.2.1", "SMS"), 200);
        assert_eq!(obtain("192.0.2.1", "EMAIL"), 429);
        assert_eq!(obtain("192.0.2.2", "EMAIL"), expected, "with {hops} trusted hops");
    }
}

#[test]
fn a_request_that_never_ends_is_ended() {
    let home = Home::new().with_environment(&[("CIAM_SERVER__REQUEST_TIMEOUT", "200ms")]);
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(
        stream,
        "POST {MOUNT}/user/2fa/obtain_code HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 10\r\n\r\n"
    )
    .unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "HTTP/1.1 503 Service Unavailable");
    let mut header = String::new();
    while !line.trim_end().is_empty() {
        line.clear();
        reader.read_line(&mut line).unwrap();
        header.push_str(&line.to_ascii_lowercase());
    }
    assert!(header.contains("cache-control: no-store") && header.contains("retry-after: 5"), "{header}");
}

#[test]
fn a_broken_delivery_shows_in_the_readiness() {
    let home = Home::new();
    let server = Server::start(&home);
    std::fs::remove_file(home.path("messages.jsonl")).unwrap();
    std::fs::create_dir(home.path("messages.jsonl")).unwrap();
    let answer = server.call("GET", "/readyz");
    let wanted = json!({"status": "unavailable", "ports": ["otp", "notices"]});
    assert_eq!((answer.status, answer.body), (503, wanted));
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused_and_an_open_directory_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.person();
    let chmod = |name: &str, mode| {
        std::fs::set_permissions(home.path(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    for name in ["signing-key.pem", "digest-key"] {
        chmod(name, 0o640);
        let output = home.run(&["serve", "--listen", "127.0.0.1:0"]);
        let said = error_of(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(name) && said.contains("mode 640") && said.contains("chmod 600"), "{said}");
        chmod(name, 0o600);
    }
    chmod("", 0o755);
    let server = Server::start(&home);
    server.terminate();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(log.contains("data directory is open to others (mode 755)"), "{log}");
}

#[cfg(unix)]
#[test]
fn keys_and_database_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    home.person();
    let mode = |name: &str| std::fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    for name in ["ciam.db", "signing-key.pem", "digest-key", "messages.jsonl"] {
        assert_eq!(mode(name), 0o600, "{name}");
    }
}
