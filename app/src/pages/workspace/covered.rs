//! What of a round somebody may see, and a round with its counts.

use std::collections::{BTreeSet, HashMap};

use crate::components::page::Stamp;
use crate::domain::agency::Agency;
use crate::domain::ids::AgencyId;
use crate::domain::response::Stream;
use crate::domain::role::Scope;
use crate::pages::results::city_model::heading;
use crate::pages::results::collect::{Collected, RoundData};
use crate::pages::results::model::{Count, Heading};
use crate::pages::results::query::Query;

/// The agencies that somebody may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    ids: BTreeSet<AgencyId>,
    root: Option<AgencyId>,
    whole: bool,
}

impl Covered {
    /// The agencies of a scope, among all that were ever known.
    pub fn of(scope: &Scope, known: &HashMap<AgencyId, Agency>) -> Self {
        let root = match scope {
            Scope::Subtree(root) => Some(*root),
            Scope::Sector { lead, .. } => Some(*lead),
            _ => None,
        };
        let ids = scope.agencies(known).into_iter().map(|a| a.id).collect();
        Self { ids, root, whole: matches!(scope, Scope::City) }
    }

    /// Whether an agency is among them.
    pub fn holds(&self, agency: AgencyId) -> bool {
        self.ids.contains(&agency)
    }

    /// The same agencies, for a round that measures no others: what is summed over the round is theirs.
    #[must_use]
    pub fn seeing_all(self) -> Self {
        Self { whole: true, ..self }
    }

    /// All of the city, or all of the round, so that sums over agencies may be shown.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The agency that the scope begins with; none for the whole city.
    pub fn root(&self) -> Option<AgencyId> {
        self.root
    }

    /// Whether a round measures any of them.
    pub fn meets<'a>(&self, agencies: impl IntoIterator<Item = &'a AgencyId>) -> bool {
        agencies.into_iter().any(|id| self.holds(*id))
    }
}

/// Who reads, and what the city is.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// All agencies that were ever known.
    pub known: &'a HashMap<AgencyId, Agency>,
    /// What may be seen.
    pub covered: &'a Covered,
    /// The name of what all agencies belong to.
    pub place: &'a str,
}

/// A round with what is shown of it now.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The round.
    pub data: RoundData<'a>,
    /// What was counted, held back in steps.
    pub collected: &'a Collected,
    /// What the figures stand on.
    pub stamp: Stamp,
}

impl Seen<'_> {
    /// What a page says of the round. Who does not see the whole city is told which streams there are, and no sums.
    pub(super) fn heading(&self, query: &Query, covered: &Covered) -> Heading {
        let mut heading = heading(&self.data, self.collected, self.stamp, query);
        if covered.is_whole() {
            return heading;
        }
        let counted = |stream: Stream| {
            let of_scope = self.data.agencies.iter().filter(|a| covered.holds(a.id));
            of_scope.filter_map(|a| self.collected.counted(a.id, stream)).any(|c| c.strata.values().any(|t| t.n() > 0))
        };
        heading.streams = Stream::ALL.iter().filter(|s| counted(**s)).map(|stream| (*stream, Count::Hidden)).collect();
        let asked = query.stream.filter(|asked| heading.streams.iter().any(|(s, _)| s == asked));
        heading.stream = asked.or(heading.streams.first().map(|(s, _)| *s)).unwrap_or(Stream::Sample);
        heading
    }
}
