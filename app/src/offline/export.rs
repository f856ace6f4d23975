//! The last resort: the outbox as a file, carried by hand to the server, which takes it as if it had been sent.
//!
//! Answers in it are sealed to the server; events name units by their keys only.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::queue::{Kind, Record, State};

/// Version of the file.
pub const FILE_VERSION: u16 = 1;

/// An exported outbox, as it is read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct File {
    /// [`FILE_VERSION`].
    pub hailong_outbox: u16,
    /// Key of the device at the server.
    pub device: i32,
    /// Its name, for whoever holds the file.
    pub name: String,
    /// When it was written, by the device's clock.
    pub written_at: i64,
    /// Device clock minus server clock at the last contact, in milliseconds: the file may lie for days, so the time of its
    /// import says nothing of the clock.
    #[serde(default)]
    pub clock_off: Option<i64>,
    /// As in `POST /api/v1/responses`.
    pub responses: Vec<Json>,
    /// As in `POST /api/v1/field/sync`.
    pub events: Vec<Json>,
}

/// The file of everything on the device that the server has not proved to have, held records included. One record stands
/// on one line, so that a damaged file can say where.
pub fn text<'r>(
    (device, name): (i32, &str),
    written_at: i64,
    clock_off: Option<i64>,
    records: impl Iterator<Item = &'r Record>,
) -> String {
    let (mut responses, mut events) = (Vec::new(), Vec::new());
    for record in records.filter(|record| !matches!(record.state, State::Kept { .. })) {
        match record.kind {
            Kind::Response => responses.push(record.body.as_str()),
            Kind::Event => events.push(record.body.as_str()),
        }
    }
    let (name, clock_off) = (json!(name), json!(clock_off));
    let (responses, events) = (responses.join(",\n"), events.join(",\n"));
    format!(
        "{{\"hailong_outbox\":{FILE_VERSION},\"device\":{device},\"name\":{name},\"written_at\":{written_at},\
         \"clock_off\":{clock_off},\"responses\":[\n{responses}\n],\"events\":[\n{events}\n]}}\n"
    )
}

/// The name of the file: which device, when. Letters, digits and `-` only.
pub fn file_name(device: i32, written_at: i64) -> String {
    format!("hailong-may-{device}-{}.json", written_at / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str, kind: Kind, state: State) -> Record {
        let body = format!("{{\"sealed\":\"{id}\",\"key\":\"r1\"}}");
        Record { id: id.to_owned(), kind, made_at: 0, label: "Số 1".to_owned(), body, state }
    }

    #[test]
    fn what_the_server_has_is_left_out_and_what_it_held_is_in() {
        let held = State::Held { status: "conflict".to_owned(), why: String::new() };
        let records = [
            record("a", Kind::Response, State::Kept { at: 0, receipt: None }),
            record("b", Kind::Response, State::Finished),
            record("c", Kind::Event, State::Finished),
            record("d", Kind::Response, held),
        ];
        let text = text((7, "Máy \"7\""), 5_000, Some(-30), records.iter());
        let file: File = serde_json::from_str(&text).expect("read");
        assert_eq!(file.responses.iter().map(|r| r["sealed"].clone()).collect::<Vec<_>>(), ["b", "d"]);
        assert_eq!((file.events.len(), file.name.as_str(), file.clock_off), (1, "Máy \"7\"", Some(-30)));
        assert_eq!(text.lines().nth(2), Some("{\"sealed\":\"d\",\"key\":\"r1\"}"), "one record stands on one line");
        assert_eq!(file_name(7, 5_000), "hailong-may-7-5.json");
    }
    #[test]
    fn an_empty_outbox_is_a_file_too() {
        let file: File = serde_json::from_str(&text((7, "Máy 7"), 0, None, [].iter())).expect("read");
        assert_eq!((file.responses.len(), file.events.len(), file.clock_off), (0, 0, None));
    }
}
