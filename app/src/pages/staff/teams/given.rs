//! The agencies whose drawn people a team may take. Sở Nội vụ gives them, so that a supervisor cannot take all lists.

use leptos::prelude::*;

use super::choice;
use super::one::{TeamPage, to};
use crate::components::number::say;
use crate::domain::text::Lang;

/// The agencies of a team; for Sở Nội vụ with the forms that change them.
pub(super) fn given(page: &TeamPage) -> AnyView {
    let lang = page.lang;
    let list = if page.given.is_empty() {
        view! {
            <p class="empty">
                {say(
                    lang,
                    "Sở Nội vụ chưa giao cơ quan nào cho đội, nên tổ trưởng chưa chia được danh sách.",
                    "The Department of Home Affairs has given this team no agency yet, so its supervisor has no list to hand out.",
                )}
            </p>
        }
        .into_any()
    } else {
        let rows: Vec<_> = page.given.iter().map(|agency| line(page, agency)).collect();
        view! { <ul>{rows}</ul> }.into_any()
    };
    let more = page.to_give.as_ref().filter(|agencies| !agencies.is_empty()).map(|agencies| {
        view! {
            <form class="staff-form" method="post" action=to(page, "giao")>
                {choice("co-quan", say(lang, "Giao thêm cơ quan", "Give another agency"), agencies)}
                <button class="button button--secondary">{say(lang, "Giao cho đội", "Give to the team")}</button>
            </form>
        }
    });
    view! {
        <h3 id="duoc-giao">{say(lang, "Cơ quan được giao", "Agencies of the team")}</h3>
        {list}
        {more}
    }
    .into_any()
}

fn line(page: &TeamPage, (id, name): &(String, String)) -> AnyView {
    let (lang, words) = (page.lang, say(page.lang, "Thôi giao", "Take away"));
    let take = page.to_give.is_some().then(|| {
        let label = match lang {
            Lang::Vi => format!("Thôi giao {name}"),
            Lang::En => format!("Take away {name}"),
        };
        view! {
            <form method="post" action=to(page, "thoi-giao")>
                <input type="hidden" name="co-quan" value=id.clone()/>
                <button class="linklike" aria-label=label>
                    {words}
                </button>
            </form>
        }
    });
    view! { <li>{name.clone()} {take}</li> }.into_any()
}
