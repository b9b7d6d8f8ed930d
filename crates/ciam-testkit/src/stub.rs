//! A server on the loopback that answers as a test says: another service, sound or hostile.

#![expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test whose server fails shall fail")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StubRequest {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Header fields; names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl StubRequest {
    /// The value of a header field.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The path alone.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The decoded value of a field of the query or of the body, as forms carry it.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<String> {
        let query = self.target.split_once('?').map_or("", |(_, query)| query);
        let mut pairs = query.split('&').chain(self.body.split('&')).filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| decoded(value))
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digits = |rest: &mut std::str::Bytes<'_>| Some([rest.next()?, rest.next()?]);
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = digits(&mut rest).expect("two digits after a per cent sign");
                hex::decode(digits).expect("hexadecimal digits")[0]
            }
            other => other,
        });
    }
    String::from_utf8(bytes).expect("UTF-8")
}

/// What the server does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StubReply {
    /// Answers with a status and a body.
    Whole(u16, String),
    /// Writes these bytes as they are and closes the connection.
    Raw(Vec<u8>),
    /// Says nothing until the client goes away.
    Silence,
}

impl StubReply {
    /// A reply of status 200.
    #[must_use]
    pub fn ok(body: impl Into<String>) -> Self {
        Self::Whole(200, body.into())
    }

    /// Sends the client elsewhere.
    #[must_use]
    pub fn redirect(location: &str) -> Self {
        let head = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        Self::Raw(head.into_bytes())
    }
}

type Answer = dyn Fn(&StubRequest) -> StubReply + Send + Sync;

/// A server on a port of its own, until it is dropped.
pub struct StubServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<StubRequest>>>,
    stopped: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl StubServer {
    /// Starts a server that answers each request as `answer` says.
    #[must_use]
    pub fn start(answer: impl Fn(&StubRequest) -> StubReply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port of the loopback");
        let address = listener.local_addr().expect("an address");
        let (requests, stopped) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let answer: Arc<Answer> = Arc::new(answer);
        let (seen, stop) = (Arc::clone(&requests), Arc::clone(&stopped));
        let accepting = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
                std::thread::spawn(move || serve(&stream, answer.as_ref(), &seen));
            }
        });
        Self { address, requests, stopped, accepting: Some(accepting) }
    }

    /// The address of a path of this server.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What came in so far.
    #[must_use]
    pub fn requests(&self) -> Vec<StubRequest> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many requests came in for a path.
    #[must_use]
    pub fn count(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.path() == path).count()
    }
}

impl Drop for StubServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ended = accepting.join();
        }
    }
}

/// One request, one reply. A client that goes away is nobody's fault.
fn serve(mut stream: &TcpStream, answer: &Answer, seen: &Mutex<Vec<StubRequest>>) -> Option<()> {
    let request = read(&mut BufReader::new(stream))?;
    seen.lock().unwrap_or_else(PoisonError::into_inner).push(request.clone());
    match answer(&request) {
        StubReply::Whole(status, body) => {
            let length = body.len();
            let head =
                format!("HTTP/1.1 {status} Stub\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).ok()
        }
        StubReply::Raw(bytes) => stream.write_all(&bytes).ok(),
        StubReply::Silence => stream.read(&mut [0; 1]).map(drop).ok(),
    }
}

fn read(reader: &mut impl BufRead) -> Option<StubRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut request = StubRequest { method, target, headers, body: String::new() };
    let length = request.header("content-length").map_or(0, |text| text.parse().expect("a length"));
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}
