//! `/quan-tri/doi`: field teams. The list of teams here; one team in [`one`], how far it is in [`progress`], what is
//! printed for it in [`print`], the file of a device in [`file`].

pub mod file;
mod given;
pub mod one;
pub mod print;
pub mod progress;

#[cfg(test)]
mod tests;

use leptos::prelude::*;

use super::{Field, done, fault, in_lang, keyless};
use crate::components::number::{percent, say};
use crate::components::tables::Scroll;
use crate::domain::field_work::Work;
use crate::domain::outcome::Ends;
use crate::domain::text::Lang;
use crate::store::field::TeamFault;

/// Where the pages of teams begin.
pub const TEAMS_PATH: &str = "/quan-tri/doi";

/// The name of a kind of work.
pub fn work_name(work: Work, lang: Lang) -> &'static str {
    match work {
        Work::Sample => say(lang, "Phỏng vấn theo danh sách mẫu", "Interviews from a list"),
        Work::Intercept => say(lang, "Phỏng vấn tại quầy (cách k người)", "Every k-th visitor at a desk"),
        Work::Kiosk => say(lang, "Máy đặt tại quầy", "Kiosks"),
        Work::Paper => say(lang, "Nhập phiếu giấy", "Paper forms"),
    }
}

/// Why nothing was changed, in words.
pub fn fault_words(fault: TeamFault, lang: Lang) -> &'static str {
    match fault {
        TeamFault::Name => say(lang, "Xin ghi tên, nhiều nhất 80 ký tự.", "Write a name, at most 80 characters."),
        TeamFault::Account => say(
            lang,
            "Xin chọn người đang hoạt động và hợp với việc của đội.",
            "Choose somebody in use whose role fits the work of the team.",
        ),
        TeamFault::Measured => say(
            lang,
            "Người này thuộc cơ quan được đo lường trong đợt: cơ quan được đo không tự đo.",
            "This person belongs to an agency that the round measures: the measured agency measures nothing.",
        ),
        TeamFault::Desk => say(lang, "Không có quầy mang mã này trong đợt.", "The round has no desk with this code."),
        TeamFault::Every => say(lang, "k là số từ 1 đến 1000.", "k is a number from 1 to 1000."),
        TeamFault::Target => say(
            lang,
            "Chỉ tiêu không được thấp hơn phần các máy đang giữ.",
            "The quota cannot be below what devices hold of it.",
        ),
        TeamFault::Full => say(lang, "Đội đã đủ 60 người.", "The team is full."),
        TeamFault::Post => say(lang, "Xin chọn điểm của đội.", "Choose a post of the team."),
    }
}

/// A team in the list.
#[derive(Clone, Debug)]
pub struct TeamRow {
    /// Key.
    pub id: i32,
    /// Name.
    pub name: String,
    /// Name of the round.
    pub round: String,
    /// At what.
    pub work: Work,
    /// Who leads it.
    pub supervisor: String,
    /// People in it.
    pub members: usize,
    /// How its units ended; only of work on a list.
    pub ends: Ends,
}

/// The list.
#[derive(Clone, Debug)]
pub struct TeamsPage {
    /// Language.
    pub lang: Lang,
    /// The teams.
    pub teams: Vec<TeamRow>,
    /// Codes and names of rounds.
    pub rounds: Vec<(String, String)>,
    /// Keys and names of who can lead one.
    pub supervisors: Vec<(i32, String)>,
    /// The name that was typed.
    pub typed: String,
    /// What is wrong.
    pub fault: Option<TeamFault>,
    /// Rounds whose contact key the server lacks, with the reason.
    pub keyless: Vec<String>,
}

/// The title; an error comes first in it.
pub fn teams_title(page: &TeamsPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{}", say(page.lang, "Đội điều tra", "Field teams"))
}

/// The page.
pub fn teams_view(page: &TeamsPage) -> AnyView {
    let lang = page.lang;
    let list = if page.teams.is_empty() {
        view! {
            <div class="empty">
                <p>{say(lang, "Chưa có đội nào.", "There is no team yet.")}</p>
                <p>
                    {say(
                        lang,
                        "Lập đội dưới đây, thêm người, rồi chia danh sách mẫu cho từng người.",
                        "Make one below, add people, then hand the sample out to them.",
                    )}
                </p>
            </div>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page.teams.iter().map(|team| team_row(team, lang)).collect();
        view! {
            <Scroll label=say(lang, "Các đội", "Teams")>
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Đội", "Team")}</th>
                            <th scope="col">{say(lang, "Việc", "Work")}</th>
                            <th scope="col">{say(lang, "Đợt", "Round")}</th>
                            <th scope="col">{say(lang, "Tổ trưởng", "Supervisor")}</th>
                            <th scope="col" class="num">{say(lang, "Người", "People")}</th>
                            <th scope="col" class="num">{say(lang, "Xong", "Done")}</th>
                            <th scope="col" class="num">{say(lang, "Phải hỏi", "To ask")}</th>
                            <th scope="col" class="num">"RR1"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    view! {
        <h1>{say(lang, "Đội điều tra", "Field teams")}</h1>
        {keyless(&page.keyless, lang)}
        {list}
        <p>
            <a href=in_lang("/quan-tri/doi/the-tra-loi", lang)>{say(lang, "In thẻ trả lời 1–5", "Print the 1–5 show card")}</a>
        </p>
        <section aria-labelledby="lap">
            <h2 id="lap">{say(lang, "Lập đội", "Make a team")}</h2>
            {make_form(page)}
        </section>
    }
    .into_any()
}

fn team_row(team: &TeamRow, lang: Lang) -> impl IntoView + use<> {
    let rate = team.ends.rate().map_or_else(|| "–".to_owned(), |rate| percent(rate, lang));
    let address = in_lang(&format!("{TEAMS_PATH}/{}", team.id), lang);
    let (done, asked) = match team.work {
        Work::Sample | Work::Paper => (team.ends.complete.to_string(), team.ends.asked().to_string()),
        Work::Intercept | Work::Kiosk => ("–".to_owned(), "–".to_owned()),
    };
    view! {
        <tr>
            <th scope="row">
                <a href=address>{team.name.clone()}</a>
            </th>
            <td>{work_name(team.work, lang)}</td>
            <td>{team.round.clone()}</td>
            <td>{team.supervisor.clone()}</td>
            <td class="num">{team.members}</td>
            <td class="num">{done}</td>
            <td class="num">{asked}</td>
            <td class="num">{rate}</td>
        </tr>
    }
}

fn make_form(page: &TeamsPage) -> AnyView {
    let lang = page.lang;
    if page.rounds.is_empty() || page.supervisors.is_empty() {
        let words = say(
            lang,
            "Cần có một đợt đo lường và một tài khoản tổ trưởng điều tra trước.",
            "A round and an account of a supervisor are needed first.",
        );
        return view! { <p class="empty">{words}</p> }.into_any();
    }
    let works: Vec<_> =
        Work::ALL.iter().map(|work| (work.word().to_owned(), work_name(*work, lang).to_owned())).collect();
    let leaders: Vec<_> = page.supervisors.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    view! {
        <form class="staff-form" method="post" action=in_lang(TEAMS_PATH, lang)>
            {fault(page.fault.map(|fault| fault_words(fault, lang)))}
            {Field {
                wrong: page.fault == Some(TeamFault::Name),
                ..Field::text("ten", say(lang, "Tên đội", "Name of the team"), &page.typed)
            }
                .view()}
            {choice("viec", say(lang, "Việc", "Work"), &works)}
            {choice("dot", say(lang, "Đợt", "Round"), &page.rounds)}
            {choice("to-truong", say(lang, "Tổ trưởng", "Supervisor"), &leaders)}
            <button class="button">{say(lang, "Lập đội", "Make the team")}</button>
        </form>
    }
    .into_any()
}

/// A list to choose one from: values and words.
pub(crate) fn choice(name: &'static str, label: &'static str, options: &[(String, String)]) -> AnyView {
    let options: Vec<_> =
        options.iter().map(|(value, words)| view! { <option value=value.clone()>{words.clone()}</option> }).collect();
    view! {
        <div class="staff-field">
            <label class="label" for=name>
                {label}
            </label>
            <select class="field" id=name name=name>
                {options}
            </select>
        </div>
    }
    .into_any()
}

/// A line that says what was done, for a page of a team.
pub(crate) fn done_line(words: Option<String>) -> Option<AnyView> {
    done(words.as_deref())
}
