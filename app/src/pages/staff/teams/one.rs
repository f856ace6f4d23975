//! One team: people, units, posts, devices.

use leptos::prelude::*;

use super::file::file_form;
use super::given::given;
use super::progress::{Progress, progress_view};
use super::{TEAMS_PATH, choice, done_line, fault_words, work_name};
use crate::components::number::{instant, say};
use crate::components::tables::Scroll;
use crate::domain::field_work::Work;
use crate::domain::text::Lang;
use crate::pages::staff::{Field, fault, in_lang};
use crate::store::field::{DeviceLine, PostLine, TeamFault, TeamLine};

/// A code that was just made; shown once.
#[derive(Clone, Debug)]
pub struct MadeCode {
    /// The device.
    pub device: String,
    /// The code in groups of four.
    pub code: String,
    /// The same as a QR code: an SVG element.
    pub qr: String,
}

/// The page of a team.
#[derive(Clone, Debug)]
pub struct TeamPage {
    /// Language.
    pub lang: Lang,
    /// The team.
    pub team: TeamLine,
    /// Name of its round.
    pub round: String,
    /// Who could be added.
    pub candidates: Vec<(String, String)>,
    /// Lists that have units nobody has: key and words.
    pub lists: Vec<(String, String)>,
    /// Agencies whose drawn people it may take: key and name.
    pub given: Vec<(String, String)>,
    /// Agencies that could be given to it; none for who may not give.
    pub to_give: Option<Vec<(String, String)>>,
    /// Its posts, with the names of their agencies.
    pub posts: Vec<(PostLine, String)>,
    /// Its devices.
    pub devices: Vec<DeviceLine>,
    /// How far it is.
    pub progress: Progress,
    /// A code to show.
    pub code: Option<MadeCode>,
    /// What is wrong.
    pub fault: Option<TeamFault>,
    /// What was done.
    pub done: Option<String>,
    /// Why a file was not taken in.
    pub file_error: Option<String>,
}

/// The title; an error comes first in it.
pub fn team_title(page: &TeamPage) -> String {
    let error =
        if page.fault.is_some() || page.file_error.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{}", page.team.name)
}

/// The page.
pub fn team_view(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let draws = matches!(page.team.work, Work::Sample | Work::Paper);
    view! {
        <p>
            <a href=in_lang(TEAMS_PATH, lang)>{say(lang, "Về các đội", "All teams")}</a>
        </p>
        <h1>{page.team.name.clone()}</h1>
        <p class="secondary">
            {format!("{} · {} · {}", work_name(page.team.work, lang), page.round, page.team.supervisor.name)}
        </p>
        {fault(page.fault.map(|fault| fault_words(fault, lang)))}
        {done_line(page.done.clone())}
        {page.code.as_ref().map(|code| code_view(code, lang))}
        {draws.then(|| progress_view(&page.progress, lang))}
        {(page.team.work != Work::Kiosk).then(|| people(page))}
        {draws.then(|| units(page))}
        {(!draws).then(|| posts(page))}
        {devices(page)}
        {file_form(page.team.id, page.file_error.as_deref(), lang)}
    }
    .into_any()
}

pub(super) fn to(page: &TeamPage, what: &str) -> String {
    in_lang(&format!("{TEAMS_PATH}/{}/{what}", page.team.id), page.lang)
}

fn code_view(made: &MadeCode, lang: Lang) -> AnyView {
    let words = match lang {
        Lang::Vi => format!("Mã ghi danh của máy {}:", made.device),
        Lang::En => format!("Enrolment code of {}:", made.device),
    };
    view! {
        <div class="empty" role="status">
            <p>{words}</p>
            <p>
                <code class="staff-key">{made.code.clone()}</code>
            </p>
            <div class="staff-qr" role="img" aria-label=say(lang, "Mã để quét bằng máy", "A code to scan") inner_html=made.qr.clone()></div>
            <p>
                {say(
                    lang,
                    "Chỉ hiện một lần; dùng được một lần, trong 24 giờ. Mở /thuc-dia trên máy rồi quét hoặc gõ mã. Máy cũ mà máy chủ không nhận ra: mở máy bằng PIN, bấm “Nhập mã để máy chủ nhận lại máy” rồi gõ mã này.",
                    "It is shown once, and good once within 24 hours. Open /thuc-dia on the device and scan or type it. On an old device that the server does not know: open it with the PIN, press “Enter a code so that the server knows this device again”, and type it there.",
                )}
            </p>
        </div>
    }
    .into_any()
}

fn people(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let draws = page.team.work == Work::Sample;
    let print = |what: &str, words: &'static str, id: i32| {
        view! {
            <a href=to(page, &format!("in/{what}?ai={id}"))>{words}</a>
            " "
        }
    };
    let rows: Vec<_> = page
        .team
        .members
        .iter()
        .map(|member| {
            let id = member.id.0;
            let hidden = id.to_string();
            view! {
                <tr>
                    <th scope="row">{member.name.clone()}</th>
                    <td>{member.login.clone()}</td>
                    <td class="links">
                        {print("giay-gioi-thieu", say(lang, "Giấy giới thiệu", "Letter"), id)}
                        {draws
                            .then(|| {
                                view! {
                                    {print("danh-sach", say(lang, "Danh sách mẫu", "Sample list"), id)}
                                    {print("bang-ke", say(lang, "Bảng kê nghiệm thu", "Acceptance list"), id)}
                                }
                            })}
                    </td>
                    <td>
                        <form method="post" action=to(page, "bot")>
                            <input type="hidden" name="ai" value=hidden/>
                            <button class="linklike" aria-label=format!("{} {}", say(lang, "Bớt", "Remove"), member.chosen_by())>
                                {say(lang, "Bớt", "Remove")}
                            </button>
                        </form>
                    </td>
                </tr>
            }
        })
        .collect();
    let empty = page.team.members.is_empty();
    view! {
        <section aria-labelledby="nguoi">
            <h2 id="nguoi">{say(lang, "Người của đội", "People")}</h2>
            {if empty {
                view! { <p class="empty">{say(lang, "Chưa có ai.", "Nobody yet.")}</p> }.into_any()
            } else {
                view! {
                    <Scroll labelled_by="nguoi">
                        <table class="plain">
                            <thead>
                                <tr>
                                    <th scope="col">{say(lang, "Họ tên", "Person")}</th>
                                    <th scope="col">{say(lang, "Tên đăng nhập", "Name")}</th>
                                    <th scope="col">{say(lang, "Để in", "To print")}</th>
                                    <th scope="col">{say(lang, "Việc", "Action")}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </Scroll>
                }
                .into_any()
            }}
            {(!page.candidates.is_empty())
                .then(|| {
                    view! {
                        <form class="staff-form" method="post" action=to(page, "them")>
                            {choice("ai", say(lang, "Thêm người", "Add a person"), &page.candidates)}
                            <button class="button button--secondary">{say(lang, "Thêm", "Add")}</button>
                        </form>
                    }
                })}
        </section>
    }
    .into_any()
}

fn members(page: &TeamPage) -> Vec<(String, String)> {
    page.team.members.iter().map(|member| (member.id.0.to_string(), member.chosen_by())).collect()
}

fn units(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let members = members(page);
    let ways = [
        (
            "khu-vuc".to_owned(),
            say(lang, "Theo khu vực (ấp, khu vực; xã, phường)", "By area (hamlet, ward)").to_owned(),
        ),
        ("deu".to_owned(), say(lang, "Chia đều theo thứ tự danh sách", "Evenly, in the order of the list").to_owned()),
    ];
    let split = if page.lists.is_empty() {
        view! {
            <p class="empty">
                {say(lang, "Không còn danh sách nào có người chưa giao.", "No list has anybody left to hand out.")}
            </p>
        }
        .into_any()
    } else if members.is_empty() {
        view! { <p class="empty">{say(lang, "Thêm người vào đội trước khi chia.", "Add people to the team first.")}</p> }
            .into_any()
    } else {
        view! {
            <form class="staff-form" method="post" action=to(page, "chia")>
                {choice("danh-sach", say(lang, "Chia danh sách", "Hand out the list"), &page.lists)}
                {choice("cach", say(lang, "Cách chia", "How"), &ways)}
                <button class="button">{say(lang, "Chia cho cả đội", "Hand out to the team")}</button>
            </form>
        }
        .into_any()
    };
    let moves = (!members.is_empty()).then(|| {
        view! {
            <form class="staff-form" method="post" action=to(page, "thu-hoi")>
                {choice("tu", say(lang, "Thu hồi phần chưa xong của", "Take back what is left of"), &members)}
                <button class="button button--secondary">{say(lang, "Thu hồi", "Take back")}</button>
            </form>
            <form class="staff-form" method="post" action=to(page, "chuyen")>
                {choice("chuyen-tu", say(lang, "Chuyển phần chưa xong của", "Move what is left of"), &members)}
                {choice("chuyen-den", say(lang, "cho", "to"), &members)}
                <button class="button button--secondary">{say(lang, "Chuyển", "Move")}</button>
            </form>
        }
    });
    view! {
        <section aria-labelledby="phan-cong">
            <h2 id="phan-cong">{say(lang, "Phân công", "Assignments")}</h2>
            {given(page)}
            {split}
            {moves}
            <p class="secondary">
                {say(
                    lang,
                    "Người đã phỏng vấn không bị thu hồi hay chuyển.",
                    "Who was interviewed already is neither taken back nor moved.",
                )}
            </p>
        </section>
    }
    .into_any()
}

fn posts(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .posts
        .iter()
        .map(|(post, agency)| {
            let quota = post.target.map_or_else(|| "–".to_owned(), |target| target.to_string());
            let held =
                if post.target.is_some() { format!("{} / {}", post.used, post.granted) } else { "–".to_owned() };
            let (passers, asked, refused) = post.base;
            let hidden = post.id.to_string();
            view! {
                <tr>
                    <th scope="row">{post.name.clone()}</th>
                    <td>{agency.clone()}</td>
                    <td>{post.desk.clone()}</td>
                    <td class="num">{post.every}</td>
                    <td class="num">{quota.clone()}</td>
                    <td class="num">{held}</td>
                    <td class="num">{format!("{passers} / {asked} / {refused}")}</td>
                    <td>
                        {post
                            .target
                            .map(|_| {
                                view! {
                                    <form method="post" action=to(page, "chi-tieu")>
                                        <input type="hidden" name="diem" value=hidden/>
                                        <input
                                            class="field"
                                            name="chi-tieu"
                                            type="number"
                                            min="0"
                                            value=quota
                                            aria-label=format!("{} {}", say(lang, "Chỉ tiêu", "Quota"), post.name)
                                        />
                                        <button class="linklike">{say(lang, "Đặt", "Set")}</button>
                                    </form>
                                }
                            })}
                    </td>
                </tr>
            }
        })
        .collect();
    let empty = page.posts.is_empty();
    let intercept = page.team.work == Work::Intercept;
    view! {
        <section aria-labelledby="diem">
            <h2 id="diem">{say(lang, "Điểm khảo sát", "Posts")}</h2>
            {if empty {
                view! { <p class="empty">{say(lang, "Chưa có điểm nào.", "There are no posts yet.")}</p> }.into_any()
            } else {
                view! {
                    <Scroll labelled_by="diem">
                        <table class="plain">
                            <thead>
                                <tr>
                                    <th scope="col">{say(lang, "Điểm", "Post")}</th>
                                    <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                                    <th scope="col">{say(lang, "Mã quầy", "Desk")}</th>
                                    <th scope="col" class="num">"k"</th>
                                    <th scope="col" class="num">{say(lang, "Chỉ tiêu", "Quota")}</th>
                                    <th scope="col" class="num">{say(lang, "Đã nhận / máy giữ", "Used / held")}</th>
                                    <th scope="col" class="num">{say(lang, "Qua / mời / từ chối", "Passed / asked / refused")}</th>
                                    <th scope="col">{say(lang, "Việc", "Action")}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </Scroll>
                }
                .into_any()
            }}
            <form class="staff-form" method="post" action=to(page, "diem")>
                {Field::text("quay", say(lang, "Mã quầy", "Code of the desk"), "").view()}
                {Field::text("ten-diem", say(lang, "Tên điểm", "Name of the post"), "").view()}
                {intercept
                    .then(|| {
                        view! {
                            {Field { kind: "number", ..Field::text("k", say(lang, "Cứ k người hỏi một, k =", "Every k-th visitor, k ="), "5") }
                                .view()}
                            {Field { kind: "number", ..Field::text("chi-tieu", say(lang, "Chỉ tiêu số phiếu", "Interviews wanted"), "30") }
                                .view()}
                        }
                    })}
                <button class="button">{say(lang, "Thêm điểm", "Add the post")}</button>
            </form>
        </section>
    }
    .into_any()
}

fn devices(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let rows: Vec<_> = page
        .devices
        .iter()
        .map(|device| {
            let outbox = match device.waiting {
                None => say(lang, "chưa rõ", "unknown").to_owned(),
                Some(0) => say(lang, "đã gửi hết", "all sent").to_owned(),
                Some(n) if lang == Lang::Vi => format!("còn {n} trong máy"),
                Some(n) => format!("{n} still on it"),
            };
            let state = match device.signed_out_at {
                Some(at) => format!("{} {}", say(lang, "đã đăng xuất", "signed out"), instant(at, lang)),
                None => say(lang, "đang dùng", "in use").to_owned(),
            };
            let hidden = device.id.0.to_string();
            view! {
                <tr>
                    <th scope="row">{device.name.clone()}</th>
                    <td>{device.surveyor.clone().unwrap_or_default()}</td>
                    <td>{instant(device.seen_at, lang)}</td>
                    <td>{outbox}</td>
                    <td>{state}</td>
                    <td>
                        {device
                            .signed_out_at
                            .is_none()
                            .then(|| {
                                view! {
                                    <form method="post" action=to(page, "dang-xuat-may")>
                                        <input type="hidden" name="may" value=hidden/>
                                        <button
                                            class="linklike"
                                            aria-label=format!("{} {}", say(lang, "Đăng xuất", "Sign out"), device.name)
                                        >
                                            {say(lang, "Đăng xuất", "Sign out")}
                                        </button>
                                    </form>
                                }
                            })}
                    </td>
                </tr>
            }
        })
        .collect();
    let empty = page.devices.is_empty();
    let kiosk = page.team.work == Work::Kiosk;
    let holders = if kiosk {
        page.posts.iter().map(|(post, _)| (post.id.to_string(), post.name.clone())).collect()
    } else {
        members(page)
    };
    let (name, label) =
        if kiosk { ("diem", say(lang, "Đặt tại", "At the post")) } else { ("ai", say(lang, "Của", "For")) };
    view! {
        <section aria-labelledby="may">
            <h2 id="may">{say(lang, "Máy", "Devices")}</h2>
            {if empty {
                view! { <p class="empty">{say(lang, "Chưa có máy nào.", "There are no devices yet.")}</p> }.into_any()
            } else {
                view! {
                    <Scroll labelled_by="may">
                        <table class="plain">
                            <thead>
                                <tr>
                                    <th scope="col">{say(lang, "Máy", "Device")}</th>
                                    <th scope="col">{say(lang, "Người dùng", "Used by")}</th>
                                    <th scope="col">{say(lang, "Liên lạc lần cuối", "Last seen")}</th>
                                    <th scope="col">{say(lang, "Phiếu trong máy", "Answers on it")}</th>
                                    <th scope="col">{say(lang, "Tình trạng", "State")}</th>
                                    <th scope="col">{say(lang, "Việc", "Action")}</th>
                                </tr>
                            </thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </Scroll>
                }
                .into_any()
            }}
            {(!holders.is_empty())
                .then(|| {
                    view! {
                        <form class="staff-form" method="post" action=to(page, "ma")>
                            {Field::text("ten-may", say(lang, "Tên ghi trên máy", "Name on the label"), "").view()}
                            {choice(name, label, &holders)}
                            <button class="button">{say(lang, "Cấp mã ghi danh", "Make an enrolment code")}</button>
                        </form>
                    }
                })}
        </section>
    }
    .into_any()
}
