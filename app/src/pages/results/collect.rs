//! From the cells of the main tally to what the index is computed of: per agency and stream the tallies of its strata,
//! modes added up, and the counts of what is in no figure. Streams are never added up.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::agency::Agency;
use crate::domain::disclosure::moving::{Part, Snapshot, in_index};
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

/// What is hidden in each stream of a round.
pub type Patterns = BTreeMap<Stream, RoundPattern>;

/// What was counted in a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    by_agency: BTreeMap<(AgencyId, Stream), Counted>,
    /// Whose counts are older than their responses.
    held: BTreeSet<(AgencyId, Stream)>,
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
            match (key.standing, in_index(key.stream, key.stratum)) {
                (Standing::Valid, Some(stratum)) => {
                    counted.strata.entry(stratum).and_modify(|sum| sum.merge(tally)).or_insert_with(|| tally.clone());
                }
                (Standing::Valid, None) if key.stratum == StratumId::OUTSIDE => out.outside += tally.n(),
                (Standing::Valid, None) => out.unknown_stratum += tally.n(),
                (Standing::Incomplete, _) => out.incomplete += tally.n(),
                (Standing::Suspect, _) => out.suspect += tally.n(),
                (Standing::Excluded, _) => out.excluded += tally.n(),
                (Standing::Withdrawn, _) => out.withdrawn += tally.n(),
            }
        }
        collected
    }

    /// What may be shown of these counts while they move: of each agency and stream the snapshots whose turn it is
    /// (`domain/disclosure/moving.rs`). What is in no figure is a number without answers: it moves in whole steps, so
    /// that no version of it, and not the frozen one, says how many came since another.
    #[must_use]
    pub fn moving<'a>(
        mut self,
        shown: impl IntoIterator<Item = ((AgencyId, Stream, Part), &'a Snapshot)>,
        step: u32,
    ) -> Self {
        for counted in self.by_agency.values_mut() {
            let left_out = counted.left_out.in_steps(step);
            *counted = Counted { left_out, ..Counted::default() };
        }
        for (key, snapshot) in shown {
            self.put(key, snapshot);
        }
        self
    }

    /// Whether the valid responses of `all` are in these counts, as far as they are shown before a freeze: less than a
    /// `step` of an agency never is, and the rest of the voluntary stream waits for the freeze.
    pub fn has_all_of(&self, all: &Self, step: u32) -> bool {
        let of_whole = all.by_agency.iter().filter(|((_, stream), _)| *stream != Stream::Open);
        let large = |counted: &Counted| counted.strata.values().map(Tally::n).sum::<i64>() >= i64::from(step);
        of_whole
            .filter(|(_, counted)| large(counted))
            .all(|(key, counted)| self.by_agency.get(key).is_some_and(|own| own.strata == counted.strata))
    }

    /// Counts of an agency in the place of those that were found.
    fn put(&mut self, (agency, stream, part): (AgencyId, Stream, Part), snapshot: &Snapshot) {
        let counted = self.by_agency.entry((agency, stream)).or_default();
        match part {
            Part::Valid => counted.strata.clone_from(snapshot.strata()),
            Part::Taps => counted.taps = snapshot.taps(),
        }
    }

    /// The counts of a freeze in which some are those that were shown before, see [`moving::instead`].
    ///
    /// [`moving::instead`]: crate::domain::disclosure::moving::instead
    #[must_use]
    pub fn held<'a>(mut self, held: impl IntoIterator<Item = ((AgencyId, Stream, Part), &'a Snapshot)>) -> Self {
        for (key, snapshot) in held {
            self.put(key, snapshot);
            if key.2 == Part::Valid {
                self.held.insert((key.0, key.1));
            }
        }
        self
    }

    /// Whether the counts of an agency are not those of all its responses, so that the responses must not go out.
    pub fn is_held(&self, agency: AgencyId, stream: Stream) -> bool {
        self.held.contains(&(agency, stream))
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
                if before != now {
                    self.held.insert(key);
                }
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
        // By code: it decides which of two strata of equal size is merged first.
        let code = |s: &&Stratum| {
            let field = s.field.and_then(|field| usize::try_from(field).ok());
            field.and_then(|field| data.round.fields.get(field)).map(|field| field.code.as_str())
        };
        for of_agency in strata.values_mut() {
            of_agency.sort_by(|a, b| code(a).cmp(&code(b)));
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
    fn moving_figures_are_those_whose_turn_it_is_and_what_is_left_out_moves_in_whole_steps() {
        let fixture = Fixture::new();
        let (twelve, nine) = (fixture.tally(&[5; 12]), fixture.tally(&[1; 9]));
        let key = |standing| CellKey { agency: AgencyId(1), stratum: StratumId(1), stream: Stream::Sample, standing };
        let now = Collected::from_cells([(key(Standing::Valid), &twelve), (key(Standing::Suspect), &nine)]);
        let nothing = now.clone().moving([], 5);
        let counted = nothing.counted(AgencyId(1), Stream::Sample).cloned();
        assert_eq!((nothing.n(Stream::Sample), counted.map(|c| c.left_out.suspect)), (0, Some(5)));
        let five = fixture.tally(&[5; 5]);
        let shape = &fixture.shape;
        let five = Snapshot::of(Part::Valid, Stream::Sample, shape, [(StratumId(1), Standing::Valid, &five)]);
        let shown = now.moving([((AgencyId(1), Stream::Sample, Part::Valid), &five)], 5);
        assert_eq!((shown.n(Stream::Sample), shown.is_held(AgencyId(1), Stream::Sample)), (5, false));
    }
}
