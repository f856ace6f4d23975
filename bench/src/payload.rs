//! What citizens and devices send: full responses with the 22 criteria of the administrative form.

use crate::http::request;
use app::server_side::catalogue::Catalogue;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

const QUESTIONNAIRE: &str = "hanh-chinh-2018";

/// Makes requests for the desks of one database.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    desks: Arc<[String]>,
    criteria: Arc<[String]>,
    version: u16,
    tokens: Arc<[String]>,
}

impl Payload {
    /// `desks` is what `hailong desks --format json` prints, `tokens` what `hailong device add` does, each time.
    pub(crate) fn new(desks: &serde_json::Value, tokens: Vec<String>) -> Result<Self, Box<dyn std::error::Error>> {
        let form =
            Catalogue::builtin()?.questionnaire(QUESTIONNAIRE, None).ok_or("the administrative form is built in")?;
        let of_form = desks.as_array().into_iter().flatten().filter(|desk| desk["questionnaire"] == QUESTIONNAIRE);
        let desks: Vec<String> = of_form.filter_map(|desk| desk["code"].as_str().map(str::to_owned)).collect();
        if desks.is_empty() {
            return Err("the sample city has no desk".into());
        }
        let criteria = form.criteria().map(|(_, criterion)| criterion.code.clone()).collect();
        Ok(Self { desks: desks.into(), criteria, version: form.version, tokens: tokens.into() })
    }

    pub(crate) fn n_desks(&self) -> usize {
        self.desks.len()
    }

    /// `POST /api/v1/responses` with `size` full responses, each of a desk by chance, from a device by chance.
    pub(crate) fn batch(&self, size: usize, chance: &mut ChaCha8Rng) -> Vec<u8> {
        let body = self.body(size, now_ms(), chance);
        let token = self.tokens.get(chance.random_range(0..self.tokens.len())).map_or("", String::as_str);
        let headers = format!("content-type: application/json\r\nauthorization: Bearer {token}\r\n");
        request("POST", "/api/v1/responses", &headers, &body)
    }

    /// The body of such a request, sent at `now`.
    pub(crate) fn body(&self, size: usize, now: u64, chance: &mut ChaCha8Rng) -> String {
        let mut body = String::with_capacity(size * 420 + 64);
        let _ = write!(body, "{{\"sent_at\":{now},\"responses\":[");
        for item in 0..size {
            let comma = if item == 0 { "" } else { "," };
            let (id, desk, version) = (id(now, chance), self.desk(chance), self.version);
            let _ = write!(
                body,
                "{comma}{{\"id\":\"{id}\",\"desk\":\"{desk}\",\"questionnaire\":\"{QUESTIONNAIRE}\",\"version\":{version},\
                 \"mode\":\"tablet\",\"lang\":\"vi\",\"started_at\":{},\"finished_at\":{now},\"answers\":{{",
                now - 240_000
            );
            for (at, criterion) in self.criteria.iter().enumerate() {
                let comma = if at == 0 { "" } else { "," };
                let _ = write!(body, "{comma}\"{criterion}\":{}", score(chance));
            }
            body.push_str("}}");
        }
        body.push_str("]}");
        body
    }

    /// One interview of a unit, as a tablet seals it.
    pub(crate) fn interview(&self, id: uuid::Uuid, unit: uuid::Uuid) -> String {
        let now = now_ms();
        let scores: Vec<String> = self.criteria.iter().map(|criterion| format!("\"{criterion}\":4")).collect();
        format!(
            "{{\"id\":\"{id}\",\"sample_unit\":\"{unit}\",\"mode\":\"tablet\",\"lang\":\"vi\",\"visit\":\"ket-qua\",\
             \"started_at\":{},\"finished_at\":{now},\"answers\":{{{}}}}}",
            now - 240_000,
            scores.join(",")
        )
    }

    /// `GET /k/{desk}` as a browser asks over plain HTTP.
    pub(crate) fn page(&self, chance: &mut ChaCha8Rng) -> Vec<u8> {
        request("GET", &format!("/k/{}", self.desk(chance)), "accept-encoding: gzip\r\naccept: text/html\r\n", "")
    }

    /// `POST /k/{desk}`: a whole form as a browser without script sends it, from a phone that was never there.
    pub(crate) fn form(&self, chance: &mut ChaCha8Rng) -> Vec<u8> {
        let mut body = String::with_capacity(256);
        body.push_str("di=gui&tap=&website=&hom-nay=ket-qua");
        for criterion in self.criteria.iter() {
            let _ = write!(body, "&{criterion}={}", score(chance));
        }
        body.push_str("&comment=");
        let headers =
            "content-type: application/x-www-form-urlencoded\r\nsec-fetch-site: same-origin\r\naccept: text/html\r\n";
        request("POST", &format!("/k/{}?b=phieu", self.desk(chance)), headers, &body)
    }

    fn desk(&self, chance: &mut ChaCha8Rng) -> &str {
        self.desks.get(chance.random_range(0..self.desks.len())).map_or("", String::as_str)
    }
}

/// Mostly content, as people are.
fn score(chance: &mut ChaCha8Rng) -> u8 {
    [5, 5, 5, 4, 4, 4, 4, 3, 2, 1].get(chance.random_range(0..10)).copied().unwrap_or(4)
}

fn id(now: u64, chance: &mut ChaCha8Rng) -> uuid::Uuid {
    uuid::Builder::from_unix_timestamp_millis(now, &chance.random()).into_uuid()
}

#[expect(clippy::disallowed_methods, reason = "a device has a clock")]
fn now_ms() -> u64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(elapsed.as_millis()).unwrap_or_default()
}
