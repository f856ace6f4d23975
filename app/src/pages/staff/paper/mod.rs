//! Paper forms: the list of batches and the form of a new one. A batch is printed by [`print`], keyed by [`entry`] and
//! settled by [`settle`].

pub mod entry;
pub mod print;
pub mod rates;
pub mod settle;

use leptos::prelude::*;

use super::rounds::{Choice, Input, faults, select};
use super::{done, in_lang};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::paper::{Again, BATCH_FORMS};
use crate::domain::response::Stream;
use crate::domain::sheet::SheetFault;
use crate::domain::text::Lang;
use crate::pages::results::words::stream as stream_name;
use crate::store::PaperProgress;

/// Where these pages begin.
pub const PAPER: &str = "/quan-tri/phieu-giay";
/// Where the script of keying is.
pub const SCRIPT_PATH: &str = "/quan-tri/phieu-giay.js";
/// The script of keying. Without it the entry screen is a plain form.
pub const SCRIPT: &str = include_str!("keys.js");

/// The streams that paper forms come in; a code is spent where it is typed, not on paper.
pub const STREAMS: [Stream; 3] = [Stream::Sample, Stream::Intercept, Stream::Open];

/// What names a batch on its pages.
#[derive(Clone, Debug)]
pub struct BatchHead {
    /// Number.
    pub id: i32,
    /// Name of the round.
    pub round: String,
    /// Name of the agency.
    pub agency: String,
    /// Name of the field, if it has one.
    pub field: Option<String>,
    /// How its respondents come.
    pub stream: Stream,
    /// How far it is.
    pub progress: PaperProgress,
}

impl BatchHead {
    /// "Tập 3 · Sở Y tế".
    pub fn title(&self, lang: Lang) -> String {
        format!("{} {} · {}", say(lang, "Tập", "Batch"), self.id, self.agency)
    }

    /// "12/50 đã nhập · 3 chờ nhập lần hai".
    pub fn progress_words(&self, lang: Lang) -> String {
        let PaperProgress { forms, first, again, differ, waiting, settled } = self.progress;
        let n = |n: i64| count(n, lang);
        let mut words = format!("{}/{} {}", n(first), n(forms), say(lang, "đã nhập", "keyed"));
        for (number, what) in [
            (again, say(lang, "chờ nhập lần hai", "to be keyed again")),
            (differ, say(lang, "chờ đối chiếu", "to be settled")),
            (waiting, say(lang, "chờ đóng tập", "count once the batch is closed")),
            (settled, say(lang, "xong", "done")),
        ] {
            if number > 0 {
                words.push_str(&format!(" · {} {what}", n(number)));
            }
        }
        words
    }
}

/// A batch in the list.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// Which.
    pub head: BatchHead,
    /// Who made it and when.
    pub made: (String, i64),
}

/// What was typed into the form of a new batch.
#[derive(Clone, Debug, Default)]
pub struct TypedBatch {
    /// Code of the round.
    pub round: String,
    /// Code of the agency.
    pub agency: String,
    /// Code of the field.
    pub field: String,
    /// Word of the stream.
    pub stream: String,
    /// How many forms.
    pub forms: String,
    /// Word of how many are keyed twice.
    pub again: String,
    /// Language of the form.
    pub lang: String,
}

/// The form of a new batch.
#[derive(Clone, Debug, Default)]
pub struct BatchForm {
    /// What was typed.
    pub typed: TypedBatch,
    /// What is wrong with it.
    pub faults: Vec<SheetFault>,
    /// Rounds that are not frozen.
    pub rounds: Vec<Choice>,
    /// Agencies of these rounds.
    pub agencies: Vec<Choice>,
}

/// `/quan-tri/phieu-giay`.
#[derive(Clone, Debug)]
pub struct BatchesPage {
    /// Language.
    pub lang: Lang,
    /// The batches, the newest first.
    pub batches: Vec<BatchRow>,
    /// Login name of who looks, if they key forms: what waits in their browser is sent from here too.
    pub clerk: Option<String>,
    /// The form of a new one, for who may make one.
    pub form: Option<BatchForm>,
    /// How well the clerks key, by round; for who settles.
    pub rates: Vec<rates::RoundRates>,
    /// What was just done.
    pub done: Option<String>,
}

/// The title; an error comes first in it.
pub fn batches_title(page: &BatchesPage) -> String {
    let wrong = page.form.as_ref().is_some_and(|form| !form.faults.is_empty());
    titled(say(page.lang, "Phiếu giấy", "Paper forms"), wrong, page.lang)
}

/// A title, with an error first.
pub(super) fn titled(title: &str, wrong: bool, lang: Lang) -> String {
    if wrong { format!("{}: {title}", say(lang, "Lỗi", "Error")) } else { title.to_owned() }
}

/// The page.
pub fn batches_view(page: &BatchesPage) -> AnyView {
    let lang = page.lang;
    let new = page.form.as_ref().map(|form| {
        view! {
            <section aria-labelledby="lap-tap">
                <h2 id="lap-tap">{say(lang, "Lập tập phiếu mới", "Make a batch")}</h2>
                {new_batch(form, lang)}
            </section>
        }
    });
    view! {
        <div class="spaced">
            <h1>{say(lang, "Phiếu giấy", "Paper forms")}</h1>
            {done(page.done.as_deref())}
            {page.clerk.clone().map(sender)}
            {list(page)}
            {new}
            {rates::of_rounds(&page.rates, lang)}
        </div>
    }
    .into_any()
}

/// Where the script says what waits in this browser, and sends it.
fn sender(clerk: String) -> AnyView {
    view! {
        <div id="phieu-cho" data-clerk=clerk>
            <p id="bao" role="status"></p>
            <div id="khong-nhan" role="alert"></div>
            <script src=SCRIPT_PATH defer></script>
        </div>
    }
    .into_any()
}

/// The button that closes a batch, where something waits for it.
pub(super) fn close_form(head: &BatchHead, lang: Lang) -> Option<AnyView> {
    let n = head.progress.waiting;
    let words = match lang {
        Lang::Vi => format!("Đóng tập: tính {} phiếu đã nhập một lần", count(n, lang)),
        Lang::En => format!("Close the batch: count {} forms keyed once", count(n, lang)),
    };
    let form = view! {
        <form class="staff-form" method="post" action=in_lang(&format!("{PAPER}/{}/dong", head.id), lang)>
            <p class="secondary">
                {say(
                    lang,
                    "Phiếu chỉ nhập một lần được tính khi đóng tập; đóng rồi thì không sửa được nữa. Phiếu nhập sau đó chờ lần đóng tiếp theo.",
                    "What is keyed once counts when the batch is closed, and is corrected no more. What is keyed later waits for the next closing.",
                )}
            </p>
            <button class="button button--secondary">{words}</button>
        </form>
    };
    (n > 0).then(|| form.into_any())
}

fn list(page: &BatchesPage) -> AnyView {
    let lang = page.lang;
    if page.batches.is_empty() {
        let words = match (page.form.is_some(), page.clerk.is_some()) {
            (true, _) => say(
                lang,
                "Chưa có tập phiếu nào: lập một tập dưới đây, in ra, phát đi, rồi giao lại cho người nhập.",
                "There is no batch yet: make one below, print it, hand it out, and give it to the clerks.",
            ),
            (false, _) => say(
                lang,
                "Chưa có tập phiếu nào để nhập. Tổ trưởng điều tra lập và in tập phiếu; khi có, tập hiện ra ở đây.",
                "There is no batch to key yet. A supervisor makes and prints batches; they appear here.",
            ),
        };
        return view! { <div class="empty"><p>{words}</p></div> }.into_any();
    }
    let rows: Vec<_> = page.batches.iter().map(|row| batch_row(row, page)).collect();
    view! {
        <Scroll label=say(lang, "Các tập phiếu", "Batches")>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Tập", "Batch")}</th>
                        <th scope="col">{say(lang, "Việc", "To do")}</th>
                        <th scope="col">{say(lang, "Tiến độ", "Progress")}</th>
                        <th scope="col">{say(lang, "Nguồn phiếu", "Stream")}</th>
                        <th scope="col">{say(lang, "Đợt", "Round")}</th>
                        <th scope="col">{say(lang, "Lập", "Made")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

fn batch_row(row: &BatchRow, page: &BatchesPage) -> AnyView {
    let (lang, head) = (page.lang, &row.head);
    let link = |path: String, words: &'static str| {
        let name = format!("{words}: {}", head.title(lang));
        view! {
            <div>
                <a href=in_lang(&path, lang) aria-label=name>
                    {words}
                </a>
            </div>
        }
        .into_any()
    };
    let at = format!("{PAPER}/{}", head.id);
    let mut links = Vec::new();
    if page.clerk.is_some() {
        links.push(link(at.clone(), say(lang, "Nhập", "Key")));
        if head.progress.again > 0 {
            links.push(link(format!("{at}?lan=2"), say(lang, "Nhập lần hai", "Key again")));
        }
    }
    if page.form.is_some() {
        links.push(link(format!("{at}/in"), say(lang, "In phiếu", "Print")));
        links.push(link(format!("{at}/doi-chieu"), say(lang, "Đối chiếu", "Settle")));
    }
    let field = head.field.clone().map(|field| format!(" · {field}"));
    view! {
        <tr>
            <th scope="row">{head.title(lang)} {field}</th>
            <td>{links}</td>
            <td>{head.progress_words(lang)}</td>
            <td>{stream_name(head.stream, lang)}</td>
            <td>{head.round.clone()}</td>
            <td>{format!("{}, {}", row.made.0, instant(row.made.1, lang))}</td>
        </tr>
    }
    .into_any()
}

fn new_batch(form: &BatchForm, lang: Lang) -> AnyView {
    if form.rounds.is_empty() {
        return view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có đợt đo lường nào chưa chốt số liệu. Sở Nội vụ lập đợt trước, rồi mới lập được tập phiếu.",
                        "There is no round that is not frozen. Sở Nội vụ makes a round first.",
                    )}
                </p>
            </div>
        }
        .into_any();
    }
    let typed = &form.typed;
    let wrong = |name: &str| form.faults.iter().any(|fault| fault.column == name);
    let streams: Vec<Choice> =
        STREAMS.iter().map(|stream| (stream.word().to_owned(), stream_name(*stream, lang).to_owned())).collect();
    let again: Vec<Choice> = [
        (Again::Tenth, say(lang, "10 %, máy bốc ngẫu nhiên", "10 %, drawn")),
        (Again::All, say(lang, "tất cả", "all")),
    ]
    .map(|(again, words)| (again.word().to_owned(), words.to_owned()))
    .to_vec();
    let langs: Vec<Choice> = [("vi", "Tiếng Việt"), ("en", "English")].map(|(a, b)| (a.into(), b.into())).to_vec();
    let options: Vec<_> =
        form.agencies.iter().map(|(code, name)| view! { <option value=code.clone()>{name.clone()}</option> }).collect();
    view! {
        <form class="staff-form" method="post" action=in_lang(PAPER, lang)>
            {faults(&form.faults, lang)}
            {select("dot", say(lang, "Đợt", "Round"), None, &form.rounds, &typed.round)}
            {Input {
                list: Some("cac-co-quan"),
                wrong: wrong("co-quan"),
                ..Input::new("co-quan", say(lang, "Mã cơ quan", "Code of the agency"), &typed.agency)
            }
                .view()}
            <datalist id="cac-co-quan">{options}</datalist>
            {Input {
                optional: true,
                wrong: wrong("linh-vuc"),
                ..Input::new("linh-vuc", say(lang, "Mã lĩnh vực (nếu đợt có chia)", "Code of the field (if any)"), &typed.field)
            }
                .view()}
            {select("nguon", say(lang, "Nguồn phiếu", "Stream"), None, &streams, &typed.stream)}
            {Input {
                kind: "number",
                hint: Some(say(lang, "Từ 1 đến 50; mỗi phiếu một mã riêng.", "1 to 50; each form has a code of its own.")),
                wrong: wrong("so"),
                ..Input::new("so", say(lang, "Số phiếu", "Forms"), &typed.forms)
            }
                .view()}
            {select("nhap-lai", say(lang, "Nhập lần hai", "Keyed twice"), None, &again, &typed.again)}
            {select("tieng", say(lang, "Ngôn ngữ trên phiếu", "Language of the form"), None, &langs, &typed.lang)}
            <button class="button">{say(lang, "Lập tập phiếu", "Make the batch")}</button>
        </form>
    }
    .into_any()
}

/// How many forms were typed; none outside what a batch holds.
pub fn forms_of(typed: &str) -> Option<u16> {
    typed.trim().parse().ok().filter(|n| (1..=BATCH_FORMS).contains(n))
}

/// Who may not: the measured agency measures nothing.
pub fn measured_view(lang: Lang) -> AnyView {
    view! {
        <div class="spaced">
            <h1>{say(lang, "Tài khoản này không làm được việc này", "This account may not do this")}</h1>
            <p>
                {say(
                    lang,
                    "Tài khoản thuộc một cơ quan được đo lường trong đợt này. Cơ quan được đo lường không lập, không nhập, không đối chiếu phiếu. Xin nhờ Sở Nội vụ giao cho người khác.",
                    "The account belongs to an agency that this round measures. A measured agency neither makes nor keys nor settles forms. Ask Sở Nội vụ to hand it to somebody else.",
                )}
            </p>
            <p>
                <a href=in_lang(PAPER, lang)>{say(lang, "Về danh sách tập phiếu", "To the batches")}</a>
            </p>
        </div>
    }
    .into_any()
}
