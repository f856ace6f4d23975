//! The pages that tables are made of, cut to a scope.

use crate::pages::results::agency_model::agency_page;
use crate::pages::results::city_model::city_page;
use crate::pages::results::model::{AgencyPage, CityPage};
use crate::pages::results::query::Query;
use crate::server_side::export::{Scope, Source};

/// The pages that tables are made of.
#[derive(Debug)]
pub struct Pages {
    /// The city, with the agencies in scope alone.
    pub city: CityPage,
    /// The agencies in scope, in the order of the round.
    pub agencies: Vec<AgencyPage>,
    /// All agencies of the round are in scope, so that totals may be shown.
    pub sees_all: bool,
}

impl Pages {
    /// Makes the pages.
    pub fn new(source: &Source<'_>, scope: Scope<'_>) -> Self {
        let Source { data, collected, stamp, query } = source;
        let query = Query { lang: query.lang, round: query.round.clone(), stream: query.stream, ..Query::default() };
        let seen = data.agencies.iter().filter(|agency| scope(agency.id));
        let codes: Vec<&str> = seen.map(|agency| agency.code.as_str()).collect();
        let sees_all = codes.len() == data.agencies.len();
        let mut city = city_page(data, collected, *stamp, &query);
        if !sees_all {
            city.headline = None;
            city.levels.clear();
            for group in &mut city.groups {
                group.lines.retain(|line| codes.contains(&line.code.as_str()));
            }
            city.groups.retain(|group| !group.lines.is_empty());
        }
        let page = |code: &&str| agency_page(data, collected, *stamp, &query, code);
        Self { city, agencies: codes.iter().filter_map(page).collect(), sees_all }
    }
}
