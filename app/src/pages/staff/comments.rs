//! Comments: the list, and (in [`one`]) a comment with what is done about it. Nothing here tells who wrote one, when or
//! at which desk.

pub mod one;

use leptos::prelude::*;

use super::{done, in_lang};
use crate::components::number::{months, say};
use crate::domain::comment::{Progress, Theme};
use crate::domain::text::Lang;
use crate::store::CommentRow;

/// Where the list is.
pub const COMMENTS_PATH: &str = "/quan-tri/y-kien";

/// A comment with the name of its agency.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The comment.
    pub row: CommentRow,
    /// The name of its agency.
    pub agency: String,
}

/// What the list shows.
#[derive(Clone, Debug)]
pub struct CommentsPage {
    /// Language.
    pub lang: Lang,
    /// The comments.
    pub comments: Vec<Shown>,
    /// Codes and names of the agencies in the scope that a round measures.
    pub agencies: Vec<(String, String)>,
    /// Code of the agency that is asked for.
    pub agency: String,
    /// Subject that is asked for.
    pub theme: Option<Theme>,
    /// State that is asked for.
    pub progress: Option<Progress>,
    /// The address of the next page.
    pub next: Option<String>,
    /// What was just done.
    pub done: Option<&'static str>,
}

/// The title of the list.
pub fn comments_title(lang: Lang) -> &'static str {
    say(lang, "Ý kiến của người dân", "Comments")
}

/// The address of a comment.
pub fn comment_address(id: i64, lang: Lang) -> String {
    in_lang(&format!("{COMMENTS_PATH}/{id:x}"), lang)
}

/// How comments come here, in words.
fn rules(lang: Lang) -> AnyView {
    view! {
        <p>
            {say(
                lang,
                "Ý kiến đến theo lô từ 5 trở lên, đã xáo trộn, sớm nhất là ngày làm việc kế tiếp, chỉ ghi tháng của lô. Số điện thoại, thư điện tử, số giấy tờ được thay bằng “[đã che]”. Không ai ở đây biết người viết là ai, trả lời gì khác, ngày nào, quầy nào.",
                "Comments come in shuffled batches of 5 or more, on the next working day at the earliest, with the months of the batch alone. Telephone numbers, e-mail and numbers of papers read “[đã che]”. Nobody here knows who wrote one, what else they answered, on which day or at which desk.",
            )}
        </p>
        <p class="secondary">
            {say(
                lang,
                "Chỉ có ý kiến của phiếu hợp lệ và phiếu chưa đủ. Ý kiến có dấu hiệu tham nhũng, sách nhiễu chỉ đến Sở Nội vụ và Thanh tra thành phố. Mỗi lần xem và mỗi việc làm được ghi vào nhật ký.",
                "Only those of valid and of incomplete responses are here. Those on corruption or harassment go to Sở Nội vụ and Thanh tra thành phố alone. Each look and each act is in the log.",
            )}
        </p>
    }
    .into_any()
}

fn facts(shown: &Shown, lang: Lang) -> AnyView {
    let row = &shown.row;
    let theme = row.theme.map(|theme| format!(" · {}", theme.name(lang)));
    let assigned = (!row.assigned.is_empty()).then(|| format!(" · {} {}", say(lang, "giao:", "with:"), row.assigned));
    let sensitive = row.sensitive.map(|kind| format!(" · {}", kind.name(lang)));
    view! {
        <p class="secondary">
            {format!("{} · {}", shown.agency, months(row.months, lang))} {theme} {assigned}
            {format!(" · {}", row.progress.name(lang))} {sensitive}
        </p>
    }
    .into_any()
}

fn body(row: &CommentRow) -> AnyView {
    view! { <blockquote class="comment">{row.body.clone()}</blockquote> }.into_any()
}

fn sentence(row: &CommentRow, lang: Lang) -> Option<AnyView> {
    (!row.sentence.is_empty()).then(|| {
        view! {
            <p>
                <b>{say(lang, "Câu công khai: ", "To the public: ")}</b>
                {row.sentence.clone()}
            </p>
        }
        .into_any()
    })
}

/// The list.
pub fn comments_view(page: &CommentsPage) -> AnyView {
    let lang = page.lang;
    let items: Vec<_> = page
        .comments
        .iter()
        .map(|shown| {
            view! {
                <li>
                    {body(&shown.row)} {facts(shown, lang)} {sentence(&shown.row, lang)}
                    <a href=comment_address(shown.row.id, lang) aria-label=format!("{}: {}", say(lang, "Xử lý", "Handle"), start_of(&shown.row.body))>
                        {say(lang, "Xử lý", "Handle")}
                    </a>
                </li>
            }
        })
        .collect();
    let list = if items.is_empty() {
        view! {
            <div class="empty">
                <p>
                    {say(
                        lang,
                        "Chưa có ý kiến nào ở đây. Ý kiến hiện ra khi cơ quan có đủ một lô 5 ý kiến, vào ngày làm việc kế tiếp.",
                        "No comments here yet. They appear once an agency has a batch of 5, on the next working day.",
                    )}
                </p>
                <p>
                    <a href=in_lang(COMMENTS_PATH, lang)>{say(lang, "Xem tất cả", "See all")}</a>
                </p>
            </div>
        }
        .into_any()
    } else {
        view! { <ul class="comments">{items}</ul> }.into_any()
    };
    view! {
        <h1>{comments_title(lang)}</h1>
        {done(page.done)}
        {rules(lang)}
        {filter(page)}
        {list}
        {page.next.clone().map(|next| {
            view! {
                <p>
                    <a href=next>{say(lang, "Trang sau", "Next page")}</a>
                </p>
            }
        })}
    }
    .into_any()
}

/// The first words, for who hears the links read out.
fn start_of(body: &str) -> String {
    body.split_whitespace().take(8).collect::<Vec<_>>().join(" ")
}

/// Choices of a field, with one for "any" or "none" before them.
fn options(none: &'static str, mut all: Vec<(String, String)>, chosen: &str) -> AnyView {
    all.insert(0, (String::new(), none.to_owned()));
    super::options(&all, chosen).into_any()
}

fn themes(lang: Lang) -> Vec<(String, String)> {
    Theme::ALL.iter().map(|theme| (theme.word().to_owned(), theme.name(lang).to_owned())).collect()
}

fn states(lang: Lang) -> Vec<(String, String)> {
    Progress::ALL.iter().map(|state| (state.word().to_owned(), state.name(lang).to_owned())).collect()
}

fn select(name: &'static str, label: &'static str, options: AnyView) -> AnyView {
    view! {
        <div class="filter__field">
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

fn filter(page: &CommentsPage) -> AnyView {
    let lang = page.lang;
    let all = say(lang, "tất cả", "all");
    let (theme, state) = (page.theme.map_or("", Theme::word), page.progress.map_or("", Progress::word));
    view! {
        <form class="filter" method="get" action=COMMENTS_PATH>
            {(lang != Lang::Vi).then(|| view! { <input type="hidden" name="lang" value=lang.tag()/> })}
            {(page.agencies.len() > 1)
                .then(|| select("co-quan", say(lang, "Cơ quan", "Agency"), options(all, page.agencies.clone(), &page.agency)))}
            {select("chu-de", say(lang, "Chủ đề", "Subject"), options(all, themes(lang), theme))}
            {select("tinh-trang", say(lang, "Tình trạng", "State"), options(all, states(lang), state))}
            <button class="button button--secondary">{say(lang, "Xem", "Show")}</button>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::one::{CommentFault, CommentPage, Typed, comment_title, comment_view};
    use super::*;
    use crate::domain::comment::Sensitive;
    use crate::domain::ids::{AgencyId, RoundId};

    const EVIL: &str = "</textarea>\"><script>x</script>";

    fn shown(sensitive: Option<Sensitive>) -> Shown {
        let row = CommentRow {
            id: 31,
            round: RoundId(1),
            agency: AgencyId(1),
            months: (24_225, 24_226),
            sensitive,
            masked: true,
            body: EVIL.into(),
            theme: Some(Theme::Place),
            assigned: EVIL.into(),
            progress: Progress::Resolved,
            sentence: EVIL.into(),
        };
        Shown { row, agency: EVIL.into() }
    }

    #[test]
    fn what_people_wrote_is_text_on_both_pages() {
        let list = CommentsPage {
            lang: Lang::Vi,
            comments: vec![shown(None)],
            agencies: vec![(EVIL.into(), EVIL.into()), ("916".into(), "Quận Ninh Kiều".into())],
            agency: EVIL.into(),
            theme: None,
            progress: None,
            next: Some(EVIL.into()),
            done: Some("Đã lưu."),
        };
        let typed = Typed { theme: EVIL.into(), assigned: EVIL.into(), progress: EVIL.into(), sentence: EVIL.into() };
        let one = CommentPage {
            lang: Lang::Vi,
            comment: shown(Some(Sensitive::Corruption)),
            typed,
            fault: Some(CommentFault::Assigned),
            may_see_original: true,
            original: Some(EVIL.into()),
        };
        for html in [comments_view(&list).to_html(), comment_view(&one).to_html()] {
            assert!(!html.contains("<script>x") && !html.contains("</textarea>\""), "{html}");
            assert!(html.contains("tháng 10/2018 đến 11/2018"), "{html}");
        }
        assert!(comment_title(&one).starts_with("Lỗi"));
    }

    #[test]
    fn the_original_is_offered_where_something_is_masked_and_one_may() {
        let page = |may_see_original, masked| {
            let mut comment = shown(None);
            comment.row.masked = masked;
            let typed = Typed::default();
            let page = CommentPage { lang: Lang::En, comment, typed, fault: None, may_see_original, original: None };
            comment_view(&page).to_html().contains("nguyen-van?lang=en")
        };
        assert!(page(true, true) && !page(false, true) && !page(true, false));
    }

    #[test]
    fn an_empty_list_says_when_comments_come() {
        let page = CommentsPage {
            lang: Lang::Vi,
            comments: vec![],
            agencies: vec![],
            agency: String::new(),
            theme: None,
            progress: None,
            next: None,
            done: None,
        };
        let html = comments_view(&page).to_html();
        assert!(html.contains("đủ một lô 5 ý kiến") && !html.contains("co-quan"), "{html}");
    }
}
