//! The entry screen: one field a question, in the order of the paper. With its script it is driven by single keys and
//! keeps every form in the browser until the server has it; without, it is a plain form.

use leptos::prelude::*;

use super::print::line_words;
use super::{BatchHead, PAPER, SCRIPT_PATH, close_form, titled};
use crate::components::number::{iso_day, say};
use crate::domain::limits;
use crate::domain::paper::{Item, Keyed, MULTIPLE, OPTION_KEYS, Part, Pass, Shape, UNIT, UNREADABLE};
use crate::domain::questionnaire::Questionnaire;
use crate::domain::text::Lang;
use crate::pages::staff::{done, fault, in_lang, options};

/// `/quan-tri/phieu-giay/{batch}`.
#[derive(Clone, Debug)]
pub struct EntryPage<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// Language of the form, in which its lines are shown.
    pub form_lang: Lang,
    /// The batch.
    pub head: BatchHead,
    /// The first pass or the second.
    pub pass: Pass,
    /// Login name: what the browser keeps is this clerk's.
    pub clerk: String,
    /// How many forms are open for this clerk in this pass.
    pub open: usize,
    /// The questionnaire.
    pub questionnaire: &'a Questionnaire,
    /// Its parts.
    pub parts: &'a [Part],
    /// Each form is to name its number on the drawn list.
    pub listed: bool,
    /// That number as typed.
    pub unit: String,
    /// It may take the place of what this clerk keyed before.
    pub correct: bool,
    /// The form that this clerk just keyed and may correct.
    pub last: Option<String>,
    /// The code as typed.
    pub code: String,
    /// The day as typed, or the last one said.
    pub day: String,
    /// What stands in the fields.
    pub keyed: Keyed,
    /// The comment as typed.
    pub comment: String,
    /// Fields that are wrong.
    pub wrong: Vec<String>,
    /// What is wrong, in words.
    pub fault: Option<String>,
    /// What was just done.
    pub done: Option<String>,
}

/// The title; an error comes first in it.
pub fn entry_title(page: &EntryPage<'_>) -> String {
    let what = if page.pass == Pass::First {
        say(page.lang, "Nhập", "Key")
    } else {
        say(page.lang, "Nhập lần hai", "Key again")
    };
    titled(&format!("{what} · {}", page.head.title(page.lang)), page.fault.is_some(), page.lang)
}

/// The day as a date field takes it.
pub fn day_field(day: Option<i32>) -> String {
    day.map(iso_day).unwrap_or_default()
}

/// The page.
pub fn entry_view(page: &EntryPage<'_>) -> AnyView {
    let lang = page.lang;
    let action = in_lang(&format!("{PAPER}/{}", page.head.id), lang);
    let open = match (page.open, page.pass) {
        (0, Pass::First) => {
            say(lang, "Mọi phiếu của tập này đã nhập.", "Every form of this batch is keyed.").to_owned()
        }
        (0, Pass::Second) => {
            say(lang, "Không còn phiếu nào chờ Ông/Bà nhập lần hai.", "No form waits for you to key it again.")
                .to_owned()
        }
        (n, Pass::First) => format!("{} {n} {}", say(lang, "Còn", "Left:"), say(lang, "phiếu chưa nhập.", "forms.")),
        (n, Pass::Second) => {
            format!("{} {n} {}", say(lang, "Còn", "Left:"), say(lang, "phiếu chờ nhập lần hai.", "forms to key again."))
        }
    };
    let last = page.last.as_ref().map(|code| {
        view! {
            <p>
                <a href=in_lang(&format!("{PAPER}/{}?sua={code}", page.head.id), lang)>
                    {say(lang, "Sửa phiếu vừa nhập", "Correct the form just keyed")}
                </a>
            </p>
        }
    });
    let comment = page.questionnaire.comment.as_ref().map_or_else(
        || say(lang, "Ý kiến khác", "Comments").to_owned(),
        |comment| comment.get(page.form_lang).to_owned(),
    );
    let wrong_code = page.wrong.iter().any(|name| name == "ma");
    let wrong_day = page.wrong.iter().any(|name| name == "ngay");
    view! {
        <div class="spaced" id="nhap-phieu" data-clerk=page.clerk.clone() data-batch=page.head.id data-pass=page.pass.word()>
            <p class="heading__above">
                <a href=in_lang(PAPER, lang)>{say(lang, "Phiếu giấy", "Paper forms")}</a>
            </p>
            <h1>{entry_title(page)}</h1>
            {done(page.done.as_deref())}
            {fault(page.fault.as_deref())}
            {last}
            <p id="con-lai">{open}</p>
            <p class="secondary">
                {say(
                    lang,
                    "Phím: 1–5 mức, 0 không áp dụng, Space trống, X không đọc được, M đánh hai ô, ← câu trước, Enter câu sau; ở ô ý kiến, Enter lưu phiếu.",
                    "Keys: 1–5 scores, 0 not applicable, Space blank, X unreadable, M two marked, ← back, Enter on; in the comment, Enter saves the form.",
                )}
                {(page.pass == Pass::First)
                    .then(|| {
                        say(
                            lang,
                            " Ở ô mã, ↑ mở lại phiếu vừa nhập để sửa.",
                            " In the code, ↑ opens the form just keyed, to correct it.",
                        )
                    })}
            </p>
            <p id="bao" role="status"></p>
            <div id="khong-nhan" role="alert"></div>
            <form id="phieu" method="post" action=action>
                <input type="hidden" name="lan" value=page.pass.word()/>
                <input type="hidden" name="sua" value=if page.correct { "1" } else { "" }/>
                <div class="paper-top">
                    <div class="staff-field">
                        <label class="label" for="ma">
                            {say(lang, "Mã phiếu (gõ hoặc quét)", "Code of the form (typed or scanned)")}
                        </label>
                        <input
                            class="field"
                            id="ma"
                            name="ma"
                            value=page.code.clone()
                            required
                            autofocus
                            autocomplete="off"
                            autocapitalize="characters"
                            spellcheck="false"
                            aria-invalid=wrong_code.then_some("true")
                            aria-describedby=wrong_code.then_some("loi")
                        />
                    </div>
                    <div class="staff-field">
                        <label class="label" for="ngay">
                            {say(lang, "Ngày trả lời trên phiếu", "Date on the form")}
                        </label>
                        <input
                            class="field"
                            id="ngay"
                            name="ngay"
                            type="date"
                            value=page.day.clone()
                            required
                            aria-invalid=wrong_day.then_some("true")
                            aria-describedby=wrong_day.then_some("loi")
                        />
                    </div>
                    {page.listed.then(|| unit_field(page))}
                </div>
                {page.parts.iter().map(|part| part_view(part, page)).collect_view()}
                <div class="staff-field">
                    <label class="label" for="comment">
                        {comment}
                    </label>
                    <textarea
                        class="field"
                        id="comment"
                        name="comment"
                        rows="3"
                        maxlength=limits::COMMENT_CHARS
                        inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(&page.comment))
                    ></textarea>
                </div>
                <button class="button">{say(lang, "Lưu phiếu", "Save the form")}</button>
            </form>
            {(page.pass == Pass::First).then(|| close_form(&page.head, lang))}
            <script src=SCRIPT_PATH defer></script>
        </div>
    }
    .into_any()
}

fn unit_field(page: &EntryPage<'_>) -> AnyView {
    let lang = page.lang;
    let wrong = page.wrong.iter().any(|name| name == UNIT);
    view! {
        <div class="staff-field">
            <label class="label" for="so-mau">
                {say(lang, "Số trong danh sách mẫu", "Number on the sample list")}
            </label>
            <input
                class="field"
                id="so-mau"
                name=UNIT
                value=page.unit.clone()
                inputmode="numeric"
                autocomplete="off"
                aria-invalid=wrong.then_some("true")
                aria-describedby=if wrong { "so-mau-ghi loi" } else { "so-mau-ghi" }
                data-shape="number"
            />
            <p class="secondary" id="so-mau-ghi">
                {say(
                    lang,
                    "Để trống nếu phiếu không ghi: phiếu được giữ, nhưng không tính vào chỉ số.",
                    "Blank where the form has none: it is kept, but not counted in the index.",
                )}
            </p>
        </div>
    }
    .into_any()
}

fn part_view(part: &Part, page: &EntryPage<'_>) -> AnyView {
    let lead = part.lead.as_ref().map(|lead| view! { <p>{lead.get(page.form_lang).to_owned()}</p> });
    view! {
        <section>
            <h2>{part.title.get(page.form_lang).to_owned()}</h2>
            {lead}
            {part.items.iter().map(|item| item_view(item, page)).collect_view()}
        </section>
    }
    .into_any()
}

fn item_view(item: &Item, page: &EntryPage<'_>) -> AnyView {
    let id = format!("c-{}", item.code);
    let wrong = page.wrong.contains(&item.code);
    let value = page.keyed.value(&item.code).to_owned();
    let invalid = wrong.then_some("true");
    let described = wrong.then_some("loi");
    let control = match &item.shape {
        Shape::Scale | Shape::Single(_) => {
            let mut keys: Vec<String> = crate::domain::paper::values_of(item);
            keys.rotate_right(1);
            let choices: Vec<(String, String)> = keys
                .into_iter()
                .map(|key| {
                    let words = value_words(item, &key, page.questionnaire, page.lang, page.form_lang);
                    (key, words)
                })
                .collect();
            view! {
                <select class="field" id=id.clone() name=item.code.clone() aria-invalid=invalid aria-describedby=described data-shape="one">
                    {options(&choices, &value)}
                </select>
            }
            .into_any()
        }
        Shape::Multiple(..) | Shape::Number(..) => {
            let (shape, mode) =
                if matches!(item.shape, Shape::Number(..)) { ("number", "numeric") } else { ("several", "text") };
            let keys = match &item.shape {
                Shape::Multiple(_, options) => OPTION_KEYS.chars().take(options.len()).collect::<String>(),
                _ => String::new(),
            };
            view! {
                <input
                    class="field"
                    id=id.clone()
                    name=item.code.clone()
                    value=value
                    inputmode=mode
                    autocomplete="off"
                    aria-invalid=invalid
                    aria-describedby=described
                    data-shape=shape
                    data-keys=keys
                />
            }
            .into_any()
        }
    };
    let hint = match &item.shape {
        Shape::Multiple(most, options) => {
            let list: Vec<String> = OPTION_KEYS
                .chars()
                .zip(options)
                .map(|(key, words)| format!("{key} {}", words.get(page.form_lang)))
                .collect();
            let most = match page.lang {
                Lang::Vi => format!("Các số đã đánh, nhiều nhất {most}: "),
                Lang::En => format!("The keys that are marked, at most {most}: "),
            };
            Some(format!("{most}{}", list.join("; ")))
        }
        Shape::Number(min, max, unit) => Some(format!("{min}–{max} {unit}")),
        Shape::Scale | Shape::Single(_) => None,
    };
    view! {
        <div class="paper-item">
            <label class="paper-line" for=id>
                {line_words(item, page.form_lang)}
            </label>
            <div>{control} {hint.map(|hint| view! { <p class="secondary">{hint}</p> })}</div>
        </div>
    }
    .into_any()
}

/// What a value says: "4 – Hài lòng", "X – không đọc được".
pub(super) fn value_words(item: &Item, value: &str, q: &Questionnaire, lang: Lang, form_lang: Lang) -> String {
    let named = |key: &str, words: &str| format!("{key} – {words}");
    match value {
        "" => say(lang, "– trống –", "– blank –").to_owned(),
        UNREADABLE => named("X", say(lang, "không đọc được", "unreadable")),
        MULTIPLE => named("M", say(lang, "đánh hai ô", "two marked")),
        "0" if item.shape == Shape::Scale => named("0", q.scale.not_applicable.get(form_lang)),
        _ => match &item.shape {
            Shape::Scale => {
                let label = value.parse().ok().and_then(|n: usize| q.scale.labels.get(n.wrapping_sub(1)));
                named(value, label.map_or("", |label| label.get(form_lang)))
            }
            Shape::Single(options) | Shape::Multiple(_, options) => {
                let words = value.chars().filter_map(|key| options.get(OPTION_KEYS.find(key)?));
                named(value, &words.map(|words| words.get(form_lang)).collect::<Vec<_>>().join("; "))
            }
            Shape::Number(_, _, unit) => format!("{value} {unit}"),
        },
    }
}
