//! Long pages: the list of their parts, and parts that are folded on a screen and open on paper.

use leptos::prelude::*;

use super::number::say;
use crate::domain::text::Lang;

/// The parts of a page as links: id and name of each.
#[component]
pub fn Contents(parts: Vec<(&'static str, &'static str)>, lang: Lang) -> impl IntoView {
    let link = |(id, name): (&'static str, &'static str)| {
        view! {
            <li>
                <a href=format!("#{id}")>{name}</a>
            </li>
        }
    };
    view! {
        <nav class="contents" aria-label=say(lang, "Trên trang này", "On this page")>
            <ul>{parts.into_iter().map(link).collect_view()}</ul>
        </nav>
    }
}

/// A part that is folded until somebody wants it; a print opens it. `id` is that of its name, for what it holds to be
/// named by.
#[component]
pub fn Fold(id: String, name: String, note: String, children: Children) -> impl IntoView {
    view! {
        <details class="fold">
            <summary>
                <span class="fold__name" id=id>
                    {name}
                </span>
                " "
                <span class="fold__note">{note}</span>
            </summary>
            {children()}
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_folded_is_on_the_page_all_the_same() {
        let html = view! {
            <Fold id="thang".to_owned() name="Tháng".to_owned() note="10 nhóm".to_owned()>
                <p>"94,56%"</p>
            </Fold>
        }
        .to_html();
        assert!(html.starts_with("<details") && !html.contains(" open") && html.contains("94,56%"), "{html}");
        assert!(html.contains(r#"id="thang""#), "{html}");
    }

    #[test]
    fn every_part_has_a_link_that_leads_to_it() {
        let html = view! { <Contents parts=vec![("yeu-to", "Các yếu tố")] lang=Lang::Vi/> }.to_html();
        assert!(html.contains(r##"href="#yeu-to""##) && html.contains("Trên trang này"), "{html}");
    }
}
