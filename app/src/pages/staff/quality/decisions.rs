//! Rules to apply, proposals that wait for the second person, and what was decided.

use leptos::prelude::*;

use super::to;
use crate::components::number::{count, instant, say};
use crate::components::tables::Scroll;
use crate::domain::ids::AccountId;
use crate::domain::quality::decision::{DecisionKind, NamedRule, Verdict};
use crate::domain::text::Lang;
use crate::pages::staff::Field;
use crate::store::quality::{Decision, QualityFault};

/// Rules, proposals, decisions.
#[derive(Clone, Debug)]
pub struct Decisions {
    /// Who looks: the own proposals wait for somebody else.
    pub me: Option<AccountId>,
    /// Each rule, what it measures by, and how many it fits now.
    pub rules: Vec<(NamedRule, String, usize)>,
    /// All that was proposed and decided, the newest first.
    pub all: Vec<Decision>,
    /// Nothing is decided any more: the round is frozen.
    pub frozen: bool,
}

/// The name of a rule.
pub fn rule_name(rule: NamedRule, lang: Lang) -> &'static str {
    match rule {
        NamedRule::TooFast => say(lang, "Phỏng vấn quá nhanh", "Interview too fast"),
        NamedRule::Denied => say(lang, "Người trả lời phủ nhận", "The person denies it"),
        NamedRule::Burst => say(lang, "Loạt phiếu dồn dập", "Burst at a kiosk"),
    }
}

fn rule_meaning(rule: NamedRule, lang: Lang) -> &'static str {
    match rule {
        NamedRule::TooFast => say(
            lang,
            "Phiếu ngắn hơn 2 giây mỗi câu, hoặc ngắn hơn một phần ba trung vị khi có từ 20 phiếu trở lên.",
            "Shorter than 2 seconds a statement, or than a third of the median where there are 20 interviews or more.",
        ),
        NamedRule::Denied => say(
            lang,
            "Khi gọi lại, người trong mẫu cho biết không có cuộc phỏng vấn nào.",
            "Called back, the person says that there was no interview.",
        ),
        NamedRule::Burst => say(
            lang,
            "Trên máy đặt tại quầy, không có người bên cạnh, nhiều phiếu đến quá nhanh; kể cả phiếu chỉ chạm một mức, vốn không vào chỉ số.",
            "At a kiosk, with nobody beside it, many came too quickly; single taps too, which are in no index.",
        ),
    }
}

/// The name of what a decision does.
pub fn decision_name(decision: &Decision, lang: Lang) -> String {
    let (vi, en) = match decision.kind {
        DecisionKind::RuleOut => ("Loại theo quy tắc", "Left out by rule"),
        DecisionKind::Out => ("Loại từng phiếu", "Single ones left out"),
        DecisionKind::Back => ("Lấy lại từng phiếu", "Single ones taken back"),
        DecisionKind::RuleBack => ("Rút quy tắc", "Rule withdrawn"),
        DecisionKind::In => ("Nhận phiếu đang xem xét", "Taken in from review"),
    };
    let name = if lang == Lang::Vi { vi } else { en };
    match decision.rule {
        Some((rule, version)) => {
            let rule = rule_name(rule, lang);
            match lang {
                Lang::Vi => format!("{name} “{rule}”, bản {version}"),
                Lang::En => format!("{name} “{rule}”, version {version}"),
            }
        }
        None => name.to_owned(),
    }
}

/// Why nothing was decided, in words.
pub fn fault_words(fault: QualityFault, lang: Lang) -> &'static str {
    match fault {
        QualityFault::Frozen => say(
            lang,
            "Đợt đã chốt số liệu: phiếu của đợt không thay đổi nữa.",
            "The round is frozen: its responses do not change any more.",
        ),
        QualityFault::Nothing => say(
            lang,
            "Không có phiếu nào phù hợp. Xin chọn phiếu, hoặc xem lại: có thể người khác vừa quyết định.",
            "Nothing fits. Choose responses, or look again: somebody may have decided just now.",
        ),
        QualityFault::TooMany => {
            say(lang, "Mỗi đề nghị nhiều nhất 100 phiếu.", "At most 100 responses in one proposal.")
        }
        QualityFault::Reason => {
            say(lang, "Xin ghi lý do, từ 10 đến 1.000 ký tự.", "Write a reason of 10 to 1,000 characters.")
        }
        QualityFault::Waiting => {
            say(lang, "Có phiếu đang nằm trong một đề nghị khác chờ duyệt.", "One of them waits in another proposal.")
        }
        QualityFault::Own => say(
            lang,
            "Người đề nghị không tự duyệt: cần một người thứ hai.",
            "Nobody agrees to the own proposal: a second person is needed.",
        ),
        QualityFault::Gone => say(lang, "Việc này đã được quyết định.", "This was decided already."),
        QualityFault::Nobody => say(lang, "Cần đăng nhập bằng tài khoản cá nhân.", "A personal account is needed."),
    }
}

/// The sections.
pub(super) fn decisions_view(decisions: &Decisions, code: &str, lang: Lang) -> AnyView {
    view! {
        {rules(decisions, code, lang)}
        {waiting(decisions, code, lang)}
        {settled(decisions, code, lang)}
    }
    .into_any()
}

fn rules(decisions: &Decisions, code: &str, lang: Lang) -> AnyView {
    let forms: Vec<_> = decisions
        .rules
        .iter()
        .map(|(rule, parameters, fits)| {
            let id = format!("ap-dung-{}", rule.word());
            let some = count(i64::try_from(*fits).unwrap_or(i64::MAX), lang);
            let words = match lang {
                Lang::Vi => format!("Hiện có {some} phiếu đang được tính phù hợp."),
                Lang::En => format!("{some} responses that count now fit."),
            };
            let label = match lang {
                Lang::Vi => format!("Loại {some} phiếu này"),
                Lang::En => format!("Leave these {some} out"),
            };
            let by = say(lang, "Hiện đo theo", "Measured by now");
            let measured =
                (!parameters.is_empty()).then(|| view! { <p class="secondary">{format!("{by}: {parameters}.")}</p> });
            let form = (*fits > 0 && !decisions.frozen).then(|| {
                view! {
                    <form method="post" action=to(code, "quy-tac", lang)>
                        <input type="hidden" name="quy-tac" value=rule.word()/>
                        <p class="staff-field">
                            <input id=id.clone() name="dong-y" type="checkbox" value="1"/>
                            " "
                            <label for=id>{label}</label>
                        </p>
                        <button class="button">{say(lang, "Áp dụng quy tắc", "Apply the rule")}</button>
                    </form>
                }
            });
            view! {
                <h3>{rule_name(*rule, lang)}</h3>
                <p class="prose">{rule_meaning(*rule, lang)}</p>
                {measured}
                <p>{words}</p>
                {form}
            }
        })
        .collect();
    let frozen = decisions.frozen.then(|| view! { <p class="secondary">{fault_words(QualityFault::Frozen, lang)}</p> });
    view! {
        <section class="staff-form" aria-labelledby="quy-tac">
            <h2 id="quy-tac">{say(lang, "Quy tắc loại phiếu", "Rules that leave out")}</h2>
            {frozen}
            {forms}
        </section>
    }
    .into_any()
}

fn waiting(decisions: &Decisions, code: &str, lang: Lang) -> AnyView {
    let items: Vec<_> = decisions
        .all
        .iter()
        .filter(|decision| decision.verdict == Verdict::Open)
        .map(|decision| {
            let own = decisions.me == Some(decision.proposed_by);
            let about = match lang {
                Lang::Vi => format!("{} · {} phiếu", decision_name(decision, lang), decision.about),
                Lang::En => format!("{} · {} responses", decision_name(decision, lang), decision.about),
            };
            let by = format!("{} · {}", decision.proposed_name, instant(decision.proposed_at, lang));
            let look = to(code, &format!("phieu?de-nghi={}", decision.id), lang);
            let no = if own {
                say(lang, "Rút đề nghị", "Take the proposal back")
            } else {
                say(lang, "Không đồng ý", "Do not agree")
            };
            let agree = (!own && !decisions.frozen).then(|| {
                view! {
                    <button class="button" name="viec" value="dong-y">
                        {say(lang, "Đồng ý", "Agree")}
                    </button>
                }
            });
            let wait = own.then(|| view! { <p class="secondary">{fault_words(QualityFault::Own, lang)}</p> });
            view! {
                <li>
                    <h3>{about}</h3>
                    <p>{format!("{}: {}. {}", say(lang, "Nhóm", "Category"), decision.reason.name(lang), decision.words)}</p>
                    <p class="secondary">{by}</p>
                    <p>
                        <a href=look>{say(lang, "Xem các phiếu này", "Look at these responses")}</a>
                    </p>
                    {wait}
                    <form method="post" action=to(code, "duyet", lang)>
                        <input type="hidden" name="de-nghi" value=decision.id.to_string()/>
                        {agree}
                        " "
                        {(!decisions.frozen)
                            .then(|| {
                                view! {
                                    <button class="linklike" name="viec" value="khong">
                                        {no}
                                    </button>
                                }
                            })}
                    </form>
                </li>
            }
        })
        .collect();
    let list = if items.is_empty() {
        view! { <p class="empty">{say(lang, "Không có đề nghị nào chờ duyệt.", "No proposal is waiting.")}</p> }
            .into_any()
    } else {
        view! { <ul class="comments">{items}</ul> }.into_any()
    };
    view! {
        <section aria-labelledby="cho-duyet">
            <h2 id="cho-duyet">{say(lang, "Chờ người thứ hai", "Waiting for the second person")}</h2>
            {list}
        </section>
    }
    .into_any()
}

fn settled(decisions: &Decisions, code: &str, lang: Lang) -> AnyView {
    let withdrawn = |id: i32| decisions.all.iter().any(|decision| decision.withdraws == Some(id));
    let rows: Vec<_> = decisions
        .all
        .iter()
        .filter(|decision| decision.verdict != Verdict::Open)
        .map(|decision| {
            let second = decision.decided.as_ref().map(|(name, at)| format!(" · {name}, {}", instant(*at, lang)));
            let verdict = match decision.verdict {
                Verdict::Declined => say(lang, "không thông qua", "not agreed"),
                _ => say(lang, "có hiệu lực", "in force"),
            };
            let who = format!(
                "{}, {}{}",
                decision.proposed_name,
                instant(decision.proposed_at, lang),
                second.unwrap_or_default()
            );
            let words = if decision.words.is_empty() { decision.parameters.clone() } else { decision.words.clone() };
            view! {
                <tr>
                    <th scope="row">{format!("{}. {}", decision.id, decision_name(decision, lang))}</th>
                    <td class="num">{count(decision.changed.into(), lang)}</td>
                    <td>{verdict}</td>
                    <td>{who}</td>
                    <td>{format!("{}: {}. {words}", say(lang, "Nhóm", "Category"), decision.reason.name(lang))}</td>
                </tr>
            }
        })
        .collect();
    let open: Vec<(String, String)> = decisions
        .all
        .iter()
        .filter(|d| d.kind == DecisionKind::RuleOut && !withdrawn(d.id) && !decisions.frozen)
        .map(|d| (d.id.to_string(), format!("{}. {} ({})", d.id, decision_name(d, lang), d.changed)))
        .collect();
    let table = if rows.is_empty() {
        view! { <p class="empty">{say(lang, "Chưa có quyết định nào.", "Nothing was decided yet.")}</p> }.into_any()
    } else {
        view! {
            <Scroll labelled_by="da-quyet">
                <table class="plain staff-log">
                    <thead>
                        <tr>
                            <th scope="col">{say(lang, "Quyết định", "Decision")}</th>
                            <th scope="col" class="num">{say(lang, "Phiếu đổi", "Changed")}</th>
                            <th scope="col">{say(lang, "Hiệu lực", "State")}</th>
                            <th scope="col">{say(lang, "Ai, lúc nào", "Who, when")}</th>
                            <th scope="col">{say(lang, "Lý do", "Reason")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </Scroll>
        }
        .into_any()
    };
    view! {
        <section aria-labelledby="da-quyet">
            <h2 id="da-quyet">{say(lang, "Đã quyết định", "Decided")}</h2>
            {table}
            {(!open.is_empty()).then(|| withdraw(&open, code, lang))}
        </section>
    }
    .into_any()
}

fn withdraw(open: &[(String, String)], code: &str, lang: Lang) -> AnyView {
    let hint = match lang {
        Lang::Vi => "Mọi phiếu mà lần áp dụng ấy đã loại trở lại như trước.",
        Lang::En => "All that it left out stands again as before.",
    };
    view! {
        <details class="staff-more">
            <summary>{say(lang, "Rút một quy tắc đã áp dụng", "Withdraw a rule that was applied")}</summary>
            <form class="staff-form" method="post" action=to(code, "rut-quy-tac", lang)>
                <p class="secondary">{hint}</p>
                {crate::pages::staff::teams::choice("quyet-dinh", say(lang, "Lần áp dụng", "Which"), open)}
                {Field::text("ly-do-rut", say(lang, "Lý do", "Reason"), "").view()}
                <button class="button">{say(lang, "Rút quy tắc", "Withdraw")}</button>
            </form>
        </details>
    }
    .into_any()
}
