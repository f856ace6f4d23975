//! Setting rounds up: the list of rounds, and the form of a new one. One round is in [`one`], its posters in [`posters`].

pub mod one;
pub mod posters;

use leptos::prelude::*;

use super::{done, in_lang};
use crate::components::number::{count, day, instant, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::round::setup::TypedRound;
use crate::domain::sheet::SheetFault;
use crate::domain::text::Lang;
use crate::store::RoundFault;

/// Where these pages begin.
pub const ROUNDS: &str = "/quan-tri/dot";

/// Where a round stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before it opens.
    NotBegun,
    /// Takes answers.
    Open,
    /// Takes none any more.
    Closed,
    /// Frozen, not published.
    Frozen,
    /// Published.
    Published,
}

impl Stage {
    /// In words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::NotBegun => say(lang, "chưa mở", "not begun"),
            Self::Open => say(lang, "đang nhận phiếu", "takes answers"),
            Self::Closed => say(lang, "đã đóng, chưa chốt số liệu", "closed, not frozen"),
            Self::Frozen => say(lang, "đã chốt số liệu", "frozen"),
            Self::Published => say(lang, "đã công bố", "published"),
        }
    }

    /// Whether anything of it may still be changed.
    pub fn may_change(self) -> bool {
        matches!(self, Self::NotBegun | Self::Open | Self::Closed)
    }
}

/// A round in the list.
#[derive(Clone, Debug)]
pub struct RoundRow {
    /// Code in addresses.
    pub code: String,
    /// Name.
    pub name: String,
    /// Short title of its questionnaire, with the version.
    pub questionnaire: String,
    /// First and last day of the period.
    pub period: (i32, i32),
    /// When it opens and closes, milliseconds since 1970; none: always open.
    pub open: (Option<i64>, Option<i64>),
    /// Where it stands.
    pub stage: Stage,
    /// How many agencies it measures.
    pub agencies: usize,
    /// How many desks it has.
    pub desks: usize,
    /// Its data are simulated.
    pub sample_data: bool,
}

/// Something to choose: the value that is sent, and its words.
pub type Choice = (String, String);

/// The form of a round.
#[derive(Clone, Debug, Default)]
pub struct RoundForm {
    /// What was typed.
    pub typed: TypedRound,
    /// What is wrong with it.
    pub faults: Vec<SheetFault>,
    /// Questionnaire versions.
    pub questionnaires: Vec<Choice>,
    /// Method versions.
    pub methods: Vec<Choice>,
}

/// `/quan-tri/dot`.
#[derive(Clone, Debug)]
pub struct RoundsPage {
    /// Language.
    pub lang: Lang,
    /// The rounds, the newest first.
    pub rounds: Vec<RoundRow>,
    /// The form of a new one.
    pub form: RoundForm,
    /// All of the database is sample data, so will the new round be.
    pub sample_data: bool,
    /// Whether there is any agency to measure.
    pub has_agencies: bool,
}

/// The title; an error comes first in it.
pub fn rounds_title(page: &RoundsPage) -> String {
    with_error(say(page.lang, "Đợt đo lường", "Rounds").to_owned(), !page.form.faults.is_empty(), page.lang)
}

pub(super) fn with_error(title: String, wrong: bool, lang: Lang) -> String {
    if wrong { format!("{}: {title}", say(lang, "Lỗi", "Error")) } else { title }
}

/// Why nothing was done.
pub fn fault_words(fault: RoundFault) -> (&'static str, &'static str) {
    match fault {
        RoundFault::Unknown => ("Cơ quan này không có trong đợt.", "The agency is not in this round."),
        RoundFault::CodeTaken => ("Mã này đã có ở một đợt khác.", "Another round has this code."),
        RoundFault::Begun => (
            "Đợt đã mở hoặc đã có phiếu: mẫu phiếu, phương pháp và kỳ đo lường không đổi được nữa.",
            "The round has opened or has responses: questionnaire, method and period stay as they are.",
        ),
        RoundFault::Frozen => {
            ("Đợt này đã chốt số liệu; không đổi được nữa.", "The round is frozen and stays as it is.")
        }
        RoundFault::Closes => (
            "Giờ đóng phải sau giờ mở và không ở trong quá khứ.",
            "A round closes after it opens, and not in the past.",
        ),
        RoundFault::InUse => (
            "Đã có phiếu, quầy hoặc N theo lĩnh vực dựa vào đó, nên không đổi được.",
            "Responses, desks or strata rest on it, so it stays as it is.",
        ),
        RoundFault::TooMany => ("Đợt này đã có quá nhiều quầy.", "The round has too many desks already."),
    }
}

/// Faults above a form, all of them.
pub(super) fn faults(faults: &[SheetFault], lang: Lang) -> Option<AnyView> {
    let words = |fault: &SheetFault| if fault.line == 0 { fault.why.get(lang).to_owned() } else { fault.words(lang) };
    match faults {
        [] => None,
        [one] => super::fault(Some(&words(one))),
        many => Some(
            view! {
                <div class="error" id="loi" role="alert">
                    <ul>{many.iter().map(|fault| view! { <li>{words(fault)}</li> }).collect_view()}</ul>
                </div>
            }
            .into_any(),
        ),
    }
}

/// One field of a form here.
pub(super) struct Input<'a> {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) hint: Option<&'static str>,
    pub(super) kind: &'static str,
    pub(super) value: &'a str,
    pub(super) optional: bool,
    pub(super) list: Option<&'static str>,
    pub(super) wrong: bool,
}

impl<'a> Input<'a> {
    pub(super) fn new(name: &'static str, label: &'static str, value: &'a str) -> Self {
        Self { name, label, hint: None, kind: "text", value, optional: false, list: None, wrong: false }
    }

    pub(super) fn view(self) -> AnyView {
        let hint_id = self.hint.map(|_| format!("{}-goi-y", self.name));
        let (described, required) = (described(self.wrong, hint_id.as_deref()), !self.optional);
        view! {
            <div class="staff-field">
                <label class="label" for=self.name>
                    {self.label}
                </label>
                {self.hint.map(|hint| view! { <p class="secondary" id=hint_id>{hint}</p> })}
                <input
                    class="field"
                    id=self.name
                    name=self.name
                    type=self.kind
                    value=self.value.to_owned()
                    required=required
                    list=self.list
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-invalid=self.wrong.then_some("true")
                    aria-describedby=described
                />
            </div>
        }
        .into_any()
    }
}

fn described(wrong: bool, hint: Option<&str>) -> Option<String> {
    match (wrong, hint) {
        (true, Some(hint)) => Some(format!("loi {hint}")),
        (true, None) => Some("loi".to_owned()),
        (false, hint) => hint.map(str::to_owned),
    }
}

/// A choice among a few.
pub(super) fn select(
    name: &'static str,
    label: &'static str,
    hint: Option<&'static str>,
    choices: &[Choice],
    chosen: &str,
) -> AnyView {
    let options: Vec<_> = choices
        .iter()
        .map(|(value, words)| {
            let is_chosen = value == chosen;
            view! {
                <option value=value.clone() selected=is_chosen>
                    {words.clone()}
                </option>
            }
        })
        .collect();
    let hint_id = hint.map(|_| format!("{name}-goi-y"));
    view! {
        <div class="staff-field">
            <label class="label" for=name>
                {label}
            </label>
            {hint.map(|hint| view! { <p class="secondary" id=hint_id.clone()>{hint}</p> })}
            <select class="field" id=name name=name aria-describedby=hint_id.clone()>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// "từ 07:30 ngày 01/11/2026 đến 17:00 ngày 15/12/2026".
pub(super) fn open_words((opens, closes): (Option<i64>, Option<i64>), lang: Lang) -> String {
    match (opens, closes) {
        (Some(opens), Some(closes)) => {
            let (from, to) = (say(lang, "từ", "from"), say(lang, "đến", "to"));
            format!("{from} {} {to} {}", instant(opens, lang), instant(closes, lang))
        }
        (Some(opens), None) => format!("{} {}", say(lang, "từ", "from"), instant(opens, lang)),
        (None, Some(closes)) => format!("{} {}", say(lang, "đến", "until"), instant(closes, lang)),
        (None, None) => say(lang, "luôn mở", "always open").to_owned(),
    }
}

/// The page.
pub fn rounds_view(page: &RoundsPage) -> AnyView {
    let lang = page.lang;
    let new = if page.has_agencies {
        let hint = page.sample_data.then(|| {
            view! {
                <p>
                    {say(
                        lang,
                        "Cơ sở dữ liệu này là thành phố mẫu: đợt mới cũng mang dấu “SỐ LIỆU MÔ PHỎNG”.",
                        "This database is the sample city: a new round is marked as simulated data too.",
                    )}
                </p>
            }
        });
        view! {
            {hint}
            <form class="staff-form" method="post" action=in_lang(ROUNDS, lang)>
                {round_fields(&page.form, lang)}
                <button class="button">{say(lang, "Lập đợt", "Make the round")}</button>
            </form>
        }
        .into_any()
    } else {
        view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có cơ quan nào để đo lường. Trên máy chủ, chạy lệnh:",
                        "There is no agency to measure yet. On the server, run:",
                    )}
                </p>
                <p class="staff-key">
                    <code>"hailong import agencies FILE.csv"</code>
                </p>
                <p>
                    {say(
                        lang,
                        "Lệnh hailong import agencies --help cho biết các cột của tệp.",
                        "hailong import agencies --help tells the columns of the file.",
                    )}
                </p>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="spaced">
            <h1>{say(lang, "Đợt đo lường", "Rounds")}</h1>
            {table(page)}
            <section aria-labelledby="lap-dot">
                <h2 id="lap-dot">{say(lang, "Lập đợt mới", "Make a round")}</h2>
                {new}
            </section>
        </div>
    }
    .into_any()
}

fn table(page: &RoundsPage) -> AnyView {
    let lang = page.lang;
    if page.rounds.is_empty() {
        return view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có đợt nào: lập một đợt dưới đây, rồi thêm cơ quan với số hồ sơ và các quầy.",
                        "There is no round yet: make one below, then add agencies with their dossiers, and desks.",
                    )}
                </p>
            </div>
        }
        .into_any();
    }
    let rows: Vec<_> = page
        .rounds
        .iter()
        .map(|round| {
            let mark = round.sample_data.then(|| say(lang, " · số liệu mô phỏng", " · simulated data"));
            view! {
                <tr>
                    <th scope="row">
                        <a href=in_lang(&format!("{ROUNDS}/{}", round.code), lang)>{round.name.clone()}</a>
                        {mark}
                    </th>
                    <td>{round.stage.words(lang)}</td>
                    <td>{round.questionnaire.clone()}</td>
                    <td>{open_words(round.open, lang)}</td>
                    <td class="num">{count(round.agencies as i64, lang)}</td>
                    <td class="num">{count(round.desks as i64, lang)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Scroll label=say(lang, "Các đợt", "Rounds")>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Đợt", "Round")}</th>
                        <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                        <th scope="col">{say(lang, "Mẫu phiếu", "Questionnaire")}</th>
                        <th scope="col">{say(lang, "Nhận phiếu", "Takes answers")}</th>
                        <th scope="col" class="num">
                            {say(lang, "Cơ quan", "Agencies")}
                        </th>
                        <th scope="col" class="num">
                            {say(lang, "Quầy", "Desks")}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

/// The fields of a round, with what is wrong above them.
pub(super) fn round_fields(form: &RoundForm, lang: Lang) -> AnyView {
    let typed = &form.typed;
    let wrong = |name: &str| form.faults.iter().any(|fault| fault.column == name);
    let mut methods =
        vec![(String::new(), say(lang, "Phương pháp của mẫu phiếu", "The questionnaire's own").to_owned())];
    methods.extend(form.methods.iter().cloned());
    let most = limits::FIELDS * limits::ROUND_NAME_CHARS;
    view! {
        {faults(&form.faults, lang)}
        {Input {
            hint: Some(say(lang, "Đứng trong địa chỉ, ví dụ y-te-2026.", "It stands in addresses, for example y-te-2026.")),
            wrong: wrong("ma"),
            ..Input::new("ma", say(lang, "Mã đợt", "Code"), &typed.code)
        }
            .view()}
        {Input { wrong: wrong("ten"), ..Input::new("ten", say(lang, "Tên đợt", "Name"), &typed.name_vi) }.view()}
        {Input {
            optional: true,
            ..Input::new("ten-en", say(lang, "Tên tiếng Anh (nếu có)", "Name in English (if any)"), &typed.name_en)
        }
            .view()}
        {select("mau-phieu", say(lang, "Mẫu phiếu", "Questionnaire"), None, &form.questionnaires, &typed.questionnaire)}
        {select(
            "phuong-phap",
            say(lang, "Phương pháp tính", "Method"),
            Some(
                say(
                    lang,
                    "Mẫu phiếu và phương pháp không đổi được nữa khi đợt đã mở hoặc đã có phiếu.",
                    "Questionnaire and method stay as they are once the round opens or has a response.",
                ),
            ),
            &methods,
            &typed.method,
        )}
        {Input {
            kind: "date",
            hint: Some(
                say(
                    lang,
                    "Kỳ mà số hồ sơ (N) được đếm; cơ quan được xét theo kỳ này.",
                    "The period in which dossiers (N) are counted; agencies are those of this period.",
                ),
            ),
            wrong: wrong("tu-ngay"),
            ..Input::new("tu-ngay", say(lang, "Kỳ đo lường, ngày đầu", "Period, first day"), &typed.period_from)
        }
            .view()}
        {Input {
            kind: "date",
            wrong: wrong("tu-ngay"),
            ..Input::new("den-ngay", say(lang, "Kỳ đo lường, ngày cuối", "Period, last day"), &typed.period_to)
        }
            .view()}
        {Input {
            kind: "datetime-local",
            hint: Some(say(lang, "Giờ Việt Nam.", "The time of Việt Nam.")),
            wrong: wrong("mo"),
            ..Input::new("mo", say(lang, "Mở nhận phiếu", "Opens"), &typed.opens)
        }
            .view()}
        {Input {
            kind: "datetime-local",
            wrong: wrong("mo"),
            ..Input::new("dong", say(lang, "Đóng nhận phiếu", "Closes"), &typed.closes)
        }
            .view()}
        <div class="staff-field">
            <label class="label" for="linh-vuc">
                {say(lang, "Lĩnh vực (nếu chia)", "Fields (if any)")}
            </label>
            <p class="secondary" id="linh-vuc-goi-y">
                {say(
                    lang,
                    "Mỗi dòng: mã; tên; tên tiếng Anh. Ví dụ: dat-dai; Đất đai; Land.",
                    "One a line: code; name; English name. For example: dat-dai; Đất đai; Land.",
                )}
            </p>
            <textarea
                class="field"
                id="linh-vuc"
                name="linh-vuc"
                rows="4"
                maxlength=most
                aria-invalid=wrong("linh-vuc").then_some("true")
                aria-describedby=described(wrong("linh-vuc"), Some("linh-vuc-goi-y"))
                inner_html=format!("\n{}", html_escape::encode_double_quoted_attribute(&typed.fields))
            ></textarea>
        </div>
    }
    .into_any()
}

/// The period in words.
pub(super) fn period_words((from, to): (i32, i32), lang: Lang) -> String {
    format!("{} {} {}", day(from), say(lang, "đến", "to"), day(to))
}

pub(super) fn done_line(words: Option<&str>) -> Option<AnyView> {
    done(words)
}
