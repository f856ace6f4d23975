//! The first look of Sở Nội vụ at a round that takes no answers any more: what was held back in steps is shown, once nothing
//! is under way that would come too late for it.

use app::domain::role::Publish;
use app::server_side::guard::Actor;
use app::store::{StoreError, Unfinished};

use crate::routes::results::{Current, Tools};
use crate::state::AppState;

/// Shows the rest of a closed round; says whether its figures moved. Paper forms that are keyed and records that tablets
/// hold would arrive a few at a time after it, and fewer than a step of them would be left out of the freeze: so these come
/// first.
pub(super) async fn show_rest(
    state: &AppState,
    tools: &Tools,
    actor: &Actor,
    current: &Current,
) -> Result<bool, StoreError> {
    let Some(may) = actor.may::<Publish>() else { return Ok(false) };
    if !tools.tries_rest(current, state.clock.now_ms()) {
        return Ok(false);
    }
    let round = current.context.round.id;
    let Unfinished { paper, on_tablets, .. } = state.store.unfinished(&may, round).await?;
    if paper > 0 || on_tablets > 0 {
        return Ok(false);
    }
    state.store.show_rest(&may, round).await
}
