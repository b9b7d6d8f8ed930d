//! `GET /user/login/history/list`.

use std::net::IpAddr;
use std::time::Duration;

use ciam::LoginPage;
use ciam::domain::Instant;
use ciam::domain::login_history::{LoginLocation, LoginRecord};
use ciam::domain::source::Source;
use serde::Serialize;
use time::OffsetDateTime;

use super::call::{Call, StepError};
use super::envelope::Reply;

/// What stands for a place or an address that nobody knows.
const UNKNOWN: &str = "Unknown";

/// The vendor's times have no zone; they are those of its home, which knows no summer time (UTC+8).
const SHANGHAI: Duration = Duration::from_hours(8);

/// One record as the vendor shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    uuid: String,
    create_time: String,
    archived: bool,
    update_time: String,
    login_mode: String,
    login_ip: String,
    login_address: String,
}

/// The newest records; the vendor has no parameter for more than one page.
pub(super) async fn list(call: Call) -> Result<Reply, StepError> {
    let records = call.ciam.login_history(&call.who, LoginPage::default()).await?;
    Ok(Reply::Logins(records.iter().map(line).collect()))
}

fn line(record: &LoginRecord) -> Line {
    let LoginRecord { id, at, mode, source, location, .. } = record;
    let time = minute(*at);
    Line {
        uuid: id.as_str().to_owned(),
        create_time: time.clone(),
        // A record is written once, and gone when it is no longer kept.
        archived: false,
        update_time: time,
        login_mode: mode.as_str().to_owned(),
        login_ip: source.map_or_else(|| UNKNOWN.to_owned(), address),
        login_address: location.as_ref().map_or(UNKNOWN, LoginLocation::as_str).to_owned(),
    }
}

/// IPv6 with each of its eight groups, as the vendor's sample has it.
fn address(source: Source) -> String {
    match source.address() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => v6.segments().map(|group| format!("{group:x}")).join(":"),
    }
}

/// `yyyy-MM-dd HH:mm` in Shanghai.
fn minute(at: Instant) -> String {
    let there = OffsetDateTime::from(at.after(SHANGHAI));
    let (year, month, day) = (there.year(), u8::from(there.month()), there.day());
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", there.hour(), there.minute())
}

/// `yyyy-MM-dd HH:mm:ss` in Shanghai.
pub(super) fn second(at: Instant) -> String {
    let second = OffsetDateTime::from(at.after(SHANGHAI)).second();
    format!("{}:{second:02}", minute(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_to_the_minute_in_shanghai() {
        let written = |seconds| minute(Instant::from_unix_seconds(seconds));
        assert_eq!(written(1_655_214_599), "2022-06-14 21:49");
        assert_eq!(written(1_655_214_600), "2022-06-14 21:50");
        assert_eq!(written(1_672_502_400), "2023-01-01 00:00");
        assert_eq!(minute(Instant::MAX), "9999-12-31 23:59");
        assert_eq!(second(Instant::from_unix_seconds(1_640_966_400)), "2022-01-01 00:00:00");
    }

    #[test]
    fn an_address_of_either_kind_is_told_as_its_clients_read_it() {
        let written = |text: &str| address(Source::new(text.parse().unwrap()));
        assert_eq!(written("::1"), "0:0:0:0:0:0:0:1");
        assert_eq!(written("2001:db8::ff:0"), "2001:db8:0:0:0:0:ff:0");
        assert_eq!(written("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
