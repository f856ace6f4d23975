//! `/quan-tri/tom-tat/ma/{mark}`: a one-page summary as it was when it was first shown, in the words that it was printed
//! with, and beside it what the same page says now.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::address;
use super::summary::cover;
use super::summary_model::Summary;
use crate::components::number::{instant, say};
use crate::domain::response::Stream;
use crate::domain::text::Lang;
use crate::pages::results::model::Heading;
use crate::pages::results::parts::{count_words, responses};
use crate::pages::results::query::Query;
use crate::pages::results::shown::Shown;
use crate::pages::results::words;

/// What a sheet stood on and said, to be kept under its mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sheet {
    /// Code of the round.
    pub round: String,
    /// Stream.
    pub stream: Stream,
    /// The address of the live page below `/quan-tri/tom-tat`, with the level it was asked for.
    pub live: String,
    /// Key and version of the questionnaire.
    pub questionnaire: (String, u16),
    /// Key and version of the method.
    pub method: (String, u16),
    /// All data are simulated.
    pub sample_data: bool,
    /// In Vietnamese.
    pub vi: Said,
    /// In English.
    pub en: Said,
}

/// A sheet in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// Of whom.
    subject: String,
    /// Name of the round.
    round: String,
    /// "Số liệu đến …", or the publication.
    stands_on: String,
    /// "chọn mẫu", …
    stream: String,
    /// The index.
    figure: String,
    /// Its interval.
    precision: String,
    /// Valid responses.
    n: String,
    /// How many are in no figure.
    left_out: i64,
    /// Each factor: name, share, interval, respondents.
    factors: Vec<[String; 4]>,
    /// What is surely below the target, and how many more.
    below: (Vec<(String, String)>, usize),
    /// The criteria surely lowest.
    lowest: Vec<(String, String)>,
    /// What changed, and whether there is enough, as sentences.
    sentences: Vec<String>,
}

impl Sheet {
    /// What is kept of a summary, given in Vietnamese and in English. `versions` are key and version of questionnaire
    /// and method.
    pub fn of([vi, en]: [&Summary; 2], round: &str, versions: [&(String, u16); 2]) -> Self {
        let [questionnaire, method] = versions.map(Clone::clone);
        let heading = &vi.heading;
        let level = heading.query.level.filter(|_| vi.path.is_empty());
        let live = Query { round: Some(round.to_owned()), stream: Some(heading.stream), level, ..Query::default() };
        Self {
            round: round.to_owned(),
            stream: heading.stream,
            live: live.href(&format!("{}{}", address::SUMMARY, vi.path)),
            questionnaire,
            method,
            sample_data: heading.sample_data,
            vi: said(vi),
            en: said(en),
        }
    }

    /// The sheet in a language.
    pub fn said(&self, lang: Lang) -> &Said {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

impl Said {
    /// Of whom it speaks.
    pub fn subject(&self) -> &str {
        &self.subject
    }
}

/// "85,2% (từ 80,1 đến 89,4)".
fn whole(figure: &Shown, lang: Lang) -> (String, String) {
    (figure.words(lang), figure.precision_words(lang))
}

fn said(page: &Summary) -> Said {
    let lang = page.heading.query.lang;
    let (figure, precision) = whole(&page.headline.figure, lang);
    let change = Some(page.change.clone()).filter(|words| !words.is_empty());
    Said {
        subject: page.subject.clone(),
        round: page.heading.round.clone(),
        stands_on: page.heading.stamp.words(lang),
        stream: words::stream(page.heading.stream, lang).to_owned(),
        figure,
        precision,
        n: responses(page.headline.n, lang),
        left_out: page.headline.left_out.total(),
        factors: (page.factors.iter())
            .map(|f| {
                let (figure, precision) = whole(&f.figure, lang);
                [format!("{}. {}", f.code, f.name), figure, precision, count_words(f.n, lang)]
            })
            .collect(),
        below: page.below.clone(),
        lowest: page.lowest.iter().map(|c| (format!("{} {}", c.code, c.text), c.figure.words(lang))).collect(),
        sentences: change.into_iter().chain(cover(page)).collect(),
    }
}

/// What the live page says now of the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Now {
    /// The index.
    figure: String,
    /// Its interval.
    precision: String,
    /// Valid responses.
    n: String,
    /// What it stands on.
    stands_on: String,
    /// Every figure is as on the sheet.
    same: bool,
}

impl Now {
    /// Of the live page, beside the mark of the sheet.
    pub fn of(page: &Summary, mark: &str) -> Self {
        let lang = page.heading.query.lang;
        let (figure, precision) = whole(&page.headline.figure, lang);
        let (n, stands_on) = (responses(page.headline.n, lang), page.heading.stamp.words(lang));
        Self { figure, precision, n, stands_on, same: page.mark.ends_with(mark) }
    }
}

/// The title.
pub fn sheet_title(mark: &str, lang: Lang) -> String {
    format!("{} {mark}", say(lang, "Bản tóm tắt mang mã", "Summary marked"))
}

/// The page. `shown_at` is when the sheet was first shown, milliseconds since 1970.
pub fn sheet_view(sheet: &Sheet, mark: &str, shown_at: i64, now: Option<&Now>, lang: Lang) -> AnyView {
    let said = sheet.said(lang);
    let rows = said.factors.iter().map(|[name, figure, precision, n]| {
        view! {
            <tr>
                <th scope="row" class="bars__name">{name.clone()}</th>
                <td class="bars__value">{figure.clone()}</td>
                <td class="bars__range">{precision.clone()}</td>
                <td class="bars__n">{n.clone()}</td>
            </tr>
        }
    });
    let left_out = (said.left_out > 0).then(|| match lang {
        Lang::Vi => format!("{} phiếu không có trong chỉ số.", said.left_out),
        Lang::En => format!("{} responses are not in the index.", said.left_out),
    });
    let (questionnaire, method) = (&sheet.questionnaire, &sheet.method);
    let versions = match lang {
        Lang::Vi => {
            format!("Mẫu phiếu {} bản {}, phương pháp {} bản {}.", questionnaire.0, questionnaire.1, method.0, method.1)
        }
        Lang::En => format!(
            "Questionnaire {} version {}, method {} version {}.",
            questionnaire.0, questionnaire.1, method.0, method.1
        ),
    };
    view! {
        <div class="brief">
            <div class="heading">
                <p class="heading__above">{format!("{} · {}", sheet_title(mark, lang), said.round)}</p>
                <h1>{said.subject.clone()}</h1>
                <p>{said.stands_on.clone()}</p>
            </div>
            {then_and_now(sheet, shown_at, now, lang)}
            <p>
                <strong>{said.figure.clone()}</strong>
                {format!(" {} · {} · {}", said.precision, said.n, said.stream)}
            </p>
            {said.sentences.iter().map(|words| view! { <p>{words.clone()}</p> }).collect_view()}
            {left_out.map(|words| view! { <p>{words}</p> })}
            <table class="bars">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Yếu tố", "Factor")}</th>
                        <th scope="col" class="bars__value">{say(lang, "Tỷ lệ", "Share")}</th>
                        <th scope="col" class="bars__range">{say(lang, "Khoảng tin cậy 95%", "95% interval")}</th>
                        <th scope="col" class="bars__n">{say(lang, "Người trả lời", "Respondents")}</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
            {list(say(lang, "Chắc chắn dưới mức phấn đấu", "Surely below the target"), &said.below.0, said.below.1, lang)}
            {list(say(lang, "Tiêu chí chắc chắn thấp nhất", "Surely lowest criteria"), &said.lowest, 0, lang)}
            <p class="brief__mark">{versions}</p>
        </div>
    }
    .into_any()
}

/// "Số liệu tại thời điểm 10:00 ngày 12/11/2018; nay là 85,2%".
fn then_and_now(sheet: &Sheet, shown_at: i64, now: Option<&Now>, lang: Lang) -> AnyView {
    let at = instant(shown_at, lang);
    let words = match (now, lang) {
        (None, Lang::Vi) => format!("Số liệu tại thời điểm {at}; nay không còn trang này."),
        (None, Lang::En) => format!("Figures as of {at}; there is no such page now."),
        (Some(now), Lang::Vi) if now.same => {
            format!("Số liệu tại thời điểm {at}; nay vẫn đúng như vậy ({}).", now.stands_on)
        }
        (Some(now), Lang::En) if now.same => format!("Figures as of {at}; they are the same now ({}).", now.stands_on),
        (Some(now), Lang::Vi) => format!(
            "Số liệu tại thời điểm {at}; nay là {} {}, {} ({}).",
            now.figure, now.precision, now.n, now.stands_on
        ),
        (Some(now), Lang::En) => {
            format!("Figures as of {at}; now {} {}, {} ({}).", now.figure, now.precision, now.n, now.stands_on)
        }
    };
    let live = now.is_some().then(|| {
        let href = super::super::staff::in_lang(&sheet.live, lang);
        view! { <a href=href>{say(lang, "Xem trang hiện nay", "Show the page of now")}</a> }
    });
    let class = if now.is_some_and(|now| now.same) { "done" } else { "error" };
    view! {
        <p class=class role="status">
            {words} " " {live}
        </p>
    }
    .into_any()
}

fn list(title: &'static str, lines: &[(String, String)], more: usize, lang: Lang) -> Option<AnyView> {
    let more = (more > 0).then(|| match lang {
        Lang::Vi => format!("và {more} mục khác"),
        Lang::En => format!("and {more} more"),
    });
    let item = |(name, figure): &(String, String)| view! { <li>{format!("{name}: {figure}")}</li> };
    (!lines.is_empty()).then(|| {
        view! {
            <section>
                <h2>{title}</h2>
                <ul class="desk-list">
                    {lines.iter().map(item).collect_view()}
                    {more.map(|words| view! { <li>{words}</li> })}
                </ul>
            </section>
        }
        .into_any()
    })
}

/// Where a mark is typed.
pub(super) fn mark_form(heading: &Heading) -> AnyView {
    let lang = heading.query.lang;
    let english = (lang == Lang::En).then(|| view! { <input type="hidden" name="lang" value="en"/> });
    view! {
        <form class="filter" method="get" action=format!("{}/ma", address::SUMMARY)>
            {english}
            <div class="filter__field">
                <label class="label" for="ma">
                    {say(lang, "Mã trên bản in", "Mark on a print")}
                </label>
                <input class="field" id="ma" name="ma" maxlength="40" autocomplete="off" required/>
            </div>
            <button class="button button--secondary">{say(lang, "Mở số liệu đã in", "Open what was printed")}</button>
        </form>
    }
    .into_any()
}
