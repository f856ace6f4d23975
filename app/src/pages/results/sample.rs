//! Sample rounds for the tests of this room: the simulated city of 2018, and small ones that can be checked by hand.

use std::sync::Arc;

use super::collect::{CellKey, Collected, RoundData};
use crate::components::page::{FiguresState, Stamp};
use crate::domain::agency::{Agency, Level};
use crate::domain::answer::{Answer, Score, Sheet};
use crate::domain::ids::{AgencyId, RoundId, StratumId};
use crate::domain::method::Method;
use crate::domain::questionnaire::Questionnaire;
use crate::domain::response::{Standing, Stream};
use crate::domain::round::{Round, Stratum};
use crate::domain::tally::{Shape, Tally};
use crate::domain::text::Text;
use crate::server_side::catalogue::Catalogue;
use crate::server_side::city::City;
use crate::server_side::simulate::city_of_2018;

/// 17:30 on 12/11/2018 in Cần Thơ.
pub(in crate::pages) const STAMP: Stamp =
    Stamp { data_until: Some(1_542_018_600_000), frozen_at: None, state: FiguresState::Open { behind: 0 } };

/// The administrative form with its method.
pub(in crate::pages) struct Fixture {
    pub(in crate::pages) questionnaire: Arc<Questionnaire>,
    pub(in crate::pages) method: Arc<Method>,
    pub(in crate::pages) shape: Shape,
}

impl Fixture {
    pub(in crate::pages) fn new() -> Self {
        let catalogue = Catalogue::builtin().expect("the built-in catalogue");
        let questionnaire = catalogue.questionnaire("hanh-chinh-2018", None).expect("the form");
        let method = catalogue.method(&questionnaire.method, None).expect("its method");
        let shape = Shape::new(&questionnaire, &method);
        Self { questionnaire, method, shape }
    }

    /// People who gave every statement the same answer, one figure a person.
    pub(in crate::pages) fn tally(&self, people: &[u8]) -> Tally {
        let mut tally = Tally::zero(&self.shape);
        for figure in people {
            let mut sheet = Sheet::blank(&self.questionnaire);
            sheet.answers.fill(Score::new(*figure).map_or(Answer::NotApplicable, Answer::Score));
            tally.add(&self.shape, &sheet, 1, true);
        }
        tally
    }
}

/// A round with what was counted in it.
pub(in crate::pages) struct Sample {
    pub(in crate::pages) fixture: Fixture,
    pub(in crate::pages) round: Round,
    pub(in crate::pages) strata: Vec<Stratum>,
    pub(in crate::pages) agencies: Vec<Agency>,
    pub(in crate::pages) collected: Collected,
}

impl Sample {
    /// Hands the round to a test.
    pub(in crate::pages) fn with<T>(&self, test: impl FnOnce(&RoundData<'_>) -> T) -> T {
        let agencies: Vec<&Agency> = self.agencies.iter().collect();
        test(&RoundData {
            round: &self.round,
            questionnaire: &self.fixture.questionnaire,
            method: &self.fixture.method,
            shape: &self.fixture.shape,
            strata: &self.strata,
            agencies: &agencies,
        })
    }

    /// The city of 2018 with so many simulated responses.
    pub(in crate::pages) fn city(n_responses: usize) -> Self {
        let fixture = Fixture::new();
        let city = City::load().expect("the city");
        let simulated = city_of_2018(7, n_responses, [3; 32], &city, &fixture.questionnaire, &fixture.method);
        let tallies: Vec<(CellKey, Tally)> = simulated
            .responses()
            .filter(|r| !r.sheet.has_no_form())
            .map(|r| {
                let key = CellKey { agency: r.agency, stratum: r.stratum, stream: r.stream, standing: r.standing };
                (key, Tally::of(&fixture.shape, &r.sheet))
            })
            .collect();
        let collected = Collected::from_cells(tallies.iter().map(|(key, tally)| (*key, tally)));
        let agencies = city.agencies_on(simulated.round.period.1).cloned().collect::<Vec<_>>();
        let in_round = |a: &Agency| simulated.strata.iter().any(|s| s.agency == a.id);
        let agencies = agencies.into_iter().filter(in_round).collect();
        Self { fixture, round: simulated.round, strata: simulated.strata, agencies, collected }
    }

    /// Agencies of one level with one stratum of 100 dossiers each; `people` gives each one's interviewed people.
    pub(in crate::pages) fn small(people: &[&[u8]]) -> Self {
        let fixture = Fixture::new();
        let ids = 1..=i32::try_from(people.len()).unwrap_or(0);
        let agencies = ids
            .clone()
            .map(|id| Agency {
                id: AgencyId(id),
                code: format!("p{id}"),
                name: format!("Phường thứ {id}"),
                kind: "phường".into(),
                level: Level::Commune,
                parent: None,
                valid_from: 0,
                valid_to: None,
                aliases: Vec::new(),
                successors: Vec::new(),
            })
            .collect();
        let strata = ids
            .map(|id| Stratum { id: StratumId(id), agency: AgencyId(id), field: None, population: Some(100) })
            .collect();
        let tallies: Vec<(CellKey, Tally)> = (1..)
            .zip(people)
            .filter(|(_, people)| !people.is_empty())
            .map(|(id, people)| {
                let (agency, stratum) = (AgencyId(id), StratumId(id));
                let key = CellKey { agency, stratum, stream: Stream::Sample, standing: Standing::Valid };
                (key, fixture.tally(people))
            })
            .collect();
        let collected = Collected::from_cells(tallies.iter().map(|(key, tally)| (*key, tally)));
        let round = Round {
            id: RoundId(1),
            code: "thu".into(),
            name: Text { vi: "Đợt thử".into(), en: "Trial round".into() },
            questionnaire: (fixture.questionnaire.key.clone(), 1),
            method: (fixture.method.key.clone(), 1),
            period: (17_532, 17_835),
            opens_at: None,
            closes_at: None,
            fields: Vec::new(),
            step: 1,
            sample_data: true,
        };
        Self { fixture, round, strata, agencies, collected }
    }
}
