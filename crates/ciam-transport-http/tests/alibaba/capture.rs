//! Everything that is traced, at every level.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    /// What this thread traced, while somebody wants to know.
    static LOG: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// One for the whole process and for good: whether a place is traced at all is remembered by the process, and a
/// subscriber that came and went with a test would be missed by the tests beside it.
struct ByThread;

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

fn write(record: impl FnOnce(&mut Line<'_>)) {
    LOG.with_borrow_mut(|log| {
        if let Some(text) = log {
            record(&mut Line(text));
            text.push('\n');
        }
    });
}

impl Subscriber for ByThread {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        write(|line| span.record(line));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        write(|line| values.record(line));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        write(|line| event.record(line));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What a run on this thread returns, and what it traced.
pub(crate) fn logged<T>(run: impl FnOnce() -> T) -> (T, String) {
    static SUBSCRIBED: Once = Once::new();
    SUBSCRIBED.call_once(|| tracing::subscriber::set_global_default(ByThread).unwrap());
    LOG.set(Some(String::new()));
    let returned = run();
    (returned, LOG.take().unwrap_or_default())
}
