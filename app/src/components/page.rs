//! The frame around every page of the desk: head, header, sample strip, what the data stand on, footer.

use leptos::prelude::*;

pub use leptos::prelude::AnyView;

use super::charts::SAMPLE_MARK;
use super::number::{day, say, start_of_day};
use crate::domain::publication::Code;
use crate::domain::response::local_day;
use crate::domain::text::Lang;

/// Who is responsible for the site; configuration, shown at the foot of every page. What is not known is left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteInfo {
    /// Name of the place whose agencies are measured: "thành phố Cần Thơ".
    pub place: String,
    /// Cơ quan chủ quản.
    pub authority: String,
    /// Đầu mối.
    pub contact: Option<String>,
    /// Điện thoại.
    pub phone: Option<String>,
    /// Thư điện tử.
    pub email: Option<String>,
}

impl Default for SiteInfo {
    /// The sample city: real offices, no invented telephone number.
    fn default() -> Self {
        Self {
            place: "thành phố Cần Thơ".into(),
            authority: "Ủy ban nhân dân thành phố Cần Thơ".into(),
            contact: Some("Sở Nội vụ thành phố Cần Thơ".into()),
            phone: None,
            email: None,
        }
    }
}

/// Addresses of the bundle made for the browser. Without a bundle (a test) pages are plain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assets {
    /// The style sheet.
    pub style: Option<String>,
    /// The script that wakes the islands.
    pub script: Option<String>,
}

/// Which publication figures are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edition {
    /// Its number, from 1.
    pub number: i32,
    /// The front of its hash.
    pub code: Code,
}

/// How far the figures of a round have come: the one answer for pages, prints, files and the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FiguresState {
    /// The round takes answers.
    Open {
        /// So many answers of each agency and stream may not be shown yet (`most_behind` in `domain/disclosure/moving.rs`).
        behind: u32,
    },
    /// The round takes no answers any more and is not frozen.
    Closed {
        /// As while it was open; 0 once all answers are shown.
        behind: u32,
    },
    /// Frozen and not published.
    Frozen,
    /// Published.
    Published(Edition),
}

impl Default for FiguresState {
    fn default() -> Self {
        Self::Open { behind: 0 }
    }
}

impl FiguresState {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open { .. } => "open",
            Self::Closed { .. } => "closed",
            Self::Frozen => "frozen",
            Self::Published(_) => "published",
        }
    }

    /// How many answers of each agency and stream may not be shown yet.
    pub fn behind(self) -> u32 {
        match self {
            Self::Open { behind } | Self::Closed { behind } => behind,
            Self::Frozen | Self::Published(_) => 0,
        }
    }

    /// Whether no later answer changes the figures.
    pub fn is_frozen(self) -> bool {
        matches!(self, Self::Frozen | Self::Published(_))
    }
}

/// What the figures of a page stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// When the last response in them was counted, milliseconds since 1970; none before the first. Shown as its day
    /// only: from the minute an observer of the page could tell which visitor answered.
    pub data_until: Option<i64>,
    /// When they were frozen, milliseconds since 1970; none while they move. Files carry it as their own time.
    pub frozen_at: Option<i64>,
    /// How far they have come.
    pub state: FiguresState,
}

impl Stamp {
    /// The publication that the figures are of; none before.
    pub fn edition(self) -> Option<Edition> {
        if let FiguresState::Published(edition) = self.state { Some(edition) } else { None }
    }

    /// The day (since 1970-01-01, of Việt Nam) of the last response in the figures.
    pub fn day(self) -> Option<i32> {
        self.data_until.map(local_day)
    }

    /// The time that files carry, milliseconds since 1970: that of the freeze, or the beginning of the day.
    pub fn file_time(self) -> Option<i64> {
        self.frozen_at.or_else(|| self.day().map(start_of_day))
    }

    /// "Số liệu đến ngày 12/11/2018 · chưa chốt số liệu", "… · đã chốt số liệu" once they are frozen,
    /// "Bản công bố số 2 · mã 4F7A" once they are published.
    pub fn words(self, lang: Lang) -> String {
        if let Some(Edition { number, code }) = self.edition() {
            return match lang {
                Lang::Vi => format!("Bản công bố số {number} · mã {code}"),
                Lang::En => format!("Publication No. {number} · code {code}"),
            };
        }
        let state = if self.state.is_frozen() {
            say(lang, "đã chốt số liệu", "figures frozen")
        } else {
            say(lang, "chưa chốt số liệu", "figures not frozen yet")
        };
        match self.day() {
            Some(until) => format!("{} {} · {state}", say(lang, "Số liệu đến ngày", "Data up to"), day(until)),
            None => format!("{} · {state}", say(lang, "Chưa có phiếu nào", "No responses yet")),
        }
    }

    /// What may be done with the figures, and what is not in them yet: the sentence beside the stamp on staff pages and
    /// in files.
    ///
    /// The number of answers that are not shown is said as a limit and never as a count. A count would move with every
    /// answer, and tell when the next step comes: an attacker could then put own answers around one citizen's
    /// (`domain/disclosure/moving.rs` keeps even the numbers of what is in no figure in whole steps).
    pub fn note(self, lang: Lang) -> String {
        let first = match self.state {
            FiguresState::Open { .. } => say(
                lang,
                "Số tạm tính khi đợt đang thu phiếu, dùng nội bộ; chỉ bản công bố là số chính thức.",
                "Provisional while the round takes answers, for internal use; only a publication is official.",
            ),
            FiguresState::Closed { .. } => say(
                lang,
                "Số tạm tính: đợt đã kết thúc thu phiếu và chưa chốt số liệu, dùng nội bộ; chỉ bản công bố là số chính thức. Phản hồi tự nguyện có đủ số liệu sau khi chốt.",
                "Provisional: the round is over and not frozen, for internal use; only a publication is official. Voluntary feedback is whole once it is frozen.",
            ),
            FiguresState::Frozen => say(
                lang,
                "Số liệu đã chốt, không thay đổi nữa và chưa công bố, dùng nội bộ; chỉ bản công bố là số chính thức.",
                "Frozen figures, which move no more and are not published yet, for internal use; only a publication is official.",
            ),
            FiguresState::Published(_) => {
                say(lang, "Số liệu chính thức đã công bố.", "Official figures, as published.")
            }
        };
        match (self.state.behind(), lang) {
            (0, _) => first.to_owned(),
            (behind, Lang::Vi) => format!(
                "{first} Tối đa {behind} phiếu mới nhất của mỗi cơ quan, trong từng nguồn phiếu, chưa hiển thị, để không suy ra được câu trả lời của một người."
            ),
            (behind, Lang::En) => format!(
                "{first} At most the {behind} newest responses of each agency in each stream are not shown yet, so that nobody’s answer can be worked out."
            ),
        }
    }
}

/// The pages that the header links to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// `/`.
    Home,
    /// `/ket-qua` and below.
    Results,
    /// `/cach-tinh`.
    Method,
    /// `/cong-bo` and below.
    Publications,
    /// `/quan-tri` and below.
    Staff,
}

/// What the frame needs to know of a page.
#[derive(Clone, Debug)]
pub struct Frame<'a> {
    /// Language of the page.
    pub lang: Lang,
    /// Title; the site's name is put behind it.
    pub title: String,
    /// Where the reader is.
    pub place: Place,
    /// The address of this same page in the other language.
    pub other_language: String,
    /// The data are simulated.
    pub sample_data: bool,
    /// What the figures stand on, for pages with figures.
    pub stamp: Option<Stamp>,
    /// Where the page is found, without `https://`, for the foot of each printed sheet.
    pub printed_address: String,
    /// The page holds an island, so that its script is loaded.
    pub has_island: bool,
    /// The bundle.
    pub assets: &'a Assets,
    /// Who is responsible.
    pub site: &'a SiteInfo,
}

/// The whole document around the content of `<main>`, which is made inside an owner of its own, so that an island may
/// hold signals.
pub fn document(frame: &Frame<'_>, main: impl FnOnce() -> AnyView) -> String {
    document_with(frame, || None, main)
}

/// The same, with something between the header and `<main>`: the navigation of staff.
pub fn document_with(
    frame: &Frame<'_>,
    below_header: impl FnOnce() -> Option<AnyView>,
    main: impl FnOnce() -> AnyView,
) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| html(frame, below_header(), main()));
    owner.cleanup();
    if frame.has_island { html } else { without_markers(&html) }
}

/// A page that is never woken needs no marks between its texts and none of the empty classes that erased views leave
/// behind; in what people typed `<` and `"` are escaped, so that nothing of theirs is lost.
pub fn without_markers(html: &str) -> String {
    html.replace("<!>", "").replace(" class=\"\"", "")
}

fn html(frame: &Frame<'_>, below_header: Option<AnyView>, main: AnyView) -> String {
    let lang = frame.lang;
    let title = format!("{} – Hài Lòng", frame.title);
    let style = frame.assets.style.clone().map(|href| view! { <link rel="stylesheet" href=href/> });
    let script = frame
        .has_island
        .then(|| frame.assets.script.clone())
        .flatten()
        .map(|src| view! { <script type="module" src=src></script> });
    let page = view! {
        <html lang=lang.tag()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                {style}
                {script}
            </head>
            <body>
                <a class="skip" href="#noi-dung">
                    {say(lang, "Tới nội dung", "Skip to content")}
                </a>
                {frame.sample_data.then(|| SampleStrip(SampleStripProps { lang }))}
                {header(frame)}
                {below_header}
                <main id="noi-dung" class="page" tabindex="-1">
                    {main}
                </main>
                {footer(frame)}
                {print_foot(frame)}
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", page.to_html())
}

/// The strip on every page of sample data.
#[component]
fn SampleStrip(lang: Lang) -> impl IntoView {
    view! {
        <aside class="sample-strip" aria-label=say(lang, "Về số liệu", "About the data")>
            <strong>{SAMPLE_MARK}</strong>
            {say(lang, " – không phải kết quả thật", " – simulated data, not real results")}
        </aside>
    }
}

/// The line under the heading that says what the figures stand on.
#[component]
pub fn StampLine(stamp: Stamp, lang: Lang) -> impl IntoView {
    let words = stamp.words(lang);
    let words = match stamp.edition() {
        None => words.into_any(),
        Some(edition) => {
            let sign = if lang == Lang::Vi { "" } else { "?lang=en" };
            view! { <a href=format!("/cong-bo/{}{sign}", edition.number)>{words}</a> }.into_any()
        }
    };
    view! { <p class="stamp">{words}</p> }
}

fn header(frame: &Frame<'_>) -> impl IntoView + use<> {
    let lang = frame.lang;
    let with_lang = |path: &str| if lang == Lang::Vi { path.to_owned() } else { format!("{path}?lang={}", lang.tag()) };
    let link = |place: Place, path: &str, words: &'static str| {
        let current = (frame.place == place).then_some("page");
        view! {
            <li>
                <a href=with_lang(path) aria-current=current>
                    {words}
                </a>
            </li>
        }
    };
    let (other, other_tag) = match lang {
        Lang::Vi => ("English", Lang::En.tag()),
        Lang::En => ("Tiếng Việt", Lang::Vi.tag()),
    };
    view! {
        <header class="header">
            <div class="header__row">
                <a class="header__site" href=with_lang("/")>
                    <strong>"Hài Lòng"</strong>
                    {format!(" · {}", frame.site.place)}
                </a>
                <nav class="header__nav" aria-label=say(lang, "Trang chính", "Main pages")>
                    <ul>
                        {link(Place::Results, "/ket-qua", say(lang, "Kết quả", "Results"))}
                        {link(Place::Method, "/cach-tinh", say(lang, "Cách tính", "How it is calculated"))}
                        {link(Place::Publications, "/cong-bo", say(lang, "Công bố", "Publications"))}
                        <li>
                            <a href=frame.other_language.clone() lang=other_tag hreflang=other_tag>
                                {other}
                            </a>
                        </li>
                    </ul>
                </nav>
            </div>
        </header>
    }
}

/// The line at the foot of every printed sheet: what the figures are, and where they came from.
fn print_foot(frame: &Frame<'_>) -> impl IntoView + use<> {
    let sample = frame.sample_data.then(|| SAMPLE_MARK.to_owned());
    let stamp = frame.stamp.map(|stamp| stamp.words(frame.lang));
    let parts: Vec<String> = sample.into_iter().chain(stamp).chain([frame.printed_address.clone()]).collect();
    view! {
        <p class="print-foot" aria-hidden="true">
            {parts.join(" · ")}
        </p>
    }
}

fn footer(frame: &Frame<'_>) -> impl IntoView + use<> {
    let lang = frame.lang;
    let site = frame.site;
    let line = |term: &'static str, value: Option<String>| {
        value.map(|value| {
            view! {
                <div>
                    <dt>{term}</dt>
                    <dd>{value}</dd>
                </div>
            }
        })
    };
    let updated = frame.stamp.map(|stamp| stamp.words(lang));
    view! {
        <footer class="footer">
            <dl class="footer__list">
                {line(say(lang, "Cơ quan chủ quản", "Governing body"), Some(site.authority.clone()))}
                {line(say(lang, "Đầu mối", "Contact point"), site.contact.clone())}
                {line(say(lang, "Điện thoại", "Telephone"), site.phone.clone())}
                {line(say(lang, "Thư điện tử", "E-mail"), site.email.clone())}
                {line(say(lang, "Cập nhật", "Updated"), updated)}
            </dl>
            <p>{say(lang, "Ghi rõ nguồn khi sử dụng lại.", "Please cite the source when reusing.")}</p>
        </footer>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame<'a>(assets: &'a Assets, site: &'a SiteInfo, title: &str) -> Frame<'a> {
        Frame {
            lang: Lang::Vi,
            title: title.to_owned(),
            place: Place::Results,
            other_language: "/ket-qua?lang=en".into(),
            sample_data: true,
            stamp: Some(Stamp { data_until: Some(17_847 * 86_400_000 + 37_800_000), ..Stamp::default() }),
            printed_address: "hailong.example.vn/ket-qua".into(),
            has_island: false,
            assets,
            site,
        }
    }

    #[test]
    fn a_title_or_a_name_with_markup_is_shown_as_text() {
        let site = SiteInfo { authority: "<img src=x>".into(), ..SiteInfo::default() };
        let html = document(&frame(&Assets::default(), &site, "</title><script>x</script>"), || ().into_any());
        assert!(!html.contains("<script>") && !html.contains("<img"), "{html}");
    }

    #[test]
    fn the_title_says_the_page_first_and_sample_data_say_so() {
        let html = document(&frame(&Assets::default(), &SiteInfo::default(), "Kết quả"), || ().into_any());
        assert!(html.starts_with("<!DOCTYPE html><html lang=\"vi\">"), "{html}");
        assert!(html.contains("<title>Kết quả – Hài Lòng</title>"));
        assert!(html.contains("SỐ LIỆU MÔ PHỎNG"));
        assert!(html.contains("Số liệu đến ngày 12/11/2018 · chưa chốt số liệu") && !html.contains("17:30"));
    }

    #[test]
    fn only_a_page_with_an_island_loads_a_script() {
        let assets = Assets { style: Some("/pkg/a.css".into()), script: Some("/pkg/a.js".into()) };
        let site = SiteInfo::default();
        let without = frame(&assets, &site, "Kết quả");
        assert!(!document(&without, || ().into_any()).contains("<script"));
        let with = Frame { has_island: true, ..without };
        assert!(document(&with, || ().into_any()).contains(r#"<script type="module" src="/pkg/a.js">"#));
    }

    #[test]
    fn one_state_gives_the_stamp_and_the_sentence_and_they_never_contradict() {
        let edition = Edition { number: 1, code: Code::of(&[0x4f; 32]) };
        let at = |state| Stamp { data_until: Some(17_847 * 86_400_000), frozen_at: None, state };
        for (state, stamp, note, behind) in [
            (FiguresState::Open { behind: 9 }, "chưa chốt số liệu", "Số tạm tính", true),
            (FiguresState::Open { behind: 0 }, "chưa chốt số liệu", "Số tạm tính", false),
            (FiguresState::Closed { behind: 9 }, "chưa chốt số liệu", "đã kết thúc thu phiếu", true),
            (FiguresState::Closed { behind: 0 }, "chưa chốt số liệu", "đã kết thúc thu phiếu", false),
            (FiguresState::Frozen, "đã chốt số liệu", "Số liệu đã chốt", false),
            (FiguresState::Published(edition), "Bản công bố số 1", "Số liệu chính thức", false),
        ] {
            let (words, sentence) = (at(state).words(Lang::Vi), at(state).note(Lang::Vi));
            assert!(words.contains(stamp) && sentence.contains(note), "{words}: {sentence}");
            assert_eq!(sentence.contains("Tối đa 9 phiếu mới nhất của mỗi cơ quan"), behind, "{sentence}");
            assert_eq!(sentence.contains("tạm tính"), !state.is_frozen(), "{sentence}");
        }
    }
}
