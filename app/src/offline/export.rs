//! The last resort: the outbox as a file, carried by hand to the server, which takes it as if it had been sent.
//!
//! Answers in it are sealed to the server; events name units by their keys only. What the server has had is in it too, for
//! a server that was restored to an earlier state: the ids decide, so nothing counts twice.

use serde_json::json;

use super::queue::{Kind, Record};

/// Version of the file.
pub const FILE_VERSION: u16 = 1;

/// Whose file it is.
#[derive(Clone, Copy, Debug)]
pub struct Writer<'w> {
    /// Key of the device at the server.
    pub device: i32,
    /// Its name, for whoever holds the file.
    pub name: &'w str,
    /// Full name of the surveyor.
    pub surveyor: Option<&'w str>,
    /// [`super::seal::token_print`] of its token: another device may have its key after a restore.
    pub enrolled: &'w str,
}

/// The file of everything on the device, second copies and held records included. Each line holds one record, so that
/// of a damaged file the others can be read.
pub fn text<'r>(
    writer: Writer<'_>,
    written_at: i64,
    clock_off: Option<i64>,
    records: impl Iterator<Item = &'r Record>,
) -> String {
    let (mut responses, mut events) = (Vec::new(), Vec::new());
    for record in records {
        match record.kind {
            Kind::Response => responses.push(record.body.as_str()),
            Kind::Event => events.push(record.body.as_str()),
        }
    }
    let Writer { device, name, surveyor, enrolled } = writer;
    let (name, surveyor, enrolled) = (json!(name), json!(surveyor), json!(enrolled));
    let clock_off = json!(clock_off);
    let (responses, events) = (responses.join(",\n"), events.join(",\n"));
    format!(
        "{{\"hailong_outbox\":{FILE_VERSION},\"device\":{device},\"name\":{name},\"surveyor\":{surveyor},\
         \"enrolled\":{enrolled},\"written_at\":{written_at},\"clock_off\":{clock_off},\"responses\":[\n{responses}\n],\"events\":[\n{events}\n]}}\n"
    )
}

/// The name of the file: which device, when. Letters, digits and `-` only.
pub fn file_name(device: i32, written_at: i64) -> String {
    format!("hailong-may-{device}-{}.json", written_at / 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offline::queue::State;

    fn record(id: &str, kind: Kind, state: State) -> Record {
        let body = format!("{{\"sealed\":\"{id}\",\"key\":\"r1\"}}");
        Record { id: id.to_owned(), kind, made_at: 0, label: "Số 1".to_owned(), body, state }
    }

    #[test]
    fn everything_on_the_device_is_in_the_file_each_record_on_its_line() {
        let held = State::Held { status: "conflict".to_owned(), why: String::new() };
        let records = [
            record("a", Kind::Response, State::Kept { at: 0, receipt: None }),
            record("b", Kind::Response, State::Finished),
            record("c", Kind::Event, State::Finished),
            record("d", Kind::Response, held),
        ];
        let writer = Writer { device: 7, name: "Máy \"7\"", surveyor: None, enrolled: "ab" };
        let text = text(writer, 5_000, Some(-30), records.iter());
        let file: serde_json::Value = serde_json::from_str(&text).expect("read");
        let sealed = |of: &str| -> Vec<String> {
            let all = file[of].as_array().expect("a list").iter();
            all.map(|record| record["sealed"].as_str().expect("a word").to_owned()).collect()
        };
        assert_eq!(
            (sealed("responses"), sealed("events")),
            (vec!["a".into(), "b".into(), "d".into()], vec!["c".into()])
        );
        assert_eq!((&file["name"], &file["clock_off"]), (&json!("Máy \"7\""), &json!(-30)));
        assert_eq!(text.lines().nth(1), Some("{\"sealed\":\"a\",\"key\":\"r1\"},"), "one record stands on one line");
        assert_eq!(file_name(7, 5_000), "hailong-may-7-5.json");
    }
}
