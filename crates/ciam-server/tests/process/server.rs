//! A server under test, and a client for it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Request;
use ureq::http::request::Builder;

use crate::home::Home;

pub(crate) const MOUNT: &str = "/api/bff/v1.2/developer/ciam";

/// A running server, killed when the test ends.
pub(crate) struct Server {
    child: Child,
    agent: Agent,
    /// Host and port.
    pub(crate) address: String,
}

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Answer {
    /// Whether the dialect says that it is done.
    pub(crate) fn is_done(&self) -> bool {
        self.status == 200 && self.body["success"] == true
    }
}

impl Server {
    /// Starts `serve` on a free port and waits until it listens.
    pub(crate) fn start(home: &Home) -> Self {
        Self::of(home.command(&["serve", "--listen", "127.0.0.1:0"]))
    }

    /// Starts a command that prints where it listens.
    pub(crate) fn of(mut command: Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("listening on http://").map(str::to_owned);
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(20)));
        let agent = config.build().new_agent();
        Self { address: address.unwrap_or_else(|| panic!("{line}")), child, agent }
    }

    /// Calls the server; `path` is absolute.
    pub(crate) fn call(&self, method: &str, path: &str) -> Answer {
        self.send(Request::builder().method(method).uri(format!("http://{}{path}", self.address)), None)
    }

    fn send(&self, request: Builder, body: Option<Value>) -> Answer {
        let reply = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut reply = reply.unwrap();
        let text = reply.body_mut().read_to_string().unwrap();
        Answer { status: reply.status().as_u16(), body: serde_json::from_str(&text).unwrap_or(Value::Null) }
    }

    /// Calls the dialect as the holder of a token; `call` is a method and a path.
    pub(crate) fn ask(&self, token: &str, call: &str, body: Option<Value>) -> Answer {
        self.send(self.request(token, call), body)
    }

    /// Calls the dialect through a proxy that names the client.
    pub(crate) fn ask_from(&self, client: &str, token: &str, call: &str, body: Value) -> Answer {
        self.send(self.request(token, call).header("X-Forwarded-For", client), Some(body))
    }

    fn request(&self, token: &str, call: &str) -> Builder {
        let (method, path) = call.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(format!("http://{}{MOUNT}{path}", self.address));
        request.header("Authorization", format!("Bearer {token}"))
    }

    /// Begins a flow and gives its id.
    pub(crate) fn begin(&self, token: &str, operation: &str) -> String {
        let answer = self.ask(token, &format!("GET /user/operate_check?operateType={operation}"), None);
        assert_eq!(answer.body["data"]["flowType"], "NEED_TWO_FACTOR", "{answer:?}");
        answer.body["data"]["fId"].as_str().unwrap().to_owned()
    }

    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for the end; gives the exit status and what was logged.
    pub(crate) fn ended(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap(), log)
    }

    /// Ends it with SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Fails when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
