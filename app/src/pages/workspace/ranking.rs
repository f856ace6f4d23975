//! `/quan-tri/xep-hang`: the ranking of the round, of which only the agencies in the scope are listed.

use leptos::prelude::*;

use super::parts::{heading, rounds, streams};
use super::{Covered, ROOM, Seen, address};
use crate::components::charts::ChartPatterns;
use crate::components::number::say;
use crate::domain::text::Lang;
use crate::pages::results::city_model::ranked_page;
use crate::pages::results::model::CityPage;
use crate::pages::results::parts::{Basis, HiddenNote};
use crate::pages::results::query::Query;
use crate::pages::results::ranking::ranking;

/// Makes the page: the agencies of the scope with their ranks in the whole round; nothing is added up.
pub fn ranking_page(now: &Seen<'_>, covered: &Covered, query: &Query) -> CityPage {
    let heading = now.heading(query, covered);
    ranked_page(&now.data, now.collected, heading, ROOM, &|agency| covered.holds(agency), false)
}

/// The title of the page.
pub fn ranking_title(lang: Lang) -> &'static str {
    say(lang, "Xếp hạng", "Ranking")
}

/// The page. `whole`: the scope is the city.
pub fn ranking_view(page: &CityPage, all_rounds: &[(String, String)], round: &str, whole: bool) -> AnyView {
    let lang = page.heading.query.lang;
    let scope = (!whole).then(|| {
        say(
            lang,
            "Bảng chỉ gồm cơ quan thuộc phạm vi của Ông/Bà; thứ hạng tính trên mọi cơ quan cùng cấp trong đợt.",
            "Only agencies in your scope are listed; ranks are among all agencies of the level in the round.",
        )
    });
    view! {
        <div class="city">
            <ChartPatterns/>
            {heading(&page.heading, ranking_title(lang).to_owned(), None)}
            {rounds(&page.heading, all_rounds, round, address::RANKING)}
            {streams(&page.heading, address::RANKING)}
            {scope.map(|words| view! { <p class="prose">{words}</p> })}
            {ranking(page)}
            {page.hides_something.then(|| view! { <HiddenNote lang=lang/> })}
            <Basis heading=page.heading.clone()/>
        </div>
    }
    .into_any()
}
