//! The N of the lists beside the N of the round: what each would become, agency by agency.

use leptos::prelude::*;

use super::{SAMPLES_PATH, SamplesPage};
use crate::components::number::{count, say};
use crate::components::tables::Scroll;
use crate::domain::text::Lang;
use crate::pages::staff::in_lang;

/// A stratum whose N differs from the list of its agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulationLine {
    /// Key of the stratum.
    pub stratum: i32,
    /// Its name; the whole agency where it is not drawn by field.
    pub name: String,
    /// N in the round.
    pub before: Option<i64>,
    /// N of the list.
    pub after: i64,
}

/// An agency with such strata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopulationAgency {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// Its strata.
    pub strata: Vec<PopulationLine>,
}

/// How a change travels in the form: N before and after.
fn change_text(before: Option<i64>, after: i64) -> String {
    before.map_or_else(|| format!(":{after}"), |before| format!("{before}:{after}"))
}

/// Reads it again.
pub fn change_of(text: &str) -> Option<(Option<i64>, i64)> {
    let (before, after) = text.split_once(':')?;
    let before = if before.is_empty() { None } else { Some(before.parse().ok()?) };
    Some((before, after.parse().ok()?))
}

/// The form; none where nothing differs.
pub(super) fn populations_form(page: &SamplesPage) -> Option<AnyView> {
    let lang = page.lang;
    if page.populations.is_empty() {
        return None;
    }
    let words = say(
        lang,
        "N của các tầng dưới đây khác với danh sách cơ quan nộp. Chỉ số lấy N làm trọng số. Xem từng cơ quan, đánh dấu cơ quan nào lấy N của danh sách; cơ quan không đánh dấu giữ N như cũ.",
        "The N of these strata differ from the lists. The index is weighted by N. Look at each agency and tick those that take the N of their list; the others keep theirs.",
    );
    let rows: Vec<_> = page.populations.iter().map(|agency| rows(agency, lang)).collect();
    Some(
        view! {
            <h2 id="n-cua-tang">{say(lang, "N của các tầng", "N of the strata")}</h2>
            <p class="prose">{words}</p>
            <form method="post" action=in_lang(&format!("{SAMPLES_PATH}/n"), lang)>
                <input type="hidden" name="dot" value=page.code.clone()/>
                <Scroll labelled_by="n-cua-tang">
                    <table class="plain">
                        <thead>
                            <tr>
                                <th scope="col">{say(lang, "Cơ quan", "Agency")}</th>
                                <th scope="col">{say(lang, "Tầng", "Stratum")}</th>
                                <th scope="col" class="num">{say(lang, "N hiện có", "N now")}</th>
                                <th scope="col" class="num">{say(lang, "N của danh sách", "N of the list")}</th>
                                <th scope="col" class="num">{say(lang, "Thay đổi", "Change")}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </Scroll>
                <p class="staff-field">
                    <button class="button">{say(lang, "Lấy N từ danh sách", "Take N from the lists")}</button>
                </p>
            </form>
        }
        .into_any(),
    )
}

fn rows(agency: &PopulationAgency, lang: Lang) -> Vec<AnyView> {
    let span = agency.strata.len();
    let row = |(at, line): (usize, &PopulationLine)| {
        let id = format!("lay-{}", agency.code);
        let choice = (at == 0).then(|| {
            view! {
                <th scope="rowgroup" rowspan=span.to_string()>
                    <input id=id.clone() name="lay" type="checkbox" value=agency.code.clone()/>
                    " "
                    <label for=id>{agency.name.clone()}</label>
                </th>
            }
        });
        let before = line.before.map_or_else(|| say(lang, "chưa có", "none").to_owned(), |n| count(n, lang));
        let change = line.after - line.before.unwrap_or(0);
        let sign = if change < 0 { "−" } else { "+" };
        view! {
            <tr>
                {choice}
                <td>
                    {line.name.clone()}
                    <input
                        type="hidden"
                        name=format!("n-{}", line.stratum)
                        value=change_text(line.before, line.after)
                    />
                </td>
                <td class="num">{before}</td>
                <td class="num">{count(line.after, lang)}</td>
                <td class="num">{format!("{sign}{}", count(change.abs(), lang))}</td>
            </tr>
        }
        .into_any()
    };
    agency.strata.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_travels_and_comes_back() {
        for change in [(Some(5_000), 8), (None, 12), (Some(0), 1)] {
            assert_eq!(change_of(&change_text(change.0, change.1)), Some(change));
        }
        assert_eq!([change_of(""), change_of("5000"), change_of("a:8"), change_of("5000:")], [None; 4]);
    }
}
