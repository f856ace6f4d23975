//! `hailong recount`: do the tallies say what the responses say? Reads one snapshot, beside a running server.

use app::server_side::clock::Clock;

use super::{open, print};
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Counts and prints `responses N pending N differences N`, and a line for each difference.
///
/// # Errors
/// [`Failure::Usage`] when there is no database or its schema is stale.
pub async fn run(settings: &Settings) -> Result<Answer, Failure> {
    let store = open::existing(settings, &Clock::System).await?;
    let recount = store.recount().await?;
    let (responses, pending, differences) = (recount.responses, recount.pending, recount.n_differences());
    let mut text = format!("responses {responses} pending {pending} differences {differences}\n");
    for difference in &recount.differences {
        let cell = &difference.cell;
        text.push_str(&format!(
            "round {} agency {} stratum {} stream {} mode {} standing {}: tally n {}, responses n {}\n",
            cell.round.0,
            cell.agency.0,
            cell.stratum.0,
            cell.stream.word(),
            cell.mode.word(),
            cell.standing.word(),
            difference.tally_n,
            difference.responses_n
        ));
    }
    for difference in &recount.one_way {
        let (said, counted) = (difference.tally_n, difference.responses_n);
        text.push_str(&format!("{}: tally n {said}, responses n {counted}\n", difference.cell));
    }
    print(&text)?;
    Ok(if recount.n_differences() == 0 { Answer::Yes } else { Answer::No })
}
