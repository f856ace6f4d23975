//! From the cells of the main tally to what the index is computed of: per agency and stream the tallies of its strata,
//! modes added up, and the counts of what is in no figure. Streams are never added up.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::agency::Agency;
use crate::domain::disclosure::{self, Pattern, RoundPattern};
use crate::domain::ids::{AgencyId, StratumId};
use crate::domain::index::{self, LeftOut};
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::{Standing, Stream};
use crate::domain::round::{Round, Stratum};
use crate::domain::tally::{Shape, Tally};

/// Which responses a tally counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellKey {
    /// Agency.
    pub agency: AgencyId,
    /// Stratum, outside or unknown.
    pub stratum: StratumId,
    /// Stream.
    pub stream: Stream,
    /// Standing.
    pub standing: Standing,
}

/// What belongs to a round and does not move with its responses.
#[derive(Clone, Copy, Debug)]
pub struct RoundData<'a> {
    /// The round.
    pub round: &'a Round,
    /// Its questionnaire version.
    pub questionnaire: &'a Questionnaire,
    /// Its method version.
    pub method: &'a Method,
    /// The shape of its tallies.
    pub shape: &'a Shape,
    /// Its strata.
    pub strata: &'a [Stratum],
    /// The agencies as they were at the end of its period.
    pub agencies: &'a [&'a Agency],
}

/// What was counted for one agency in one stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Valid responses by stratum.
    pub strata: BTreeMap<StratumId, Tally>,
    /// What is in no figure.
    pub left_out: LeftOut,
    /// One-tap answers 1 to 5, whatever came after them; a question of its own, never in the index.
    pub taps: [i64; 5],
}

impl Counted {
    /// All responses, in a figure or not.
    fn n_all(&self) -> i64 {
        self.strata.values().map(Tally::n).sum::<i64>() + self.left_out.total()
    }
}

/// What is hidden in each stream of a round.
pub type Patterns = BTreeMap<Stream, RoundPattern>;

/// What was counted in a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    by_agency: BTreeMap<(AgencyId, Stream), Counted>,
    /// What is hidden, where a publication has decided it once and for all.
    decided: Patterns,
}

impl Collected {
    /// Collects the cells of one round; several cells of one key (modes) add up.
    pub fn from_cells<'a>(cells: impl IntoIterator<Item = (CellKey, &'a Tally)>) -> Self {
        let mut collected = Self::default();
        for (key, tally) in cells {
            let counted = collected.by_agency.entry((key.agency, key.stream)).or_default();
            if matches!(key.standing, Standing::Valid | Standing::Incomplete) {
                counted.taps.iter_mut().zip(tally.taps()).for_each(|(sum, n)| *sum += n);
            }
            let out = &mut counted.left_out;
            // Nobody drew the voluntary stream and nothing in it is weighted: it has one cell an agency, whatever the field.
            let stratum = match (key.stream, key.stratum) {
                (Stream::Open, stratum) if stratum != StratumId::OUTSIDE => StratumId::WHOLE,
                (_, stratum) => stratum,
            };
            match (key.standing, stratum) {
                (Standing::Valid, StratumId::OUTSIDE) => out.outside += tally.n(),
                (Standing::Valid, StratumId::UNKNOWN) => out.unknown_stratum += tally.n(),
                (Standing::Valid, stratum) => {
                    counted.strata.entry(stratum).and_modify(|sum| sum.merge(tally)).or_insert_with(|| tally.clone());
                }
                (Standing::Incomplete, _) => out.incomplete += tally.n(),
                (Standing::Suspect, _) => out.suspect += tally.n(),
                (Standing::Excluded, _) => out.excluded += tally.n(),
                (Standing::Withdrawn, _) => out.withdrawn += tally.n(),
            }
        }
        collected
    }

    /// Moving figures: an agency's counts are shown anew only when at least `step` responses have come (or gone) since
    /// those that were `shown`, so that nobody reads one answer off two pages.
    #[must_use]
    pub fn stepped(mut self, shown: &Self, step: u32) -> Self {
        if step <= 1 {
            // Every change shows, also one that leaves the number as it was.
            return self;
        }
        for (key, counted) in &mut self.by_agency {
            let before = shown.by_agency.get(key);
            let from = before.map_or(0, Counted::n_all);
            if !disclosure::may_replace(from, counted.n_all(), step) {
                *counted = before.cloned().unwrap_or_default();
            }
        }
        self
    }

    /// The counts of a correction beside those that were `published`: an agency's are issued anew only where at least
    /// `step` valid responses came or went, so that nobody reads one answer off two publications.
    #[must_use]
    pub fn reissued(mut self, published: &Self, step: u32) -> Self {
        if step <= 1 {
            return self;
        }
        let keys: BTreeSet<_> = self.by_agency.keys().chain(published.by_agency.keys()).copied().collect();
        let valid = |counted: Option<&Counted>| counted.map_or(0, |c| c.strata.values().map(Tally::n).sum::<i64>());
        for key in keys {
            let (before, now) = (published.by_agency.get(&key), self.by_agency.get(&key));
            if !disclosure::may_replace(valid(before), valid(now), step) {
                self.by_agency.insert(key, before.cloned().unwrap_or_default());
            }
        }
        self
    }

    /// With what is hidden decided already.
    #[must_use]
    pub fn decided(self, decided: Patterns) -> Self {
        Self { decided, ..self }
    }

    /// What is hidden in a stream, where that was decided before.
    pub fn pattern(&self, stream: Stream) -> Option<&Pattern> {
        self.decided.get(&stream).map(|pattern| &pattern.figures)
    }

    /// Valid responses of the population in a stream.
    pub fn n(&self, stream: Stream) -> i64 {
        let of_stream = self.by_agency.iter().filter(|((_, s), _)| *s == stream);
        of_stream.flat_map(|(_, counted)| counted.strata.values()).map(Tally::n).sum()
    }

    /// What was counted for an agency in a stream.
    pub fn counted(&self, agency: AgencyId, stream: Stream) -> Option<&Counted> {
        self.by_agency.get(&(agency, stream))
    }

    /// The agencies of a round in one stream as the index takes them: each with its strata, those without responses too.
    /// `zero` is a tally of nothing.
    pub fn of_stream<'a>(&'a self, data: &RoundData<'_>, stream: Stream, zero: &'a Tally) -> Vec<index::Agency<'a>> {
        let mut strata: BTreeMap<AgencyId, Vec<&Stratum>> = BTreeMap::new();
        for stratum in data.strata {
            strata.entry(stratum.agency).or_default().push(stratum);
        }
        let agency = |agency: &&Agency| {
            let counted = self.counted(agency.id, stream);
            let of_agency = strata.get(&agency.id).map_or(&[][..], Vec::as_slice);
            let whole = || index::Stratum {
                id: StratumId::WHOLE,
                population: of_agency.iter().map(|s| s.population).sum(),
                tally: counted.and_then(|c| c.strata.get(&StratumId::WHOLE)).unwrap_or(zero),
            };
            index::Agency {
                id: agency.id,
                strata: if stream == Stream::Open {
                    vec![whole()]
                } else {
                    of_agency
                        .iter()
                        .map(|s| index::Stratum {
                            id: s.id,
                            population: s.population,
                            tally: counted.and_then(|c| c.strata.get(&s.id)).unwrap_or(zero),
                        })
                        .collect()
                },
                left_out: counted.map(|c| c.left_out).unwrap_or_default(),
            }
        };
        data.agencies.iter().map(agency).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::Fixture;
    use super::*;

    #[test]
    fn modes_add_up_streams_and_standings_stay_apart() {
        let fixture = Fixture::new();
        let five = fixture.tally(&[5, 5, 4, 4, 3]);
        let key =
            |stream, standing, stratum| CellKey { agency: AgencyId(1), stratum: StratumId(stratum), stream, standing };
        let collected = Collected::from_cells([
            (key(Stream::Sample, Standing::Valid, 1), &five),
            (key(Stream::Sample, Standing::Valid, 1), &five),
            (key(Stream::Open, Standing::Valid, 1), &five),
            (key(Stream::Open, Standing::Valid, 0), &five),
            (key(Stream::Open, Standing::Valid, -1), &five),
            (key(Stream::Open, Standing::Suspect, 1), &five),
        ]);
        assert_eq!((collected.n(Stream::Sample), collected.n(Stream::Open)), (10, 10));
        let left_out = collected.counted(AgencyId(1), Stream::Open).map(|c| c.left_out);
        assert_eq!(left_out, Some(LeftOut { suspect: 5, outside: 5, ..LeftOut::default() }));
    }

    #[test]
    fn figures_move_only_in_steps() {
        let fixture = Fixture::new();
        let at = |answers: &[u8]| {
            let key =
                CellKey { agency: AgencyId(1), stratum: StratumId(1), stream: Stream::Open, standing: Standing::Valid };
            Collected::from_cells([(key, &fixture.tally(answers))])
        };
        let nothing = Collected::default();
        let four = at(&[5; 4]).stepped(&nothing, 5);
        assert_eq!(four.n(Stream::Open), 0);
        let five = at(&[5; 5]).stepped(&four, 5);
        assert_eq!(five.n(Stream::Open), 5);
        assert_eq!(at(&[5; 9]).stepped(&five, 5), five);
        assert_eq!(at(&[5; 6]).stepped(&five, 1).n(Stream::Open), 6);
    }
}
