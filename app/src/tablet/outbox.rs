//! What is on the device: how far each record is, sending now, receipts, the file as the last resort.

use leptos::prelude::*;

use super::device;
use super::frame::{SECOND, button, notice, page, run, time_words, to};
use super::state::Tablet;
use super::state::keys;
use super::store::Change;
use crate::components::number::say;
use crate::domain::text::Lang;
use crate::offline::queue::{Kind, Record, State};
use crate::offline::ready::evening;

/// The screen of the outbox.
pub(super) fn outbox(tablet: Tablet, lang: Lang) -> AnyView {
    let words = move || evening(tablet.queue.with(|queue| queue.counts(Kind::Response)), tablet.is_doubted(), lang);
    let events = move || {
        let counts = tablet.queue.with(|queue| queue.counts(Kind::Event));
        match lang {
            Lang::Vi => format!(
                "Ghi chép đường đi: {} chưa gửi · {} đã nhận · {} cần xem",
                counts.waiting, counts.kept, counts.held
            ),
            Lang::En => format!(
                "Notes of the way: {} not sent · {} received · {} to look into",
                counts.waiting, counts.kept, counts.held
            ),
        }
    };
    let unproven = move || {
        tablet.queue.with(|queue| queue.unproven > 0).then(|| {
            let words = say(
                lang,
                "Máy chủ nói đã nhận nhưng không có bằng chứng đúng. Phiếu được giữ lại và gửi lại.",
                "The server said that it has forms but gave no proof that holds. They are kept and sent again.",
            );
            view! { <p class="tab-error" role="alert">{words}</p> }
        })
    };
    let rows = move || {
        let mut records: Vec<Record> = tablet.queue.with(|queue| queue.records().cloned().collect());
        records.retain(|record| record.kind == Kind::Response || matches!(record.state, State::Held { .. }));
        records.reverse();
        let empty = records.is_empty().then(|| view! { <p>{say(lang, "Chưa có phiếu nào.", "Nothing yet.")}</p> });
        let rows = records.into_iter().map(|record| row(tablet, lang, record)).collect_view();
        view! {
            {empty}
            <ul class="tab-plain">{rows}</ul>
        }
    };
    let send = move |_| run(async move { tablet.contact().await });
    let label = move || {
        if tablet.sending.get() {
            say(lang, "Đang gửi…", "Sending…")
        } else {
            say(lang, "Gửi ngay", "Send now")
        }
    };
    let version = match lang {
        Lang::Vi => format!("Bản ứng dụng {}", device::app_version()),
        Lang::En => format!("App version {}", device::app_version()),
    };
    let inside = view! {
        {notice(tablet, lang)}
        <p role="status">{words}</p>
        <p class="tab-hint">{events}</p>
        {unproven}
        {rows}
        <section class="tab-block">
            <h2>{say(lang, "Xuất ra tệp", "Export to a file")}</h2>
            <p>
                {say(
                    lang,
                    "Chỉ khi không gửi được qua mạng, hoặc máy chủ đã mất phiếu. Tệp chứa mọi phiếu đã niêm phong còn trong máy, cả phiếu máy chủ đã nhận trong 14 ngày qua: nhập lại không đếm hai lần. Đưa tệp cho tổ trưởng. Phiếu vẫn ở lại trong máy.",
                    "Only where nothing can be sent, or the server has lost forms. The file holds all sealed forms on the device, also those that the server received in the last 14 days: they do not count twice. Give it to the supervisor. The forms stay on the device.",
                )}
            </p>
            {button(say(lang, "Xuất ra tệp", "Export to a file"), SECOND, move || tablet.export())}
        </section>
        <p class="tab-hint">{version}</p>
    };
    let foot = view! {
        {to(tablet, say(lang, "Về đầu", "Home"), tablet.first_screen())}
        <button class="tab-button" on:click=send>
            {label}
        </button>
    };
    page(
        tablet,
        lang,
        say(lang, "Phiếu trong máy", "Forms on the device").to_owned(),
        inside.into_any(),
        Some(foot.into_any()),
    )
}

fn row(tablet: Tablet, lang: Lang, record: Record) -> AnyView {
    let words = match &record.state {
        State::Finished | State::Sending => say(lang, "chưa gửi", "not sent").to_owned(),
        State::Kept { receipt, .. } => {
            let receipt = receipt.as_deref().map(|code| format!(" · {code}")).unwrap_or_default();
            format!("{}{receipt}", say(lang, "đã nhận", "received"))
        }
        State::Held { status, why } => {
            let status = match status.as_str() {
                "conflict" => {
                    say(lang, "máy chủ đã có phiếu khác cùng mã", "the server has another form under this id")
                }
                "invalid" => {
                    say(lang, "máy chủ không đọc được phiếu theo mẫu", "the form does not fit the questionnaire")
                }
                _ => say(lang, "máy chủ từ chối", "refused by the server"),
            };
            if why.is_empty() { status.to_owned() } else { format!("{status} ({why})") }
        }
    };
    let again = matches!(record.state, State::Held { .. }).then(|| {
        let id = record.id.clone();
        let press = move || {
            let id = id.clone();
            run(async move {
                let pid = tablet.open.with_untracked(|open| open.as_ref().map(|open| open.pid.clone()));
                let released =
                    tablet.queue.try_update(|queue| queue.release(&id).then(|| queue.get(&id).cloned()).flatten());
                if let (Some(pid), Some(Some(record))) = (pid, released) {
                    drop(
                        tablet
                            .write(&[(keys::record(&pid, &id), Change::Keep(serde_json::to_string(&record).ok()))])
                            .await,
                    );
                }
                tablet.send_all(true).await;
            });
        };
        button(say(lang, "Gửi lại phiếu này", "Send this one again"), SECOND, press)
    });
    view! {
        <li class="tab-record">
            <strong>{record.label}</strong>
            <span>{time_words(record.made_at)}</span>
            <span>{words}</span>
            {again}
        </li>
    }
    .into_any()
}
