//! `hailong desks`: every desk with its address, for signs, tests and load generators.

use app::server_side::clock::Clock;
use app::store::DeskContext;
use serde::Serialize;

use super::{open, print};
use crate::cli::ListFormat;
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// One desk, as the JSON form prints it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    code: &'a str,
    agency: &'a str,
    agency_code: &'a str,
    round: &'a str,
    questionnaire: &'a str,
    version: u16,
    url: String,
}

impl<'a> Line<'a> {
    fn of(desk: &'a DeskContext, base_url: &str) -> Self {
        let (questionnaire, version) = &desk.round.round.questionnaire;
        Self {
            code: &desk.desk.code,
            agency: &desk.agency.name,
            agency_code: &desk.agency.code,
            round: &desk.round.round.code,
            questionnaire,
            version: *version,
            url: format!("{base_url}/k/{}", desk.desk.code),
        }
    }
}

/// Prints the desks, those of `hanh-chinh-2018` first.
///
/// # Errors
/// [`Failure::Usage`] when there is no database or its schema is stale.
pub async fn list(settings: &Settings, format: ListFormat) -> Result<Answer, Failure> {
    let store = open::existing(settings, &Clock::System).await?;
    let desks = store.desks().await?;
    let base_url = settings.base_url();
    let lines: Vec<Line<'_>> = desks.iter().map(|desk| Line::of(desk, &base_url)).collect();
    let text = match format {
        ListFormat::Json => {
            let json = serde_json::to_string_pretty(&lines).map_err(|error| Failure::System(error.to_string()))?;
            json + "\n"
        }
        ListFormat::Text => lines.iter().fold(String::new(), |text, line| {
            let Line { url, agency_code, questionnaire, version, agency, .. } = line;
            text + &format!("{url}  {agency_code}  {questionnaire} {version}  {agency}\n")
        }),
    };
    print(&text)?;
    Ok(Answer::Yes)
}
