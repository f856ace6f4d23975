//! One round: its interviewers, and the way to what is to be looked at and decided.

use std::collections::{BTreeMap, HashMap};

use leptos::prelude::*;

use super::decisions::{Decisions, decisions_view};
use super::{kind_name, kiosks, list_title, measure_name, name_of, span_words, to};
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::quality::Interviewer;
use crate::domain::quality::callback::CallbackOutcome;
use crate::domain::quality::compare::Compared;
use crate::domain::quality::overview::Line;
use crate::domain::text::Lang;
use crate::pages::staff::{done, fault, in_lang};

/// How far the call-backs of one interviewer are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Called {
    /// Drawn.
    pub drawn: u32,
    /// Of them noted.
    pub noted: u32,
    /// Something was otherwise.
    pub differs: u32,
    /// The person denied the interview.
    pub denied: u32,
}

impl Called {
    /// One more.
    pub fn add(&mut self, outcome: Option<CallbackOutcome>) {
        self.drawn += 1;
        self.noted += u32::from(outcome.is_some());
        self.differs += u32::from(outcome == Some(CallbackOutcome::Differs));
        self.denied += u32::from(outcome == Some(CallbackOutcome::Denied));
    }
}

/// What the page shows.
#[derive(Clone, Debug)]
pub struct RoundPage {
    /// Language.
    pub lang: Lang,
    /// Code and name of the round.
    pub round: (String, String),
    /// The interviewers.
    pub lines: Vec<Line>,
    /// Their names.
    pub names: BTreeMap<Interviewer, String>,
    /// Their call-backs.
    pub called: HashMap<Interviewer, Called>,
    /// Rules, proposals, decisions.
    pub decisions: Decisions,
    /// When quality control ended.
    pub ended: Option<i64>,
    /// It may be ended now: the round takes no answers any more.
    pub may_end: bool,
    /// What is wrong.
    pub fault: Option<&'static str>,
    /// What was done.
    pub done: Option<String>,
}

/// The title; an error comes first in it.
pub fn round_title(page: &RoundPage) -> String {
    let error = if page.fault.is_some() { say(page.lang, "Lỗi: ", "Error: ") } else { "" };
    format!("{error}{} · {}", list_title(page.lang), page.round.1)
}

/// The page.
pub fn round_view(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let code = &page.round.0;
    let sum = |of: fn(&Line) -> u32| page.lines.iter().map(|line| i64::from(of(line))).sum::<i64>();
    let (n, flagged, excluded) = (sum(|l| l.n), sum(|l| l.flagged), sum(|l| l.excluded));
    let sentence = match lang {
        Lang::Vi => format!(
            "{} phiếu phỏng vấn, {} phiếu có dấu hiệu cần xem, {} phiếu đã loại.",
            count(n, lang),
            count(flagged, lang),
            count(excluded, lang)
        ),
        Lang::En => format!(
            "{} interviews, {} with something to look at, {} left out.",
            count(n, lang),
            count(flagged, lang),
            count(excluded, lang)
        ),
    };
    view! {
        <div class="spaced">
            <h1>{format!("{} · {}", list_title(lang), page.round.1)}</h1>
            {fault(page.fault)}
            {done(page.done.as_deref())}
            <p>{sentence}</p>
            <ul class="files files--row">
                <li>
                    <a href=to(code, "phieu", lang)>{say(lang, "Xem phiếu có dấu hiệu", "Look at what stands out")}</a>
                </li>
                <li>
                    <a href=to(code, "goi-lai", lang)>{say(lang, "Gọi lại người trả lời", "Call-backs")}</a>
                </li>
                <li>
                    <a href=to(code, "may", lang)>{kiosks::heading(lang)}</a>
                </li>
                <li>
                    <a href=in_lang(super::QUALITY_PATH, lang)>{say(lang, "Các đợt khác", "Other rounds")}</a>
                </li>
            </ul>
            {interviewers(page)}
            {decisions_view(&page.decisions, code, lang)}
            {end(page)}
        </div>
    }
    .into_any()
}

fn interviewers(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let title = say(lang, "Theo điều tra viên", "By interviewer");
    if page.lines.is_empty() {
        let words = say(lang, "Đợt này chưa có phiếu phỏng vấn nào.", "The round has no interviews yet.");
        return view! {
            <h2>{title}</h2>
            <p class="empty">{words}</p>
        }
        .into_any();
    }
    let rows: Vec<_> = page.lines.iter().map(|line| row(page, line)).collect();
    view! {
        <h2 id="dieu-tra-vien">{title}</h2>
        <Scroll labelled_by="dieu-tra-vien">
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">{say(lang, "Điều tra viên", "Interviewer")}</th>
                        <th scope="col" class="num">{say(lang, "Phiếu", "Interviews")}</th>
                        <th scope="col" class="num">{say(lang, "Đã loại", "Left out")}</th>
                        <th scope="col" class="num">{say(lang, "Thời lượng trung vị", "Median length")}</th>
                        <th scope="col">{say(lang, "Dấu hiệu", "What stands out")}</th>
                        <th scope="col" class="num">{say(lang, "Lượt thăm: từ chối, vắng", "Visits: refused, away")}</th>
                        <th scope="col">{say(lang, "So với người khác", "Beside the others")}</th>
                        <th scope="col">{say(lang, "Gọi lại", "Called back")}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </Scroll>
        <details class="staff-more">
            <summary>{say(lang, "So với người khác nghĩa là gì", "What the comparison means")}</summary>
            <p class="prose">
                {say(
                    lang,
                    "So từng điều tra viên với những người khác hỏi ở cùng cơ quan (kiểm định Cochran–Mantel–Haenszel, mức 1% cho cả đợt). Khác biệt không phải là vi phạm: hãy xem phiếu và gọi lại. Dưới 20 phiếu của mình hoặc dưới 20 phiếu của người khác ở cùng cơ quan thì chưa đủ để so sánh.",
                    "Each interviewer is compared with the others who asked about the same agencies (Cochran–Mantel–Haenszel test, level 1% for the whole round). A difference is no offence: look, and call back. With fewer than 20 interviews of one's own, or of others at the same agencies, nothing is said.",
                )}
            </p>
        </details>
    }
    .into_any()
}

fn row(page: &RoundPage, line: &Line) -> impl IntoView + use<> {
    let lang = page.lang;
    let name = name_of(line.by, &page.names, lang);
    let address = to(&page.round.0, &format!("phieu?ai={}", line.by.code()), lang);
    let kinds: Vec<String> = line.kinds.iter().map(|(kind, n)| format!("{} {n}", kind_name(*kind, lang))).collect();
    let kinds = if kinds.is_empty() { say(lang, "không có", "none").to_owned() } else { kinds.join(", ") };
    let visits = match line.visits {
        (0, ..) => "–".to_owned(),
        (all, refused, away) => format!("{all}: {refused}, {away}"),
    };
    let median = line.median.map_or_else(|| "–".to_owned(), |ms| span_words(ms, lang));
    let called = page.called.get(&line.by).copied().unwrap_or_default();
    view! {
        <tr>
            <th scope="row">
                <a href=address>{name}</a>
            </th>
            <td class="num">{count(line.n.into(), lang)}</td>
            <td class="num">{count(line.excluded.into(), lang)}</td>
            <td class="num">{median}</td>
            <td>{kinds}</td>
            <td class="num">{visits}</td>
            <td>{compared_words(line, lang)}</td>
            <td>{called_words(called, lang)}</td>
        </tr>
    }
}

/// Whether an interviewer's work differs, in words; never the distribution itself.
pub(super) fn compared_words(line: &Line, lang: Lang) -> String {
    let differs: Vec<&str> = line
        .compared
        .iter()
        .filter(|(_, compared)| matches!(compared, Compared::Differs(_)))
        .map(|(measure, _)| measure_name(*measure, lang))
        .collect();
    if !differs.is_empty() {
        return format!("{}: {}", say(lang, "khác rõ", "clearly differs"), differs.join(", "));
    }
    let alike = line.compared.iter().any(|(_, compared)| matches!(compared, Compared::Alike(_)));
    if alike {
        say(lang, "chưa thấy khác rõ", "no clear difference").to_owned()
    } else {
        say(lang, "chưa đủ để so sánh", "too few to compare").to_owned()
    }
}

pub(super) fn called_words(called: Called, lang: Lang) -> String {
    if called.drawn == 0 {
        return "–".to_owned();
    }
    let mut words = format!("{}/{}", called.noted, called.drawn);
    for (n, vi, en) in [(called.denied, "phủ nhận", "denied"), (called.differs, "có điểm khác", "differ")] {
        if n > 0 {
            words.push_str(&format!(", {n} {}", if lang == Lang::Vi { vi } else { en }));
        }
    }
    words
}

fn end(page: &RoundPage) -> AnyView {
    let lang = page.lang;
    let title = say(lang, "Kết thúc kiểm tra chất lượng", "End of quality control");
    if let Some(at) = page.ended {
        let words = match lang {
            Lang::Vi => format!("Đã kết thúc lúc {}; tên, địa chỉ và liên kết với phiếu đã xoá.", instant(at, lang)),
            Lang::En => format!("Ended at {}; contact data and links were erased.", instant(at, lang)),
        };
        return view! {
            <h2>{title}</h2>
            <p>{words}</p>
        }
        .into_any();
    }
    if !page.may_end {
        let words = say(
            lang,
            "Kết thúc được khi đợt đã đóng: lúc ấy không còn phiếu nào về.",
            "It can be ended once the round is closed: no interviews come then.",
        );
        return view! {
            <h2>{title}</h2>
            <p class="secondary">{words}</p>
        }
        .into_any();
    }
    let called: Called = page.called.values().fold(Called::default(), |sum, one| Called {
        drawn: sum.drawn + one.drawn,
        noted: sum.noted + one.noted,
        ..sum
    });
    let open = called.drawn - called.noted;
    let left = match lang {
        Lang::Vi => format!("Còn {open} người chưa gọi lại."),
        Lang::En => format!("{open} were not called back yet."),
    };
    view! {
        <h2>{title}</h2>
        <p class="prose">
            {say(
                lang,
                "Tên, địa chỉ, điện thoại của người trong mẫu và liên kết giữa người với phiếu bị xoá vĩnh viễn, cùng tệp khoá của đợt; việc xoá được ghi vào nhật ký. Sau đó không gọi lại được nữa. Phiếu và các quyết định vẫn còn.",
                "Names, addresses and telephones of the sample, and which response is whose, are erased for good with the key of the round; the log says so. Nobody can be called back after it. Responses and decisions stay.",
            )}
        </p>
        {(open > 0).then(|| view! { <p class="error">{left}</p> })}
        <form class="staff-form" method="post" action=to(&page.round.0, "ket-thuc", lang)>
            <p class="staff-field">
                <input id="dong-y" name="dong-y" type="checkbox" value="1"/>
                " "
                <label for="dong-y">{say(lang, "Xoá dữ liệu liên hệ của đợt này", "Erase the contact data of this round")}</label>
            </p>
            <button class="button">{say(lang, "Kết thúc và xoá", "End it and erase")}</button>
        </form>
    }
    .into_any()
}
