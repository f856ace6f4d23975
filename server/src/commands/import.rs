//! `hailong import agencies`: the agencies of a real city from a CSV file, all of it or nothing.

use std::fs;
use std::path::Path;

use app::domain::sheet::SheetFault;
use app::domain::staff_log::Who;
use app::domain::text::Lang;
use app::server_side::agency_sheet;
use app::server_side::clock::Clock;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Imports agencies and prints how many are new, ended and unchanged.
///
/// # Errors
/// [`Failure::Usage`] for a file that cannot be read, and for every row that cannot be used, with line and column.
pub async fn agencies(settings: &Settings, file: &Path) -> Result<Answer, Failure> {
    let place = file.display();
    let bytes = fs::read(file).map_err(|error| Failure::Usage(format!("{place}: {error}")))?;
    let wrong = |faults: &[SheetFault]| {
        let lines: Vec<String> = faults.iter().map(|fault| fault.words(Lang::En)).collect();
        Failure::Usage(format!("{place}: {}", lines.join("\n")))
    };
    let rows = agency_sheet::read(&bytes).map_err(|faults| wrong(&faults))?;
    let store = open::ready(settings, &Clock::System).await?;
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let plan = store.import_agencies(&Who::command("hailong import"), &name, &rows).await?;
    let plan = plan.map_err(|faults| wrong(&faults))?;
    let (new, ended, unchanged) = (plan.new.len(), plan.ended.len(), plan.unchanged);
    print(&format!("agencies new {new} ended {ended} unchanged {unchanged}\n"))?;
    Ok(Answer::Yes)
}
