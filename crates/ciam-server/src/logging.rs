//! Logs, on standard error.

use std::io::{self, Write};
use std::panic;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::{EnvFilter, fmt};

use crate::configuration::{LogFormat, Settings};

/// Logs from here on as the settings say. Panics are told by their place alone: what they say may be personal.
pub(crate) fn start(settings: &Settings) {
    let level = LevelFilter::from(settings.log.level.0);
    // Libraries below HTTP log bytes at their lowest levels.
    let others = level.min(LevelFilter::INFO);
    let filter = EnvFilter::builder().parse_lossy(format!("{others},ciam={level},ciam_server={level}"));
    let lines = fmt().with_env_filter(filter).with_ansi(false).with_target(false).with_writer(|| Line);
    let started = match settings.log.format.0 {
        LogFormat::Compact => lines.compact().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    if started.is_ok() {
        panic::set_hook(Box::new(|panicked| {
            let place = panicked.location().map(ToString::to_string);
            tracing::error!(place, "a task panicked");
        }));
    }
}

/// Writes what arrives to standard error, without control characters but the last line end.
#[derive(Debug, Clone, Copy)]
struct Line;

impl<'a> MakeWriter<'a> for Line {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(escaped(bytes).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn escaped(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let (body, end) = text.strip_suffix('\n').map_or((text.as_ref(), ""), |body| (body, "\n"));
    let mut line = String::with_capacity(text.len());
    for letter in body.chars() {
        if letter.is_control() { line.extend(letter.escape_default()) } else { line.push(letter) }
    }
    line + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_cannot_be_forged_from_inside() {
        let forged = "name=a\nINFO all is well\u{1b}[2J\u{9b}1m\n".as_bytes();
        assert_eq!(escaped(forged), "name=a\\nINFO all is well\\u{1b}[2J\\u{9b}1m\n");
    }
}
