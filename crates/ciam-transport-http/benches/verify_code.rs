//! The call that verifies a code, with every layer of the dialect, beside a bare axum route that reads JSON
//! and writes it back. Both answer over loopback sockets, on one thread of one runtime.
#![expect(clippy::expect_used, clippy::print_stdout, reason = "a measurement is there to be read, or ends")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::routing::{get, post};
use axum::{Json, Router};
use ciam::domain::challenge::KeyId;
use ciam::domain::flow::{Method, Operation};
use ciam::domain::secret::SecretBytes;
use ciam::{Ciam, Config, CorePorts};
use ciam_storage_memory::MemoryStore;
use ciam_system_native::StaticKeys;
use ciam_testkit::measure::{Clock, Goal, Verdict, in_turns, rounds};
use ciam_testkit::{Backend, Person, SCOPE, World, block_on};
use ciam_transport_http::alibaba::{self, MOUNT, Options};
use serde_json::{Value, json};

const PEOPLE: u16 = 512;
const CONNECTIONS: usize = 16;

/// Serves until the process ends, and says where.
fn serve(routes: Router) -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let service = routes.into_make_service_with_connect_info::<SocketAddr>();
            axum::serve(listener, service).await.expect("a server");
        });
    });
    address
}

/// One kept connection.
struct Client(TcpStream);

impl Client {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("a connection");
        stream.set_nodelay(true).expect("a socket");
        Self(stream)
    }

    fn ask(&mut self, request: &[u8]) {
        self.0.write_all(request).expect("a request");
    }

    /// The body of the next answer.
    fn answer(&mut self) -> Vec<u8> {
        let (mut all, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let read = self.0.read(&mut chunk).expect("an answer");
            assert!(read > 0, "the server closed");
            all.extend_from_slice(&chunk[..read]);
            let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = String::from_utf8_lossy(&all[..end]).to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            let length: usize = length.expect("a length");
            if all.len() >= end + 4 + length {
                return all.split_off(end + 4);
            }
        }
    }
}

fn request(path: &str, token: &str, body: &Value) -> Vec<u8> {
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends all, a few at a time; gives what the serving thread spent on one and how long one took.
fn exchange(clients: &mut [Client], requests: &[Vec<u8>], good: &[u8]) -> (Duration, Duration) {
    let before = spent(&mut clients[0]);
    let wall = Clock::Wall.time(|| {
        for group in requests.chunks(clients.len()) {
            for (client, request) in clients.iter_mut().zip(group) {
                client.ask(request);
            }
            for (client, _) in clients.iter_mut().zip(group) {
                let answer = client.answer();
                assert!(answer.windows(good.len()).any(|part| part == good), "{answer:?}");
            }
        }
    });
    let number = u32::try_from(requests.len()).expect("a number");
    (spent(&mut clients[0]).saturating_sub(before) / number, wall / number)
}

/// The processor time of the one thread that serves.
fn spent(client: &mut Client) -> Duration {
    client.ask(b"GET /spent HTTP/1.1\r\nhost: localhost\r\n\r\n");
    let nanos = String::from_utf8(client.answer()).expect("a number");
    Duration::from_nanos(nanos.parse().expect("a number"))
}

struct Site {
    world: World,
    people: Vec<Person>,
}

impl Site {
    fn new() -> Self {
        // An audit trail that stays in the processor's caches.
        let store = Arc::new(MemoryStore::with_audit_capacity(4_096));
        let world = World::new(Backend::of(store));
        let keys = StaticKeys::new(KeyId::new("k1"), SecretBytes::new(vec![7; 32])).expect("a key");
        let ports = CorePorts { keys: Arc::new(keys), ..world.ports.clone() };
        let ciam = Ciam::new(ports.clone(), Config::default()).expect("settings in range");
        let ciam = ciam.with_issuer(world.tokens.clone());
        let world = World { ciam: Arc::new(ciam), ports, ..world };
        let people = (0..PEOPLE).map(|number| block_on(world.person(&format!("visitor{number}"), number)));
        Self { people: people.collect(), world }
    }

    fn routes(&self) -> Router {
        let mut options = Options::new(self.world.clock.clone(), self.world.random.clone());
        SCOPE.clone_into(&mut options.scope);
        Router::new()
            .merge(alibaba::mounted(self.world.ciam.clone(), options))
            .route("/echo", post(|Json(body): Json<Value>| async { Json(body) }))
            .route("/spent", get(|| async { Clock::Thread.read().as_nanos().to_string() }))
    }

    /// Everyone's request to verify the code that they were just sent.
    async fn requests(&self, path: &str) -> Vec<Vec<u8>> {
        self.world.clock.advance(Duration::from_hours(48));
        self.world.backend.store.sweep(ciam::ports::Clock::now(&*self.world.clock)).await.expect("a store");
        self.world.tokens.forget();
        let mut requests = Vec::new();
        for person in &self.people {
            let token = self.world.token(person).await;
            let who = self.world.ciam.principal(&token, SCOPE).await.expect("a good token");
            let flow =
                self.world.ciam.check_operation(&who, Operation::UpdatePassword).await.expect("a flow");
            self.world.send_factor(&who, &flow.flow, Method::Sms).await.expect("a code");
            let code = self.world.code(&person.phone);
            let body = json!({"fId": flow.flow.expose(), "type": "SMS", "code": code.expose()});
            requests.push(request(path, token.expose(), &body));
        }
        requests
    }
}

fn main() -> ExitCode {
    let site = Site::new();
    let address = serve(site.routes());
    let clients: Vec<_> = (0..CONNECTIONS).map(|_| Client::open(address)).collect();
    let clients = std::cell::RefCell::new(clients);
    let walls = std::cell::RefCell::new((Vec::new(), Vec::new()));
    let mut echo = || {
        let requests = block_on(site.requests("/echo"));
        let (spent, wall) = exchange(&mut clients.borrow_mut(), &requests, b"fId");
        walls.borrow_mut().0.push(wall);
        spent
    };
    let path = format!("{MOUNT}/user/2fa/verify_code");
    let mut verify = || {
        let requests = block_on(site.requests(&path));
        let (spent, wall) = exchange(&mut clients.borrow_mut(), &requests, b"\"success\":true");
        walls.borrow_mut().1.push(wall);
        spent
    };
    println!("processor time of the serving thread");
    let times = in_turns(rounds(31), &mut [("echo", &mut echo), ("verify_code", &mut verify)]);
    times.print();
    let mut verdict = Verdict::default();
    verdict.judge("P11: processor time / echo", times.ratio("verify_code", "echo"), Goal::AtMost(1.4));
    let (mut bare, mut ours) = walls.into_inner();
    println!("wall time");
    let times = {
        let (mut bare, mut ours) = (bare.drain(1..), ours.drain(1..));
        let (mut next_bare, mut next_ours) =
            (|| bare.next().unwrap_or_default(), || ours.next().unwrap_or_default());
        in_turns(rounds(31) - 1, &mut [("echo", &mut next_bare), ("verify_code", &mut next_ours)])
    };
    times.print();
    verdict.judge("P11: requests a second / echo", times.ratio("echo", "verify_code"), Goal::AtLeast(0.7));
    verdict.exit_code()
}
