//! The body of `POST /api/v1/responses`: a list in which one item that cannot be read does not refuse the others.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use app::domain::answer::{FieldError, Problem};
use app::domain::limits;
use app::domain::submission::{Instant, Item, ItemResult};
use app::offline::seal::RoundKeys;
use app::server_side::field::FieldKeys;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Refusal;
use crate::state::AppState;

/// The list as it is sent. `T` is [`Object`] where every item can be read; else the items stay raw, so that one that
/// cannot be read does not refuse the others.
#[derive(Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
struct Batch<T> {
    responses: Few<T>,
    /// The device's clock at sending; the offset corrects the month.
    sent_at: Option<Instant>,
}

/// At most [`limits::API_RESPONSES`], counted while they are read: what is beyond is neither read nor kept.
struct Few<T>(Vec<T>);

/// How the fault for more items begins.
const TOO_MANY: &str = "too many responses";

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = Few<T>;

            fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
                let mut few = Vec::new();
                while let Some(item) = items.next_element()? {
                    if few.len() == limits::API_RESPONSES {
                        return Err(A::Error::custom(TOO_MANY));
                    }
                    few.push(item);
                }
                Ok(Few(few))
            }
        }
        deserializer.deserialize_seq(Items(PhantomData))
    }
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

/// An item that only the server can read: sealed on a device to the key of a round.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "the members are named by the API")]
pub(super) struct Sealed<'a> {
    /// What was sealed, in base64url.
    #[serde(borrow)]
    sealed: Cow<'a, str>,
    /// Name of the key.
    #[serde(borrow)]
    key: Cow<'a, str>,
    /// The id of what is inside, so that the device knows which of its answers could not be opened.
    #[serde(borrow, default)]
    id: Cow<'a, str>,
}

impl Sealed<'_> {
    /// It could not be opened.
    pub(super) fn invalid(&self) -> ItemResult {
        ItemResult::invalid(self.id.to_string(), vec![FieldError::new("sealed", Problem::ForeignValue)])
    }
}

/// An item.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are items: a box for each would cost every response an allocation"
)]
pub(super) enum Given<'a> {
    /// It was read.
    Item(Item<'a>),
    /// It is of no shape that is known; as it was sent.
    Unreadable(&'a RawValue),
    /// It is sealed, and is not open yet, or cannot be opened.
    Sealed(Sealed<'a>),
}

impl<'a> Given<'a> {
    fn of(raw: &'a RawValue) -> Self {
        if let Ok(item) = serde_json::from_str::<Object<'_>>(raw.get()) {
            return Self::Item(item.0);
        }
        // serde would also read a list, member by member.
        let object = raw.get().trim_ascii_start().starts_with('{');
        serde_json::from_str(raw.get()).ok().filter(|_| object).map_or(Self::Unreadable(raw), Self::Sealed)
    }

    /// The same of what was sealed.
    fn inside(text: &'a str) -> Option<Self> {
        if let Ok(item) = serde_json::from_str::<Object<'_>>(text) {
            return Some(Self::Item(item.0));
        }
        serde_json::from_str::<&RawValue>(text).ok().map(Self::Unreadable)
    }
}

/// The items and the device's clock.
pub(super) fn batch(body: &[u8]) -> Result<(Vec<Given<'_>>, Option<Instant>), Refusal> {
    // serde would also read the members by position from an array; the contract is an object.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::Unreadable("not a list of responses: an object with `responses` is expected".to_owned()));
    }
    if let Ok(batch) = serde_json::from_slice::<Batch<Object<'_>>>(body) {
        return Ok((batch.responses.0.into_iter().map(|item| Given::Item(item.0)).collect(), batch.sent_at));
    }
    let batch: Batch<&RawValue> = serde_json::from_slice(body).map_err(|error| {
        let why = error.to_string();
        if why.starts_with(TOO_MANY) {
            Refusal::TooMany
        } else {
            Refusal::Unreadable(format!("not a list of responses: {why}"))
        }
    })?;
    Ok((batch.responses.0.into_iter().map(Given::of).collect(), batch.sent_at))
}

/// What was sealed, opened, by the place of its item; none where it could not be.
#[derive(Debug, Default)]
pub(super) struct Opened(Vec<Option<String>>);

impl Opened {
    /// Puts what was opened in the place of what was sealed.
    pub(super) fn fill<'a>(&'a self, items: &mut [Given<'a>]) {
        for (item, text) in items.iter_mut().zip(&self.0) {
            if let Some(inside) = text.as_deref().and_then(Given::inside) {
                *item = inside;
            }
        }
    }
}

/// Opens what is sealed, away from the threads that answer requests: each takes some hundred microseconds.
pub(super) async fn opened(state: &AppState, items: &[Given<'_>]) -> Result<Opened, Refusal> {
    let sealed = |item: &Given<'_>| match item {
        Given::Sealed(sealed) => Some((sealed.key.to_string(), sealed.sealed.to_string())),
        Given::Item(_) | Given::Unreadable(_) => None,
    };
    if !items.iter().any(|item| matches!(item, Given::Sealed(_))) {
        return Ok(Opened::default());
    }
    let rounds = state.store.rounds().await?;
    let all: Vec<_> = items.iter().map(sealed).collect();
    // Only rounds that there are have keys: a stranger's name makes none.
    let names = all.iter().flatten().map(|(name, _)| name);
    let names: HashSet<&String> = names.filter(|name| rounds.iter().any(|round| round.round.code == **name)).collect();
    let keys: HashMap<String, RoundKeys> =
        names.into_iter().map(|name| (name.clone(), FieldKeys::new(&state.keys).round(name))).collect();
    let open = move || {
        let one = |(name, sealed): (String, String)| {
            let plain = keys.get(&name)?.open(&URL_SAFE_NO_PAD.decode(sealed.trim_end_matches('=')).ok()?)?;
            String::from_utf8(plain).ok()
        };
        all.into_iter().map(|sealed| sealed.and_then(one)).collect()
    };
    tokio::task::spawn_blocking(open).await.map(Opened).map_err(|_| Refusal::Failed)
}
