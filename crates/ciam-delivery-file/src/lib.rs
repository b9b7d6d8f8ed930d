//! Development delivery for ciam: one JSON line per message.
//!
//! [`FileDelivery`] appends codes and notices to a file instead of sending them, so that a developer or a test
//! can read what a person would get:
//!
//! ```json
//! {"at":"2026-11-21T08:00:00Z","channel":"SMS","to":"+8613800000000","purpose":"update_phone.second_factor","language":"en","code":"123456","text":"…"}
//! ```
//!
//! A notice has no code (`null`), unless it tells of an address that was replaced: then `code` gives that address back
//! to who reads it. It ends with `"event"`, the same for every repeat. Each line is handed to the
//! operating system before the call returns; it is not forced to disk. The file is opened for each message, so one
//! that was renamed or removed is begun anew, and a last line that was torn is closed first. It is never rotated.
//!
//! It delivers nothing to anyone and is not for production: whoever can read the file can use the codes in it.
//! An append blocks its task for microseconds; nothing is handed to another thread.

mod file;
mod line;
mod text;

pub use file::FileDelivery;
