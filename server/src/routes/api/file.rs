//! The outbox of a device as a file: read within bounds, and taken the way of `/api/v1`. For `hailong import outbox` and
//! the page of a team; the file is written by `app::offline::export`.

use app::domain::hex::from_hex;
use app::domain::ids::DeviceId;
use app::domain::limits;
use app::offline::export::FILE_VERSION;
use app::store::{Device, StoreError};
use serde::Deserialize;
use serde::de::{Deserializer, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Carried, carried};
use crate::state::AppState;

/// A file as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outbox {
    /// Key that the device had at the server it was enrolled at.
    pub(crate) device: i32,
    /// Its name.
    pub(crate) name: String,
    /// Full name of its surveyor; files of older apps do not say it.
    pub(crate) surveyor: Option<String>,
    /// When it was written, by the device's clock.
    pub(crate) written_at: i64,
    /// The SHA-256 of the device's token.
    enrolled: Option<[u8; 32]>,
    clock_off: Option<i64>,
    /// Responses, as they would have been sent.
    pub(crate) responses: Vec<String>,
    /// Events, the same.
    pub(crate) events: Vec<String>,
    /// Lines that are no whole record, counted from 1.
    pub(crate) broken: Vec<usize>,
}

#[derive(Deserialize)]
struct Whole<'a> {
    hailong_outbox: u16,
    device: i32,
    name: String,
    #[serde(default)]
    surveyor: Option<String>,
    #[serde(default)]
    enrolled: Option<String>,
    written_at: i64,
    /// The file may lie for days, so the time of its import says nothing of the device's clock.
    #[serde(default)]
    clock_off: Option<i64>,
    #[serde(borrow)]
    responses: Records<'a>,
    #[serde(borrow)]
    events: Records<'a>,
}

/// Records as they stand in the file, no more of them than a device can hold.
struct Records<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Records<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Records<'de>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(out, "at most {} records", limits::OUTBOX_FILE_RECORDS)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Self::Value, A::Error> {
                let mut records = vec![];
                while let Some(record) = all.next_element()? {
                    if records.len() == limits::OUTBOX_FILE_RECORDS {
                        return Err(serde::de::Error::custom("too many records"));
                    }
                    records.push(record);
                }
                Ok(Records(records))
            }
        }
        deserializer.deserialize_seq(Each)
    }
}

/// Reads a file. Of a damaged one every whole line is read and the others are named.
///
/// # Errors
/// In words, where it is too large, is none, or its first line is damaged.
pub(crate) fn read(bytes: &[u8]) -> Result<Outbox, String> {
    if bytes.len() > limits::OUTBOX_FILE_BYTES {
        return Err(format!("larger than {} bytes", limits::OUTBOX_FILE_BYTES));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| format!("no outbox of a tablet: {error}"))?;
    match serde_json::from_str::<Whole<'_>>(text) {
        Ok(whole) => outbox(whole),
        Err(error) => by_lines(text).ok_or_else(|| format!("no outbox of a tablet: {error}"))?,
    }
}

fn outbox(whole: Whole<'_>) -> Result<Outbox, String> {
    if whole.hailong_outbox != FILE_VERSION {
        return Err(format!("an outbox of version {}, known is {FILE_VERSION}", whole.hailong_outbox));
    }
    let texts = |records: Records<'_>| records.0.into_iter().map(|record| record.get().to_owned()).collect();
    Ok(Outbox {
        device: whole.device,
        name: whole.name,
        surveyor: whole.surveyor,
        written_at: whole.written_at,
        enrolled: whole.enrolled.as_deref().and_then(from_hex),
        clock_off: whole.clock_off,
        responses: texts(whole.responses),
        events: texts(whole.events),
        broken: vec![],
    })
}

/// The file line by line: its head, then a record on each line. None where there is no head.
fn by_lines(text: &str) -> Option<Result<Outbox, String>> {
    const RESPONSES: &str = "\"responses\":[";
    let mut lines = (1..).zip(text.lines().map(str::trim));
    let (_, head) = lines.next()?;
    let head = format!("{head}],\"events\":[]}}");
    let whole = serde_json::from_str::<Whole<'_>>(&head).ok().filter(|_| head.contains(RESPONSES))?;
    let mut read = match outbox(whole) {
        Ok(read) => read,
        Err(error) => return Some(Err(error)),
    };
    let mut in_events = false;
    for (number, line) in lines {
        if read.responses.len() + read.events.len() > limits::OUTBOX_FILE_RECORDS {
            return Some(Err("too many records".to_owned()));
        }
        let line = line.strip_suffix(',').unwrap_or(line);
        match line {
            "" | "]}" => {}
            "],\"events\":[" => in_events = true,
            _ if line.starts_with('{') && serde_json::from_str::<&RawValue>(line).is_ok() => {
                // Only an event says what happened; a damaged line between the two lists loses none.
                let is_event = in_events || line.contains("\"what\":");
                if is_event { &mut read.events } else { &mut read.responses }.push(line.to_owned());
            }
            _ => read.broken.push(number),
        }
    }
    Some(Ok(read))
}

/// The device that wrote a file, where this database knows it: by its token, since after a restore another device may have
/// its key. Older apps do not say it; there key and name must fit.
pub(crate) async fn writer(state: &AppState, outbox: &Outbox) -> Result<Option<Device>, StoreError> {
    if let Some(hash) = outbox.enrolled {
        return state.store.device(hash).await;
    }
    let device = state.store.device_by_key(DeviceId(outbox.device)).await?;
    Ok(device.filter(|device| device.name == outbox.name))
}

/// How many records of a file the server has.
pub(crate) async fn known(state: &AppState, outbox: &Outbox) -> Result<usize, StoreError> {
    #[derive(Deserialize)]
    struct Id {
        id: uuid::Uuid,
    }
    let all = outbox.responses.iter().chain(&outbox.events);
    let ids: Vec<_> = all.filter_map(|record| serde_json::from_str::<Id>(record).ok()).map(|read| read.id).collect();
    Ok(state.store.have(&ids).await?.len())
}

/// What became of a file: its responses and its events.
pub(crate) type Taken = (Vec<Carried>, Vec<Carried>);

/// Takes a file as if `device` were sending it now. An error says in words why not all of it was taken; the same file
/// again counts nothing twice.
pub(crate) async fn take(state: &AppState, device: &Device, outbox: &Outbox) -> Result<Taken, String> {
    // What the device's clock is off by decides the months.
    let sent_at = state.clock.now_ms().saturating_add(outbox.clock_off.unwrap_or_default());
    let (mut taken, mut told) = (vec![], vec![]);
    let part = |all: &[String], most: usize, at: usize| {
        all.chunks(most).nth(at).map(|records| records.join(",")).unwrap_or_default()
    };
    let parts =
        outbox.responses.len().div_ceil(limits::API_RESPONSES).max(outbox.events.len().div_ceil(limits::FIELD_EVENTS));
    for at in 0..parts {
        let responses = part(&outbox.responses, limits::API_RESPONSES, at);
        let events = part(&outbox.events, limits::FIELD_EVENTS, at);
        let responses = format!("{{\"sent_at\":{sent_at},\"responses\":[{responses}]}}");
        let events = format!("{{\"sent_at\":{sent_at},\"events\":[{events}]}}");
        let (of_responses, of_events) = carried(state, device, responses.as_bytes(), events.as_bytes()).await?;
        taken.extend(of_responses);
        told.extend(of_events);
    }
    Ok((taken, told))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"hailong_outbox":1,"device":7,"name":"Máy 7","written_at":5,"clock_off":0,"responses":["#;

    #[test]
    fn every_whole_record_of_a_damaged_file_is_read_and_the_others_are_named_by_line() {
        let lines =
            [HEAD, r#"{"id":"a"},"#, r#"{"id":"b","ans"#, r#"{"id":"c"}"#, r#"],"events":["#, r#"{"id":"d"}"#, "]}"];
        let read_of = |lines: &[&str]| read(lines.join("\n").as_bytes()).expect("read");
        let whole = read_of(&[lines[0], lines[1], lines[3], lines[4], lines[5], lines[6]]);
        assert_eq!((whole.responses.len(), whole.events.len(), whole.broken.len()), (2, 1, 0));
        let damaged = read_of(&lines);
        assert_eq!((damaged.responses, damaged.events, damaged.broken), (whole.responses, whole.events, vec![3]));
        // The end is missing.
        let cut = read_of(&lines[..3]);
        assert_eq!((cut.responses.len(), cut.broken), (1, vec![3]));
        // What is read as events though the line between the lists is gone.
        let merged = read_of(&[HEAD, r#"{"id":"a"},"#, "],\"eve", r#"{"id":"d","what":"attempt"}"#, "]}"]);
        assert_eq!((merged.responses.len(), merged.events.len(), merged.broken), (1, 1, vec![3]));
    }

    #[test]
    fn what_is_no_outbox_is_refused_in_words() {
        for (text, words) in [
            ("", "no outbox"),
            ("[1]", "no outbox"),
            (&HEAD.replace("\"device\":7", "\"device\":\"7\""), "no outbox"),
            (&format!("{}]}}", HEAD.replace(":1,", ":2,")), "no outbox"),
            (&format!("{}],\"events\":[]}}", HEAD.replace("outbox\":1,", "outbox\":2,")), "version 2"),
        ] {
            assert!(read(text.as_bytes()).expect_err(text).contains(words), "{text}");
        }
        assert!(read(&vec![b' '; limits::OUTBOX_FILE_BYTES + 1]).expect_err("too large").contains("larger than"));
        let many = format!("{HEAD}{}0],\"events\":[]}}", "0,".repeat(limits::OUTBOX_FILE_RECORDS));
        assert!(read(many.as_bytes()).expect_err("too many").contains("too many records"));
    }
}
