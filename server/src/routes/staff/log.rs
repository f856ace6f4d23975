//! `/quan-tri/nhat-ky`: the log, and the same as CSV.

use app::components::number::iso_instant;
use app::domain::hex::hex;
use app::domain::limits;
use app::domain::role::ReadLog;
use app::domain::staff_log::{Act, Entry};
use app::domain::text::Lang;
use app::pages::staff::in_lang;
use app::pages::staff::log::{Asked, LogView, log_title, log_view};
use app::server_side::export::tame;
use app::store::{LogFilter, Store, StoreError};
use axum::body::{Body, Bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;

use super::guard::{Head, Staff, busy, field, page};
use crate::routes::ready::pairs;
use crate::state::AppState;

const HERE: &str = "/quan-tri/nhat-ky";
const DAY_MS: i64 = 86_400_000;
/// The offset of Việt Nam, in milliseconds.
const UTC_PLUS_7_MS: i64 = 7 * 3_600_000;
/// Entries read at a time for the file: constant memory whatever the log holds.
const STEP: u64 = 1_000;

fn asked(pairs: &[(String, String)]) -> Asked {
    let one = |name: &str| field(pairs, name).trim().chars().take(limits::SEARCH_CHARS).collect();
    Asked { from: one("tu"), to: one("den"), act: one("viec"), account: one("ai") }
}

/// The instant at which a day of Việt Nam begins.
fn begins(day: &str) -> Option<i64> {
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    let days = day.signed_duration_since(NaiveDate::default()).num_days();
    days.checked_mul(DAY_MS)?.checked_sub(UTC_PLUS_7_MS)
}

fn filter_of(asked: &Asked, pairs: &[(String, String)]) -> LogFilter {
    LogFilter {
        from: begins(&asked.from),
        before: begins(&asked.to).and_then(|at| at.checked_add(DAY_MS)),
        act: Some(asked.act.clone()).filter(|act| !act.is_empty()),
        account: Some(asked.account.to_lowercase()).filter(|account| !account.is_empty()),
        after: place(field(pairs, "sau")),
    }
}

/// "at.chain.seq" of the last entry of the page before.
fn place(text: &str) -> Option<(i64, String, i64)> {
    let mut parts = text.split('.');
    let place = (parts.next()?.parse().ok()?, parts.next()?.to_owned(), parts.next()?.parse().ok()?);
    Some(place).filter(|_| parts.next().is_none())
}

fn address(path: &str, asked: &Asked, after: Option<&Entry>, lang: Lang) -> String {
    let mut pairs: Vec<(&str, String)> =
        asked.pairs().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
    if let Some(entry) = after {
        pairs.push(("sau", format!("{}.{}.{}", entry.at, entry.chain, entry.seq)));
    }
    let query = serde_urlencoded::to_string(pairs).unwrap_or_default();
    in_lang(&if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }, lang)
}

/// `GET /quan-tri/nhat-ky`.
pub(super) async fn show(staff: Staff<ReadLog>, State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = asked(&pairs);
    let filter = filter_of(&asked, &pairs);
    let found = match state.store.log_entries(&staff.may, &filter, limits::LOG_PAGE).await {
        Ok(found) => found,
        Err(error) => return busy(error),
    };
    let older = found.entries.last().filter(|_| found.more).map(|last| address(HERE, &asked, Some(last), staff.lang));
    let mut head = Head::plain(log_title(staff.lang).to_owned(), HERE, staff.lang);
    head.address = address(HERE, &asked, None, Lang::Vi);
    let view = LogView {
        lang: staff.lang,
        older,
        file: address("/quan-tri/nhat-ky.csv", &asked, None, staff.lang),
        asked,
        entries: found.entries,
    };
    page(&state, &staff.actor, &head, StatusCode::OK, || log_view(&view))
}

/// `GET /quan-tri/nhat-ky.csv`: the same entries, all of them; the export is noted before its first byte.
pub(super) async fn file(staff: Staff<ReadLog>, State(state): State<AppState>, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(query.as_deref());
    let asked = asked(&pairs);
    let detail: Vec<String> = asked.pairs().iter().map(|(name, value)| format!("{name}={value}")).collect();
    if let Err(error) = state.store.log(&staff.actor.who(), Act::LogExport, "nhat-ky.csv", &detail.join(" ")).await {
        return busy(error);
    }
    let mut filter = filter_of(&asked, &pairs);
    filter.after = None;
    let begun = Reading { store: state.store.clone(), may: staff.may, filter: Some(filter), head: true };
    let body = Body::from_stream(futures::stream::try_unfold(begun, Reading::next));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"nhat-ky.csv\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::OK, headers, body).into_response()
}

/// The file while it goes out: where reading has come to.
struct Reading {
    store: Store,
    may: ReadLog,
    filter: Option<LogFilter>,
    head: bool,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        let Some(filter) = self.filter.take() else { return Ok(None) };
        let found = self.store.log_entries(&self.may, &filter, STEP).await.map_err(|error: StoreError| {
            // The client sees the file break off, which is what happened.
            tracing::error!(%error, "the export of the log broke off");
            std::io::Error::other(error)
        })?;
        let mut lines = String::new();
        if std::mem::take(&mut self.head) {
            // Excel reads UTF-8 only after this mark.
            lines.push('\u{feff}');
            lines.push_str("at,account,act,object,detail,chain,seq,hash\r\n");
        }
        found.entries.iter().for_each(|entry| line(&mut lines, entry));
        if found.more
            && let Some(last) = found.entries.last()
        {
            self.filter = Some(LogFilter { after: Some((last.at, last.chain.clone(), last.seq)), ..filter });
        }
        Ok(Some((Bytes::from(lines), self)))
    }
}

fn line(out: &mut String, entry: &Entry) {
    let at = iso_instant(entry.at);
    let seq = entry.seq.to_string();
    let hash = hex(&entry.hash);
    let cells = [&at, &entry.who.name, &entry.act, &entry.object, &entry.detail, &entry.chain, &seq, &hash];
    let cells: Vec<String> = cells.into_iter().map(|cell| cell_of(cell)).collect();
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

/// A cell as a spreadsheet shows it: never a formula, always quoted.
fn cell_of(text: &str) -> String {
    format!("\"{}\"", tame(text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_none_breaks_out() {
        assert_eq!(cell_of("=1+1"), "\"'=1+1\"");
        assert_eq!(cell_of("@SUM(A1)"), "\"'@SUM(A1)\"");
        assert_eq!(cell_of("a\",\"b"), "\"a\"\",\"\"b\"");
    }

    #[test]
    fn a_day_begins_at_midnight_in_viet_nam_and_nonsense_is_no_day() {
        assert_eq!(begins("1970-01-02"), Some(DAY_MS - UTC_PLUS_7_MS));
        for wrong in ["", "2018-13-01", "12/11/2018", "x"] {
            assert_eq!(begins(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_place_in_the_log_is_read_as_it_is_written() {
        assert_eq!(place("5.ab.7"), Some((5, "ab".to_owned(), 7)));
        for wrong in ["", "5", "5.ab", "x.ab.7", "5.ab.7.8"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
