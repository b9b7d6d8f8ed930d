//! SIGTERM finishes what is under way.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::home::Home;
use crate::server::{MOUNT, Server};

#[test]
fn a_request_under_way_is_finished_and_no_new_one_is_taken() {
    let home = Home::new();
    let server = Server::start(&home);
    let token = home.token(&home.person());
    let body = json!({"fId": server.begin(&token, "UNSUBSCRIBE"), "type": "SMS"}).to_string();
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(
        stream,
        "POST {MOUNT}/user/2fa/obtain_code HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "HTTP/1.1 100 Continue");

    server.terminate();
    while TcpStream::connect(&server.address).is_ok() {
        std::thread::yield_now();
    }
    stream.write_all(body.as_bytes()).unwrap();
    let mut reply = String::new();
    reader.read_to_string(&mut reply).unwrap();
    assert!(reply.contains("HTTP/1.1 200 OK") && reply.contains("\"success\":true"), "{reply}");
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
}

#[test]
fn a_connection_that_says_nothing_does_not_hold_the_end_up() {
    let home = Home::new();
    let server = Server::start(&home);
    let _idle = TcpStream::connect(&server.address).unwrap();
    server.terminate();
    let (status, log) = server.ended();
    assert_eq!(status.code(), Some(0), "{log}");
}
