//! `hailong device add`: enrols a tablet or kiosk and prints its token, the only time that it is ever seen.

use app::domain::response::Stream;
use app::domain::staff_log::{Act, Who};
use app::server_side::clock::Clock;
use app::server_side::token;

use super::{open, print};
use crate::agencies;
use crate::config::Settings;
use crate::failure::{Answer, Failure};

/// Longest name of a device, in characters: it stands on a label.
const NAME_CHARS: usize = 80;

/// Enrols a device; the token stands alone on standard output.
///
/// # Errors
/// [`Failure::Usage`] for an empty or overlong name, for a code that no agency, or more than one, has, and for a device
/// of a measured agency that would measure.
pub async fn add(settings: &Settings, name: &str, agency: &str, stream: Stream) -> Result<Answer, Failure> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS || name.chars().any(char::is_control) {
        return Err(Failure::Usage(format!("NAME: write 1 to {NAME_CHARS} characters on one line")));
    }
    let (store, _keys) = open::with_key(settings, &Clock::System).await?;
    let found = agencies::find(&store, agency).await?;
    let agency = found.map_err(|words| Failure::Usage(format!("--agency: {words}")))?;
    let token = token::new().map_err(|_| Failure::System("the system gave no random bytes".to_owned()))?;
    store.add_device(name, agency.id, stream, token::hash(&token)).await?;
    let noted = format!("{} stream {}", agency.code, stream.word());
    store.log(&Who::command("hailong device"), Act::DeviceAdded, name, &noted).await?;
    print(&format!("{token}\n"))?;
    tracing::info!(agency = agency.code, stream = stream.word(), "a device was enrolled");
    Ok(Answer::Yes)
}
