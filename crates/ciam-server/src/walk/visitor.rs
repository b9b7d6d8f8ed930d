//! Makes the steps over HTTP and keeps the tally.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Request, header};

use super::step::{Step, Wanted};
use crate::output;
use crate::stop::Stop;

const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a reply is printed.
const SHOWN: usize = 150;
const LOOK_AGAIN: Duration = Duration::from_millis(100);
const LOOKS: u32 = 50;

/// An HTTP client that judges what it gets.
pub(super) struct Visitor {
    agent: Agent,
    base: String,
    messages: PathBuf,
    steps: u32,
    failed: u32,
}

impl Visitor {
    /// A visitor of the dialect at `base`, who reads what is sent in `messages`.
    pub(super) fn new(base: &str, messages: &Path) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build();
        let (base, messages) = (base.to_owned(), messages.to_owned());
        Self { agent: config.new_agent(), base, messages, steps: 0, failed: 0 }
    }

    /// How many steps were made, and how many of them were not as documented.
    pub(super) const fn tally(&self) -> (u32, u32) {
        (self.steps, self.failed)
    }

    /// Makes a step, prints it, and gives the body of the reply.
    pub(super) fn take(&mut self, step: &Step<'_>, wanted: &Wanted) -> Result<Value, Stop> {
        let (status, text) =
            self.ask(step).map_err(|error| Stop::failed(format_args!("walk: {}", step.path), &error))?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        let shown = shown(&body);
        let good = wanted.is(status, &body);
        self.judge(
            good,
            format_args!("{}\n        {} {}\n        {status} {shown}", step.title, step.method, step.path),
        )?;
        if !good {
            output::line(format_args!("        wanted {} {}", wanted.status, wanted.body))?;
        }
        Ok(body)
    }

    /// Prints and counts what was looked at.
    fn judge(&mut self, good: bool, what: impl std::fmt::Display) -> Result<(), Stop> {
        self.steps += 1;
        if !good {
            self.failed += 1;
        }
        output::line(format_args!("{:7} {what}", if good { "OK" } else { "FAILED" }))
    }

    /// The newest code to an address; none where none was sent, which no reply will take.
    pub(super) fn code_to(&self, address: &str) -> String {
        let code = |message: &Value| message["code"].as_str().map(str::to_owned);
        self.messages_to(address).iter().rev().find_map(code).unwrap_or_default()
    }

    /// A code that is not the newest one to an address.
    pub(super) fn wrong_code(&self, address: &str) -> &'static str {
        if self.code_to(address) == "123456" { "654321" } else { "123456" }
    }

    /// Waits until a notice of a kind has gone to an address.
    pub(super) fn notice(&mut self, purpose: &str, address: &str) -> Result<(), Stop> {
        let told = |visitor: &Self| {
            let mut messages = visitor.messages_to(address).into_iter();
            messages.any(|message| message["purpose"] == purpose)
        };
        let mut looks = 0;
        while !told(self) && looks < LOOKS {
            looks += 1;
            sleep(LOOK_AGAIN);
        }
        let good = told(self);
        self.judge(good, format_args!("a notice of it goes to {address}"))
    }

    fn messages_to(&self, address: &str) -> Vec<Value> {
        let text = fs::read_to_string(&self.messages).unwrap_or_default();
        let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        messages.filter(|message| message["to"] == address).collect()
    }

    fn ask(&self, step: &Step<'_>) -> Result<(u16, String), ureq::Error> {
        let mut request = Request::builder().method(step.method).uri(format!("{}{}", self.base, step.path));
        if let Some(token) = step.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let mut reply = match &step.body {
            Some(body) => {
                let request = request.header(header::CONTENT_TYPE, "application/json");
                self.agent.run(request.body(body.to_string())?)?
            }
            None => self.agent.run(request.body(())?)?,
        };
        Ok((reply.status().as_u16(), reply.body_mut().read_to_string()?))
    }
}

/// What matters of a reply.
fn shown(body: &Value) -> String {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|name, value| name != "requestId" && !value.is_null());
    }
    body.to_string().chars().take(SHOWN).collect()
}
