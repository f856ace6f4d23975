//! One comment: its text, what is done about it, and the form that says so.

use leptos::prelude::*;

use super::{COMMENTS_PATH, Shown, body, comment_address, comments_title, facts, options, select, states, themes};
use crate::components::number::say;
use crate::domain::comment::{ASSIGNED_CHARS, SENTENCE_CHARS, SentenceFault};
use crate::domain::text::Lang;
use crate::pages::staff::{fault, in_lang};

/// What is typed about a comment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// Word of the subject.
    pub theme: String,
    /// Who deals with it.
    pub assigned: String,
    /// Word of the state.
    pub progress: String,
    /// The public sentence.
    pub sentence: String,
}

/// Why nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommentFault {
    /// The sentence.
    Sentence(SentenceFault),
    /// Who deals with it is too long, or has signs that cannot be read.
    Assigned,
    /// No such state.
    State,
}

impl CommentFault {
    /// What to tell.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Sentence(SentenceFault::Missing) => say(
                lang,
                "Đã tiếp thu hoặc đã giải quyết thì xin ghi một câu cho người dân đọc.",
                "What is taken up or resolved needs a sentence for the public.",
            ),
            Self::Sentence(SentenceFault::TooLong) => {
                say(lang, "Câu công khai dài nhất 300 ký tự.", "The sentence has at most 300 characters.")
            }
            Self::Sentence(SentenceFault::PersonalData) => say(
                lang,
                "Câu công khai không ghi số điện thoại, thư điện tử, số giấy tờ.",
                "The sentence holds no telephone number, e-mail or number of a paper.",
            ),
            Self::Assigned => say(
                lang,
                "Tên người hoặc bộ phận được giao dài nhất 120 ký tự.",
                "Who deals with it has at most 120 characters.",
            ),
            Self::State => say(lang, "Xin chọn tình trạng.", "Choose a state."),
        }
    }
}

/// What the page of a comment shows.
#[derive(Clone, Debug)]
pub struct CommentPage {
    /// Language.
    pub lang: Lang,
    /// The comment.
    pub comment: Shown,
    /// What stands in the form.
    pub typed: Typed,
    /// What is wrong.
    pub fault: Option<CommentFault>,
    /// The reader may see the original.
    pub may_see_original: bool,
    /// The original, once asked for.
    pub original: Option<String>,
}

/// The title of the page of a comment; an error comes first in it.
pub fn comment_title(page: &CommentPage) -> String {
    let title = say(page.lang, "Xử lý ý kiến", "Handle a comment");
    if page.fault.is_some() { format!("{}: {title}", say(page.lang, "Lỗi", "Error")) } else { title.to_owned() }
}

/// The page of a comment.
pub fn comment_view(page: &CommentPage) -> AnyView {
    let (lang, row) = (page.lang, &page.comment.row);
    view! {
        <p>
            <a href=in_lang(COMMENTS_PATH, lang)>{comments_title(lang)}</a>
        </p>
        <h1>{say(lang, "Xử lý ý kiến", "Handle a comment")}</h1>
        {body(row)}
        {facts(&page.comment, lang)}
        {page.original.clone().map(|original| {
            view! {
                <section aria-labelledby="nguyen-van">
                    <h2 id="nguyen-van">{say(lang, "Nguyên văn", "As it was written")}</h2>
                    <blockquote class="comment">{original}</blockquote>
                    <p class="secondary">
                        {say(lang, "Lần xem này đã được ghi vào nhật ký.", "This look is in the log.")}
                    </p>
                </section>
            }
        })}
        {(page.may_see_original && row.masked && page.original.is_none()).then(|| {
            view! {
                <form method="post" action=in_lang(&format!("{COMMENTS_PATH}/{:x}/nguyen-van", row.id), lang)>
                    <button class="linklike">
                        {say(lang, "Xem nguyên văn (ghi vào nhật ký)", "See it as it was written (this is logged)")}
                    </button>
                </form>
            }
        })}
        {form(page)}
    }
    .into_any()
}

fn form(page: &CommentPage) -> AnyView {
    let (lang, typed) = (page.lang, &page.typed);
    let wrong = |what: fn(CommentFault) -> bool| page.fault.is_some_and(what);
    let sentence_wrong = wrong(|fault| matches!(fault, CommentFault::Sentence(_)));
    let assigned_wrong = wrong(|fault| fault == CommentFault::Assigned);
    let hint = if page.comment.row.sensitive.is_some() {
        say(
            lang,
            "Ý kiến này không đưa lên trang công khai, kể cả câu trả lời; câu dưới đây chỉ để lưu.",
            "Nothing of this comment goes to the public page, the answer included; the sentence is kept alone.",
        )
    } else {
        say(
            lang,
            "Mọi người đọc được ở trang kết quả của cơ quan, mục “Ông/Bà nói, cơ quan làm”; ý kiến thì không đăng.",
            "Everybody reads it on the results page of the agency, “You said, we did”; the comment itself is not shown.",
        )
    };
    view! {
        <form class="staff-form" method="post" action=comment_address(page.comment.row.id, lang)>
            {fault(page.fault.map(|fault| fault.words(lang)))}
            {select("chu-de", say(lang, "Chủ đề", "Subject"), options(say(lang, "chưa xếp", "none yet"), themes(lang), &typed.theme))}
            <div class="staff-field">
                <label class="label" for="giao">
                    {say(lang, "Giao cho (bộ phận hoặc người)", "With (a team or a person)")}
                </label>
                <input
                    class="field"
                    id="giao"
                    name="giao"
                    value=typed.assigned.clone()
                    maxlength=ASSIGNED_CHARS
                    autocomplete="off"
                    aria-invalid=assigned_wrong.then_some("true")
                    aria-describedby=assigned_wrong.then_some("loi")
                />
            </div>
            {select("tinh-trang", say(lang, "Tình trạng", "State"), state_options(lang, &typed.progress))}
            <div class="staff-field">
                <label class="label" for="cau">
                    {say(lang, "Câu công khai", "Sentence for the public")}
                </label>
                <p class="secondary" id="cau-goi-y">
                    {hint}
                </p>
                <textarea
                    class="field"
                    id="cau"
                    name="cau"
                    rows="3"
                    maxlength=SENTENCE_CHARS
                    aria-invalid=sentence_wrong.then_some("true")
                    aria-describedby=if sentence_wrong { "loi cau-goi-y" } else { "cau-goi-y" }
                    // A line break right after the tag is eaten by the parser: give it one to eat.
                    inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(&typed.sentence))
                ></textarea>
            </div>
            <button class="button">{say(lang, "Lưu", "Save")}</button>
        </form>
    }
    .into_any()
}

/// The states alone: each comment has one.
fn state_options(lang: Lang, chosen: &str) -> AnyView {
    let options: Vec<_> = states(lang)
        .into_iter()
        .map(|(value, words)| {
            let selected = value == chosen;
            view! {
                <option value=value selected=selected>
                    {words}
                </option>
            }
        })
        .collect();
    options.into_any()
}
