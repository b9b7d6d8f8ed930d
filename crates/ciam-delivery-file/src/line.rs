//! One message as a line of JSON.

use ciam_ports::domain::Instant;
use ciam_ports::domain::challenge::Code;
use ciam_ports::domain::user::Address;
use ciam_ports::{NoticeMessage, OtpMessage};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::text::Language;

/// The keys in the order in which they are written.
#[derive(Serialize)]
struct Line<'a> {
    at: String,
    channel: &'a str,
    to: &'a str,
    purpose: &'a str,
    language: &'a str,
    code: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn new(to: &'a Address, purpose: &'a str, language: &'a str, text: &'a str) -> Self {
        let (channel, to) = (to.channel().as_str(), to.canonical());
        Self { at: String::new(), channel, to, purpose, language, code: None, text, event: None }
    }

    fn write(mut self, at: Instant) -> Result<String, ciam_ports::Source> {
        self.at = OffsetDateTime::from(at).format(&Rfc3339)?;
        // JSON escapes control characters, so nothing in a message can end its line.
        Ok(serde_json::to_string(&self)? + "\n")
    }
}

pub(crate) fn of_code(
    message: &OtpMessage,
    fallback: &str,
    at: Instant,
) -> Result<String, ciam_ports::Source> {
    let language = message.language.as_deref().unwrap_or(fallback);
    let code = message.code.expose();
    let text = Language::of(language).code(message.purpose, message.to.channel(), code);
    let line = Line::new(&message.to, message.purpose.as_str(), language, &text);
    Line { code: Some(code), ..line }.write(at)
}

pub(crate) fn of_notice(
    message: &NoticeMessage,
    language: &str,
    at: Instant,
) -> Result<String, ciam_ports::Source> {
    let NoticeMessage { notice, revert } = message;
    let code = revert.as_ref().map(Code::expose);
    let text = Language::of(language).notice(notice.kind, code);
    let line = Line::new(&notice.to, notice.kind.as_str(), language, &text);
    Line { code, event: Some(notice.id.as_str()), ..line }.write(at)
}
