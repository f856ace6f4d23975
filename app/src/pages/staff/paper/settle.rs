//! A batch as who settles sees it: its figures, the forms that two people keyed differently, the error rate of each
//! clerk; and one such form, both values of each difference side by side.

use leptos::prelude::*;

use super::entry::value_words;
use super::print::line_words;
use super::{BatchHead, PAPER, close_form, rates, titled};
use crate::components::number::{count, day, say};
use crate::domain::paper::{COLLECTED, COMMENT, ClerkRate, Item, Keyed, Part, Shape, UNIT, values_of};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::text::Lang;
use crate::pages::staff::{done, fault, in_lang};

/// `/quan-tri/phieu-giay/{batch}/doi-chieu`.
#[derive(Clone, Debug)]
pub struct BatchPage {
    /// Language.
    pub lang: Lang,
    /// The batch.
    pub head: BatchHead,
    /// Forms to be settled: code as people read it, its number, how many differences.
    pub differing: Vec<(String, i16, usize)>,
    /// Answers that could not be read, and with two marks, in the settled forms.
    pub spoilt: (u32, u32),
    /// How well the clerks key.
    pub rates: Vec<ClerkRate>,
    /// On what the rates rest.
    pub base: RateBase,
    /// What was just done.
    pub done: Option<String>,
}

/// The forms on which the error rates of a batch rest.
#[derive(Clone, Copy, Debug)]
pub struct RateBase {
    /// Keyed twice and settled.
    pub settled: usize,
    /// To be keyed twice.
    pub twice: usize,
    /// All of the batch.
    pub forms: usize,
    /// What those keyed twice were drawn by; none where all are.
    pub seed: Option<u64>,
    /// Forms that a clerk corrected before they counted.
    pub corrected: usize,
}

impl RateBase {
    fn words(&self, lang: Lang) -> String {
        let Self { settled, twice, forms, corrected, .. } = self;
        let drawn = match (self.seed, lang) {
            (Some(seed), Lang::Vi) => {
                format!("{twice} phiếu được bốc ngẫu nhiên (số bốc {seed}) trong {forms} phiếu của tập")
            }
            (Some(seed), Lang::En) => format!("the {twice} drawn (seed {seed}) of the batch’s {forms} forms"),
            (None, Lang::Vi) => format!("{forms} phiếu của tập, tất cả được nhập hai lần"),
            (None, Lang::En) => format!("the batch’s {forms} forms, all keyed twice"),
        };
        if *settled == 0 {
            return match lang {
                Lang::Vi => format!("Tỉ lệ sẽ được tính trên {drawn}."),
                Lang::En => format!("The rate will be computed from {drawn}."),
            };
        }
        match lang {
            Lang::Vi => format!(
                "Tính trên {settled} phiếu đã nhập hai lần và đã chốt, trong {drawn}. Tử số: số ô có giá trị chốt khác giá trị đã nhập; mẫu số: mọi ô của các phiếu đó. Ô mà hai người cùng nhập sai như nhau thì không phát hiện được. Phiếu do chính người nhập sửa trước khi tính ({corrected} phiếu) không kể là sai."
            ),
            Lang::En => format!(
                "From {settled} forms keyed twice and settled, of {drawn}. Numerator: fields settled otherwise than keyed; denominator: all fields of these forms. Where both erred alike nothing is seen. Forms that their clerk corrected before they counted ({corrected}) are no errors."
            ),
        }
    }
}

/// The title.
pub fn batch_title(page: &BatchPage) -> String {
    format!("{} · {}", say(page.lang, "Đối chiếu", "Settle"), page.head.title(page.lang))
}

/// The page.
pub fn batch_view(page: &BatchPage) -> AnyView {
    let lang = page.lang;
    let at = format!("{PAPER}/{}/doi-chieu", page.head.id);
    let differing = if page.differing.is_empty() {
        view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Không có phiếu nào chờ đối chiếu. Phiếu hiện ra ở đây khi hai người nhập khác nhau.",
                        "No form is to be settled. One appears here when two people keyed it differently.",
                    )}
                </p>
            </div>
        }
        .into_any()
    } else {
        let items = page.differing.iter().map(|(code, number, n)| {
            let words = match lang {
                Lang::Vi => format!("Phiếu số {number} ({code}): {n} chỗ khác nhau"),
                Lang::En => format!("Form {number} ({code}): {n} differences"),
            };
            view! {
                <li>
                    <a href=in_lang(&format!("{at}/{code}"), lang)>{words}</a>
                </li>
            }
        });
        view! { <ul>{items.collect_view()}</ul> }.into_any()
    };
    let spoilt = format!(
        "{}: {} · {}: {}",
        say(lang, "Không đọc được", "Unreadable"),
        count(page.spoilt.0.into(), lang),
        say(lang, "Đánh hai ô", "Two marked"),
        count(page.spoilt.1.into(), lang)
    );
    view! {
        <div class="spaced">
            <p class="heading__above">
                <a href=in_lang(PAPER, lang)>{say(lang, "Phiếu giấy", "Paper forms")}</a>
            </p>
            <h1>{batch_title(page)}</h1>
            {done(page.done.as_deref())}
            <p>{page.head.progress_words(lang)}</p>
            <p>
                {spoilt}
                {say(lang, " (được ghi lại và tính như để trống)", " (recorded, and counted as blank)")}
            </p>
            {close_form(&page.head, lang)}
            <section aria-labelledby="khac-nhau">
                <h2 id="khac-nhau">{say(lang, "Chờ đối chiếu", "To be settled")}</h2>
                {differing}
            </section>
            <section aria-labelledby="ti-le">
                <h2 id="ti-le">{rates::title(lang)}</h2>
                {rates::rates(&page.rates, lang)}
                <p class="secondary">{page.base.words(lang)}</p>
            </section>
        </div>
    }
    .into_any()
}

/// `/quan-tri/phieu-giay/{batch}/doi-chieu/{code}`.
#[derive(Clone, Debug)]
pub struct SettlePage<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// Language of the form.
    pub form_lang: Lang,
    /// The batch.
    pub head: BatchHead,
    /// Code of the form as people read it, and its number.
    pub form: (String, i16),
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
    /// Its parts.
    pub parts: &'a [Part],
    /// What was keyed first and second.
    pub keyed: (&'a Keyed, &'a Keyed),
    /// Where they differ.
    pub differences: Vec<String>,
    /// What was chosen so far, by place.
    pub chosen: Vec<(String, String)>,
    /// What is wrong.
    pub fault: Option<String>,
}

/// The title; an error comes first in it.
pub fn settle_title(page: &SettlePage<'_>) -> String {
    let what = say(page.lang, "Đối chiếu phiếu", "Settle form");
    titled(&format!("{what} {} · {}", page.form.0, page.head.title(page.lang)), page.fault.is_some(), page.lang)
}

/// The values among which a difference is settled: both that were keyed, then all others that can stand there.
pub fn candidates(item: &Item, first: &str, second: &str) -> Vec<String> {
    let mut all = vec![first.to_owned(), second.to_owned()];
    for value in values_of(item) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// The page.
pub fn settle_view(page: &SettlePage<'_>) -> AnyView {
    let lang = page.lang;
    let at = format!("{PAPER}/{}/doi-chieu", page.head.id);
    let items = page.parts.iter().flat_map(|part| &part.items);
    let mut fields: Vec<AnyView> =
        items.filter(|item| page.differences.contains(&item.code)).map(|item| difference(item, page)).collect();
    let (first, second) = page.keyed;
    let text = |keyed: &Keyed| keyed.comment.clone().unwrap_or_else(|| say(lang, "– trống –", "– blank –").to_owned());
    let unit =
        |keyed: &Keyed| keyed.unit.map_or_else(|| say(lang, "– trống –", "– blank –").to_owned(), |n| n.to_string());
    for (name, words, values) in [
        (COMMENT, say(lang, "Ý kiến", "Comment"), [text(first), text(second)]),
        (COLLECTED, say(lang, "Ngày trả lời", "Date"), [day(first.collected_day), day(second.collected_day)]),
        (UNIT, say(lang, "Số trong danh sách mẫu", "Number on the sample list"), [unit(first), unit(second)]),
    ] {
        if page.differences.iter().any(|found| found == name) {
            let values = ["1", "2"].map(str::to_owned).into_iter().zip(values).collect();
            fields.push(choice(page, name, words.to_owned(), values, false));
        }
    }
    view! {
        <div class="spaced">
            <p class="heading__above">
                <a href=in_lang(&at, lang)>{page.head.title(lang)}</a>
            </p>
            <h1>{settle_title(page)}</h1>
            {fault(page.fault.as_deref())}
            <p>
                {say(
                    lang,
                    "Xin mở tờ phiếu và chọn đúng điều ghi trên giấy. Hai giá trị đầu là điều hai người đã nhập.",
                    "Take the paper form and choose what stands on it. The first two values are what was keyed.",
                )}
            </p>
            <form class="staff-form" method="post" action=in_lang(&format!("{at}/{}", page.form.0), lang)>
                {fields}
                <button class="button">{say(lang, "Chốt phiếu", "Settle the form")}</button>
            </form>
        </div>
    }
    .into_any()
}

fn difference(item: &Item, page: &SettlePage<'_>) -> AnyView {
    let values = candidates(item, page.keyed.0.value(&item.code), page.keyed.1.value(&item.code));
    let with_words = values
        .into_iter()
        .map(|value| {
            let words = value_words(item, &value, page.questionnaire, page.lang, page.form_lang);
            (value, words)
        })
        .collect();
    let free = matches!(item.shape, Shape::Multiple(..) | Shape::Number(..));
    choice(page, &item.code, line_words(item, page.form_lang), with_words, free)
}

/// The name of the field for a value that nobody keyed, where there are too many to be listed.
pub fn other_name(code: &str) -> String {
    format!("khac-{code}")
}

/// What is sent where such a value is chosen.
pub const OTHER: &str = "*";

/// A value that nobody keyed.
fn other(page: &SettlePage<'_>, name: &str) -> AnyView {
    let lang = page.lang;
    let words = say(lang, "Khác, theo phím:", "Another, by its keys:");
    let checked = page.chosen.iter().any(|(found, value)| found == name && value == OTHER);
    let label = format!("{words} {name}");
    view! {
        <div class="paper-choice">
            <label class="paper-choice">
                <input type="radio" name=name.to_owned() value=format!("={OTHER}") checked=checked/>
                <span>{words}</span>
            </label>
            <input class="field" name=other_name(name) aria-label=label autocomplete="off" size="8"/>
        </div>
    }
    .into_any()
}

fn choice(page: &SettlePage<'_>, name: &str, legend: String, values: Vec<(String, String)>, free: bool) -> AnyView {
    let lang = page.lang;
    let chosen = page.chosen.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let radios = values.into_iter().enumerate().map(|(n, (value, words))| {
        let who = match n {
            0 => Some(say(lang, "Lần 1: ", "First: ")),
            1 => Some(say(lang, "Lần 2: ", "Second: ")),
            _ => None,
        };
        let checked = chosen.as_ref() == Some(&value);
        view! {
            <label class="paper-choice">
                <input type="radio" name=name.to_owned() value=format!("={value}") required checked=checked/>
                <span>{who} {words}</span>
            </label>
        }
    });
    view! {
        <fieldset class="paper-difference">
            <legend class="label">{legend}</legend>
            {radios.collect_view()}
            {free.then(|| other(page, name))}
        </fieldset>
    }
    .into_any()
}
