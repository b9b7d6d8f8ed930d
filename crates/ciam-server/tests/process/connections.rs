//! Connections that say too little, and more of them than there is room for.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use crate::home::Home;
use crate::server::Server;

const PROBE: &str = "GET /healthz HTTP/1.1\r\nHost: test\r\n\r\n";

fn impatient() -> Home {
    Home::new().with_environment(&[("CIAM_SERVER__HEADER_TIMEOUT", "300ms")])
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream
}

/// What arrives until the server closes the connection.
fn until_closed(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    match stream.read_to_end(&mut text) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it stays open: {error}"),
        Ok(_) | Err(_) => String::from_utf8(text).unwrap(),
    }
}

#[test]
fn a_connection_that_says_nothing_or_half_a_header_is_closed() {
    let server = Server::start(&impatient());
    for beginning in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nHost: te"] {
        let mut stream = connect(&server);
        stream.write_all(beginning.as_bytes()).unwrap();
        assert_eq!(until_closed(stream), "", "{beginning:?}");
    }
}

#[test]
fn a_connection_that_drips_its_header_is_closed() {
    let server = Server::start(&impatient());
    let mut stream = connect(&server);
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: test\r\n").unwrap();
    for _ in 0..200 {
        if stream.write_all(b"X: y\r\n").is_err() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("it stays open");
}

#[test]
fn a_connection_that_idles_after_its_reply_is_closed() {
    let server = Server::start(&impatient());
    let mut stream = connect(&server);
    for _ in 0..2 {
        stream.write_all(PROBE.as_bytes()).unwrap();
        assert_ne!(stream.read(&mut [0; 1024]).unwrap(), 0, "it is kept alive between requests");
    }
    assert_eq!(until_closed(stream), "");
}

#[test]
fn one_connection_more_than_there_is_room_for_waits_and_is_told_once() {
    let home = Home::new().with_environment(&[("CIAM_SERVER__CONNECTIONS", "2")]);
    let server = Server::start(&home);
    let (mut first, _second) = (connect(&server), connect(&server));
    first.write_all(PROBE.as_bytes()).unwrap();
    assert_ne!(first.read(&mut [0; 1024]).unwrap(), 0);
    let mut third = connect(&server);
    third.write_all(PROBE.as_bytes()).unwrap();
    third.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let error = third.read(&mut [0; 1024]).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{error}");

    drop(first);
    third.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut reply = [0; 1024];
    let length = third.read(&mut reply).unwrap();
    assert!(reply[..length].starts_with(b"HTTP/1.1 200 OK"));
    server.terminate();
    let (_, log) = server.ended();
    assert_eq!(log.matches("new ones wait").count(), 1, "{log}");
}

#[cfg(unix)]
#[test]
fn a_server_short_of_file_descriptors_says_so_and_recovers() {
    let home = Home::new().with_environment(&[("CIAM_SERVER__HEADER_TIMEOUT", "2s")]);
    let serve = home.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut limited = Command::new("/bin/sh");
    limited
        .args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""])
        .arg(serve.get_program())
        .args(serve.get_args());
    limited.current_dir(serve.get_current_dir().unwrap()).env_clear();
    limited.envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let server = Server::of(limited);
    let idle: Vec<_> = (0..140).map(|_| connect(&server)).collect();
    assert_eq!(server.call("GET", "/healthz").status, 200);
    drop(idle);
    server.terminate();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
    let told = log.matches("a connection cannot be taken").count();
    assert!((1..20).contains(&told), "told {told} times: {log}");
}
