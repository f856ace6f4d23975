//! All tables as one JSON document: the answers of `GET /api/v1/results` for the city and for each agency.

use serde::Serialize;

use super::tables::Pages;
use super::{Scope, Source};
use crate::pages::results::json::{AgencyJson, CityJson};

#[derive(Serialize)]
struct Document<'a> {
    /// None where the caller may not see all agencies: totals would say something of the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<CityJson<'a>>,
    agencies: Vec<AgencyJson<'a>>,
}

/// The document.
///
/// # Errors
/// None in practice: it is text and numbers, written into memory.
pub fn document(source: &Source<'_>, scope: Scope<'_>) -> Result<String, serde_json::Error> {
    let pages = Pages::new(source, scope);
    serde_json::to_string(&Document {
        city: pages.sees_all.then(|| CityJson::new(&source.data, &pages.city)),
        agencies: pages.agencies.iter().map(|page| AgencyJson::new(&source.data, page)).collect(),
    })
}
