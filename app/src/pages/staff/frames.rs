//! Lists of dossiers (frames): what an agency hands in, which column says what, and what became of it. Nobody on a list is
//! ever shown again but in the answer to the upload itself, to who sent the file.

mod found;

use leptos::prelude::*;

use super::{done, fault, in_lang, options};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::limits;
use crate::domain::sample::frame::{Part, letters};
use crate::domain::text::Lang;
use crate::server_side::frame::Preview;
use crate::store::FrameStanding;

pub use found::Found;
use found::{decisions, found_view};

/// Where it is.
pub const FRAMES_PATH: &str = "/quan-tri/khung";

/// A list that was taken.
#[derive(Clone, Debug)]
pub struct FrameLine {
    /// Name of the agency.
    pub agency: String,
    /// Name of the round.
    pub round: String,
    /// Name of the file.
    pub file: String,
    /// The first digits of its SHA-256.
    pub print: String,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// N: good lines.
    pub dossiers: u32,
    /// People and organisations, each once.
    pub people: u32,
    /// Bad lines, left out.
    pub bad: u32,
    /// How far it has come.
    pub standing: FrameStanding,
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct FramesPage {
    /// Language.
    pub lang: Lang,
    /// Codes and names of the rounds that take lists.
    pub rounds: Vec<(String, String)>,
    /// Codes and names of the agencies that the reader may hand in for.
    pub agencies: Vec<(String, String)>,
    /// What was chosen: round and agency.
    pub chosen: (String, String),
    /// What was taken so far, the newest first.
    pub lines: Vec<FrameLine>,
    /// What is wrong with what was sent.
    pub fault: Option<String>,
    /// A list was just taken.
    pub done: bool,
}

/// The title; an error comes first in it.
pub fn frames_title(page: &FramesPage) -> String {
    let error = page.fault.as_ref().map_or("", |_| say(page.lang, "Lỗi: ", "Error: "));
    format!("{error}{}", title(page.lang))
}

fn title(lang: Lang) -> &'static str {
    say(lang, "Danh sách hồ sơ", "Lists of dossiers")
}

fn number(n: u32, lang: Lang) -> String {
    count(i64::from(n), lang)
}

/// The page.
pub fn frames_view(page: &FramesPage) -> AnyView {
    let lang = page.lang;
    let was_done = page.done.then(|| {
        say(
            lang,
            "Đã nhận danh sách. Sở Nội vụ rút mẫu từ đó; tên và địa chỉ không hiện lại ở trang này.",
            "The list was taken. Sở Nội vụ draws from it; names and addresses are not shown on this page again.",
        )
    });
    view! {
        <div class="spaced">
            <h1>{title(lang)}</h1>
            {done(was_done)}
            <p class="prose">
                {say(
                    lang,
                    "Tất cả hồ sơ đã trả kết quả trong kỳ đo lường, mỗi hồ sơ một dòng: họ tên hoặc mã hồ sơ, địa chỉ hoặc điện thoại, lĩnh vực. Danh sách này là khung để rút mẫu và cho biết N.",
                    "All dossiers returned in the period, one a line: name or dossier code, address or telephone, field. The sample is drawn from this list, and it tells N.",
                )}
            </p>
            {upload_form(page)}
            <h2 id="da-nop">{say(lang, "Đã nộp", "Handed in")}</h2>
            {table(page)}
        </div>
    }
    .into_any()
}

fn upload_form(page: &FramesPage) -> AnyView {
    let lang = page.lang;
    if page.rounds.is_empty() || page.agencies.is_empty() {
        return view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có đợt đo lường nào đang chờ danh sách của cơ quan.",
                        "No round is waiting for a list of the agency.",
                    )}
                </p>
                <p>
                    {say(
                        lang,
                        "Khi Sở Nội vụ lập đợt mới và đưa cơ quan vào đợt, xin nộp danh sách ở đây.",
                        "Once Sở Nội vụ has set a round up with the agency in it, hand the list in here.",
                    )}
                </p>
            </div>
        }
        .into_any();
    }
    let mega = limits::FRAME_FILE_BYTES / 1024 / 1024;
    let hint = match lang {
        Lang::Vi => format!("Excel (.xlsx) hoặc CSV UTF-8, không quá {mega} MB. Bước sau chọn cột."),
        Lang::En => format!("Excel (.xlsx) or CSV UTF-8, {mega} MB at most. Columns are chosen in the next step."),
    };
    view! {
        <form class="staff-form" method="post" action=in_lang(FRAMES_PATH, lang) enctype="multipart/form-data">
            {fault(page.fault.as_deref())}
            // The choices stand before the file, so that a file for nobody is refused before it is sent.
            <div class="staff-field">
                <label class="label" for="dot">
                    {say(lang, "Đợt đo lường", "Round")}
                </label>
                <select class="field" id="dot" name="dot">
                    {options(&page.rounds, &page.chosen.0)}
                </select>
            </div>
            <div class="staff-field">
                <label class="label" for="co-quan">
                    {say(lang, "Cơ quan", "Agency")}
                </label>
                <select class="field" id="co-quan" name="co-quan">
                    {options(&page.agencies, &page.chosen.1)}
                </select>
            </div>
            <div class="staff-field">
                <label class="label" for="tep">
                    {say(lang, "Tệp danh sách", "File of the list")}
                </label>
                <p class="secondary" id="tep-goi-y">
                    {hint}
                </p>
                <input
                    class="field"
                    id="tep"
                    name="tep"
                    type="file"
                    accept=".csv,.txt,.xlsx,.xls,.htm,.html"
                    required
                    aria-describedby=if page.fault.is_some() { "loi tep-goi-y" } else { "tep-goi-y" }
                    aria-invalid=page.fault.is_some().then_some("true")
                />
            </div>
            <button class="button">{say(lang, "Tải lên và chọn cột", "Upload and choose columns")}</button>
        </form>
    }
    .into_any()
}

/// The state of a list in words.
pub fn standing(standing: FrameStanding, lang: Lang) -> &'static str {
    match standing {
        FrameStanding::Arriving => say(lang, "chưa chọn cột", "columns not chosen"),
        FrameStanding::Uploaded => say(lang, "đã nhận, chưa rút mẫu", "taken, not drawn"),
        FrameStanding::Drawn => say(lang, "đã rút mẫu, đã xoá danh sách", "drawn, list erased"),
        FrameStanding::Replaced => say(lang, "đã thay bằng danh sách khác, đã xoá", "replaced, erased"),
    }
}

fn table(page: &FramesPage) -> AnyView {
    let lang = page.lang;
    if page.lines.is_empty() {
        return view! {
            <div class="empty">
                <p>{say(lang, "Chưa có danh sách nào.", "No list yet.")}</p>
                <p>{say(lang, "Chọn tệp ở trên để nộp danh sách đầu tiên.", "Choose a file above for the first one.")}</p>
            </div>
        }
        .into_any();
    }
    let rows: Vec<_> = page
        .lines
        .iter()
        .map(|line| {
            view! {
                <tr>
                    <th scope="row">{line.agency.clone()}</th>
                    <td>{line.round.clone()}</td>
                    <td>
                        {line.file.clone()} " · " <code>{line.print.clone()}</code>
                    </td>
                    <td>{instant(line.at, lang)}</td>
                    <td class="num">{number(line.dossiers, lang)}</td>
                    <td class="num">{number(line.people, lang)}</td>
                    <td class="num">{number(line.bad, lang)}</td>
                    <td>{standing(line.standing, lang)}</td>
                </tr>
            }
        })
        .collect();
    view! {
        <Scroll labelled_by="da-nop">
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                        <th scope="col">{say(lang, "Đợt", "Round")}</th>
                        <th scope="col">{say(lang, "Tệp, mã băm", "File, hash")}</th>
                        <th scope="col">{say(lang, "Lúc", "At")}</th>
                        <th scope="col" class="num">{say(lang, "Hồ sơ (N)", "Dossiers (N)")}</th>
                        <th scope="col" class="num">{say(lang, "Người, tổ chức", "People")}</th>
                        <th scope="col" class="num">{say(lang, "Dòng lỗi đã bỏ", "Bad lines left out")}</th>
                        <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}

/// The page on which the columns are chosen.
#[derive(Clone, Debug)]
pub struct ColumnsPage {
    /// Language.
    pub lang: Lang,
    /// Key of the frame.
    pub frame: i32,
    /// Name of the agency.
    pub agency: String,
    /// Name of the round.
    pub round: String,
    /// Name of the file.
    pub file: String,
    /// The list that it takes the place of: its file and N.
    pub replaces: Option<(String, u32)>,
    /// The first lines of the reader's own file.
    pub preview: Preview,
    /// What is wrong.
    pub fault: Option<String>,
    /// What the list came to, where it was read.
    pub found: Option<Found>,
}

/// The title; an error comes first in it.
pub fn columns_title(page: &ColumnsPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{}", say(page.lang, "Chọn cột", "Choose columns"))
}

/// The page.
pub fn columns_view(page: &ColumnsPage) -> AnyView {
    let lang = page.lang;
    view! {
        <div class="spaced">
            <h1>{say(lang, "Chọn cột", "Choose columns")}</h1>
            <p class="secondary">{format!("{} · {} · {}", page.agency, page.round, page.file)}</p>
            {fault(page.fault.as_deref())}
            {page.replaces.as_ref().map(|list| view! { <p class="prose">{replaces_text(list, lang)}</p> })}
            {page.found.as_ref().map(|found| found_view(found, lang))}
            {columns_form(page)}
            {first_lines(page)}
        </div>
    }
    .into_any()
}

fn replaces_text((file, dossiers): &(String, u32), lang: Lang) -> String {
    let n = number(*dossiers, lang);
    match lang {
        Lang::Vi => {
            format!(
                "Danh sách này sẽ thay danh sách đã nộp trước ({file}, N = {n}): hồ sơ của hai danh sách không cộng lại."
            )
        }
        Lang::En => {
            format!(
                "This list will take the place of the one handed in before ({file}, N = {n}): the two are not added up."
            )
        }
    }
}

fn columns_form(page: &ColumnsPage) -> AnyView {
    let lang = page.lang;
    let reading = &page.preview.reading;
    let lines: Vec<_> = page
        .preview
        .top
        .iter()
        .map(|(line, cells)| {
            let words: String = cells.join(" | ").chars().take(60).collect();
            let words = match lang {
                Lang::Vi => format!("dòng {line}: {words}"),
                Lang::En => format!("line {line}: {words}"),
            };
            view! {
                <option value=line.to_string() selected=*line == reading.heading>
                    {words}
                </option>
            }
        })
        .collect();
    let selects: Vec<_> = Part::ALL.iter().map(|part| select(*part, page)).collect();
    view! {
        <form class="staff-form" method="post" action=in_lang(&format!("{FRAMES_PATH}/{}", page.frame), lang)>
            <div class="staff-field">
                <label class="label" for="tieu-de">
                    {say(lang, "Dòng tiêu đề", "Line of the headings")}
                </label>
                <select class="field" id="tieu-de" name="tieu-de">
                    {lines}
                </select>
            </div>
            {selects}
            {page.found.as_ref().map(|found| decisions(found, lang))}
            <p class="staff-field">
                <button class="button" name="viec" value="nop">
                    {say(lang, "Nộp danh sách", "Hand the list in")}
                </button>
            </p>
            <p class="staff-field">
                <button class="linklike" name="viec" value="xem">
                    {say(lang, "Đọc lại theo dòng tiêu đề đã chọn", "Read again by the chosen line of headings")}
                </button>
            </p>
            <p>
                <a href=in_lang(FRAMES_PATH, lang)>{say(lang, "Thôi, chọn tệp khác", "No, choose another file")}</a>
            </p>
        </form>
    }
    .into_any()
}

fn select(part: Part, page: &ColumnsPage) -> AnyView {
    let lang = page.lang;
    let chosen = page.preview.reading.columns.column(part);
    let columns = page.preview.headings.len().max(page.preview.rows.iter().map(Vec::len).max().unwrap_or(0));
    let options: Vec<_> = (0..columns)
        .map(|at| {
            let heading = page.preview.headings.get(at).map_or("", String::as_str);
            let name = if heading.is_empty() { letters(at) } else { format!("{} · {heading}", letters(at)) };
            view! {
                <option value=at.to_string() selected=chosen == Some(at)>
                    {name}
                </option>
            }
        })
        .collect();
    view! {
        <div class="staff-field">
            <label class="label" for=part.word()>
                {part.name(lang)}
            </label>
            <select class="field" id=part.word() name=part.word()>
                <option value="">{say(lang, "không có", "none")}</option>
                {options}
            </select>
        </div>
    }
    .into_any()
}

fn first_lines(page: &ColumnsPage) -> AnyView {
    let lang = page.lang;
    let heads: Vec<_> = page
        .preview
        .headings
        .iter()
        .enumerate()
        .map(|(at, heading)| view! { <th scope="col">{format!("{} · {heading}", letters(at))}</th> })
        .collect();
    let rows: Vec<_> = page
        .preview
        .rows
        .iter()
        .map(|cells| {
            let cells: Vec<_> = cells.iter().map(|cell| view! { <td>{cell.clone()}</td> }).collect();
            view! { <tr>{cells}</tr> }
        })
        .collect();
    let title = say(lang, "Những dòng đầu trong tệp của Ông/Bà", "The first lines of your file");
    view! {
        <h2 id="dong-dau">{title}</h2>
        <Scroll labelled_by="dong-dau">
            <table class="plain">
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
    }
    .into_any()
}
