//! The body of `POST /api/v1/responses`: a list in which one item that cannot be read does not refuse the others.

use app::domain::limits;
use app::domain::submission::{Instant, Item};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::Refusal;

/// The list as it is sent. `T` is [`Object`] where every item can be read; else the items stay raw, so that one that
/// cannot be read does not refuse the others.
#[derive(Deserialize)]
struct Batch<T> {
    responses: Vec<T>,
    /// The device's clock at sending; the offset corrects the month.
    sent_at: Option<Instant>,
}

/// An item that is an object: serde would also read a list, member by member in the order of the struct.
struct Object<'a>(Item<'a>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Item::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// An item that was read, or as it was sent.
pub(super) type Given<'a> = Result<Item<'a>, &'a RawValue>;

/// The items and the device's clock.
pub(super) fn items(body: &[u8]) -> Result<(Vec<Given<'_>>, Option<Instant>), Refusal> {
    // serde would also read the members by position from an array; the contract is an object.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::Unreadable("not a list of responses: an object with `responses` is expected".to_owned()));
    }
    if let Ok(batch) = serde_json::from_slice::<Batch<Object<'_>>>(body) {
        few(&batch.responses)?;
        return Ok((batch.responses.into_iter().map(|item| Ok(item.0)).collect(), batch.sent_at));
    }
    let batch: Batch<&RawValue> =
        serde_json::from_slice(body).map_err(|e| Refusal::Unreadable(format!("not a list of responses: {e}")))?;
    few(&batch.responses)?;
    let read = batch.responses.into_iter().map(|raw| match serde_json::from_str::<Object<'_>>(raw.get()) {
        Ok(item) => Ok(item.0),
        Err(_) => Err(raw),
    });
    Ok((read.collect(), batch.sent_at))
}

fn few<T>(responses: &[T]) -> Result<(), Refusal> {
    if responses.len() > limits::API_RESPONSES { Err(Refusal::TooMany) } else { Ok(()) }
}
