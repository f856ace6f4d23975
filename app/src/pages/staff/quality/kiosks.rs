//! Kiosks of a round: what was pressed on them, and the bursts. Of no answer more than that it came.

use leptos::prelude::*;

use super::{span_words, to};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::quality::burst::{BURST_MS, BURST_RESPONSES, Burst};
use crate::domain::text::Lang;
use crate::store::kiosk::Kiosk;

/// Most bursts on the page, the latest: a day of one child at play.
pub const BURSTS: usize = 50;

/// What the page shows.
#[derive(Clone, Debug)]
pub struct KiosksPage {
    /// Language.
    pub lang: Lang,
    /// Code and name of the round.
    pub round: (String, String),
    /// The kiosks, and the names of their agencies.
    pub kiosks: Vec<(Kiosk, String)>,
    /// The latest bursts, each with the name of its kiosk.
    pub bursts: Vec<(String, Burst)>,
    /// Bursts in all.
    pub of: usize,
}

/// The title.
pub fn kiosks_title(page: &KiosksPage) -> String {
    format!("{} · {}", heading(page.lang), page.round.1)
}

/// The heading of the page.
pub(super) fn heading(lang: Lang) -> &'static str {
    say(lang, "Máy đặt tại quầy", "Kiosks")
}

/// The page.
pub fn kiosks_view(page: &KiosksPage) -> AnyView {
    let lang = page.lang;
    let rule = match lang {
        Lang::Vi => format!(
            "Loạt dồn dập: từ {BURST_RESPONSES} phiếu của một máy trong {}, theo giờ của máy. Phiếu trong loạt vẫn được tính cho đến khi có người áp dụng quy tắc “Loạt phiếu dồn dập” ở trang của đợt.",
            span_words(BURST_MS, lang)
        ),
        Lang::En => format!(
            "A burst: {BURST_RESPONSES} or more answers of one kiosk within {}, by its own clock. They count until somebody applies the rule “Burst at a kiosk” on the page of the round.",
            span_words(BURST_MS, lang)
        ),
    };
    view! {
        <div class="spaced">
            <h1>{kiosks_title(page)}</h1>
            <p class="prose">{rule}</p>
            <ul class="files files--row">
                <li>
                    <a href=to(&page.round.0, "", lang)>
                        {say(lang, "Kiểm tra chất lượng của đợt", "Quality control of the round")}
                    </a>
                </li>
            </ul>
            {table(page)}
            {bursts(page)}
        </div>
    }
    .into_any()
}

fn table(page: &KiosksPage) -> AnyView {
    let lang = page.lang;
    if page.kiosks.is_empty() {
        return view! {
            <div class="empty">
                <p>{say(lang, "Đợt này chưa có máy đặt tại quầy.", "The round has no kiosks yet.")}</p>
                <p>
                    {say(
                        lang,
                        "Máy được đăng ký ở trang Đội điều tra, với việc “Máy đặt tại quầy”.",
                        "They are enrolled on the page of the teams, with the work “Kiosks”.",
                    )}
                </p>
            </div>
        }
        .into_any();
    }
    let number = |n: u32| count(i64::from(n), lang);
    let rows: Vec<_> = page
        .kiosks
        .iter()
        .map(|(kiosk, agency)| {
            let place = match &kiosk.post {
                Some(post) => format!("{agency} · {post}"),
                None => agency.clone(),
            };
            // A device of another maker sends answers and tells of no presses.
            let told = |n: u32| if kiosk.post.is_some() { number(n) } else { "–".to_owned() };
            view! {
                <tr>
                    <th scope="row">
                        {kiosk.name.clone()} <span class="secondary place">{place}</span>
                    </th>
                    <td class="num">{number(kiosk.in_burst)}</td>
                    <td class="num">{number(kiosk.received)}</td>
                    <td class="num">{told(kiosk.taps)}</td>
                    <td class="num">{told(kiosk.ignored)}</td>
                    <td class="num">{told(kiosk.abandoned)}</td>
                    <td class="num">{told(kiosk.days)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Scroll label=heading(lang)>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Máy", "Kiosk")}</th>
                        <th scope="col" class="num">{say(lang, "Dồn dập", "In bursts")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu đã nhận", "Received")}</th>
                        <th scope="col" class="num">{say(lang, "Lượt chạm", "Taps")}</th>
                        <th scope="col" class="num">{say(lang, "Chạm lại ngay, bỏ qua", "Too soon, ignored")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu bỏ dở", "Left behind")}</th>
                        <th scope="col" class="num">{say(lang, "Ngày có người chạm", "Days with taps")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
        <p class="secondary">
            {say(
                lang,
                "Lượt chạm do máy đếm và báo về, kể cả khi người dùng chọn lại; phiếu đã nhận do máy chủ đếm.",
                "Taps are counted and told by the kiosk, also where somebody chose again; answers are counted by the server.",
            )}
        </p>
    }
    .into_any()
}

fn bursts(page: &KiosksPage) -> AnyView {
    let lang = page.lang;
    let title = say(lang, "Loạt dồn dập", "Bursts");
    if page.bursts.is_empty() {
        let words = say(lang, "Chưa có loạt nào.", "There are none.");
        return view! {
            <h2>{title}</h2>
            <p>{words}</p>
        }
        .into_any();
    }
    let rows: Vec<_> = page
        .bursts
        .iter()
        .map(|(kiosk, burst)| {
            view! {
                <tr>
                    <th scope="row">{kiosk.clone()}</th>
                    <td class="num">{count(i64::from(burst.n), lang)}</td>
                    <td class="num">{span_words(burst.to - burst.from, lang)}</td>
                    <td>{instant(burst.from, lang)}</td>
                </tr>
            }
        })
        .collect();
    let (shown, of) = (page.bursts.len(), count(i64::try_from(page.of).unwrap_or(i64::MAX), lang));
    let more = (page.of > shown).then(|| {
        let words = match lang {
            Lang::Vi => format!("{shown} loạt mới nhất trong {of} loạt."),
            Lang::En => format!("The latest {shown} of {of}."),
        };
        view! { <p class="secondary">{words}</p> }
    });
    view! {
        <h2 id="loat">{title}</h2>
        {more}
        <Scroll labelled_by="loat">
            <table class="plain plain--narrow">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Máy", "Kiosk")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu", "Answers")}</th>
                        <th scope="col" class="num">{say(lang, "Kéo dài", "Lasted")}</th>
                        <th scope="col">{say(lang, "Bắt đầu (giờ của máy)", "Began (its clock)")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
